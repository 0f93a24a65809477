"""A first look at the SFU before anything starts; it must take seconds, and never retry."""

from __future__ import annotations

import json
import socket
import ssl
import urllib.error
import urllib.request
from datetime import timedelta
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from offmic.errors import ServerRefusedError, ServerUnreachableError

if TYPE_CHECKING:
    from offmic.settings import Settings

TIMEOUT_S: Final = 3.0
_LIST_ROOMS: Final = "/twirp/livekit.RoomService/ListRooms"
_REFUSALS: Final = (b"invalid token", b"invalid API key", b"invalid authorization")
_MOST_ANSWER_BYTES: Final = 1 << 20


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token is for the server that was named, not for where that one points."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


def check_server(settings: Settings, timeout_s: float = TIMEOUT_S) -> None:
    """Make sure that a LiveKit server is there and takes the key and secret.

    Args:
        settings: the checked settings.
        timeout_s: how long the server may take to answer, in seconds.

    Raises:
        ServerUnreachableError: nothing answers there.
        ServerRefusedError: it is something else, or refuses the key; one line with the mend.
    """
    status, body = _ask(settings, timeout_s)
    if status in (401, 403) and _is_refusal(body):
        raise ServerRefusedError(
            f"the LiveKit server at {_shown(settings)} refuses the key: check LIVEKIT_API_KEY and "
            "LIVEKIT_API_SECRET against that server's configuration (and the clock of this machine)"
        )
    if status != 200 or not _is_object(body):
        raise ServerRefusedError(
            f"what answers at {_shown(settings)} is not a LiveKit server: "
            "mend LIVEKIT_URL, or stop what uses that port"
        )


def is_listening(settings: Settings, timeout_s: float = TIMEOUT_S) -> bool:
    """Tell whether anything takes TCP connections where the SFU should be."""
    host, port = server_address(settings)
    try:
        socket.create_connection((host, port), timeout_s).close()
    except OSError:
        return False
    return True


def server_address(settings: Settings) -> tuple[str, int]:
    """Return host and port of the SFU."""
    parts = urlsplit(settings.livekit_url)
    secure = parts.scheme in {"wss", "https"}
    return parts.hostname or "", parts.port or (443 if secure else 80)


def _ask(settings: Settings, timeout_s: float) -> tuple[int, bytes]:
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if settings.is_local_server:
        handlers.append(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(  # noqa: S310 - the settings allow ws and http schemes alone
        _http_url(settings),
        data=b"{}",
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {_token(settings)}"},
    )
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=timeout_s) as answer:
            return answer.status, answer.read(_MOST_ANSWER_BYTES)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(_MOST_ANSWER_BYTES)
    except HTTPException:
        return 0, b""
    except OSError as error:  # URLError, refused, unknown host, timeout, reset
        reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLError):
        return 0, b""
    raise ServerUnreachableError(
        f"no LiveKit server answers at {_shown(settings)}: {_mend(settings)}"
    )


def _mend(settings: Settings) -> str:
    if settings.is_local_server:
        return "start everything with `make run`, or `livekit-server --config livekit.yaml` alone"
    return "check LIVEKIT_URL and the network, or leave LIVEKIT_URL unset and use `make run`"


def _token(settings: Settings) -> str:
    from livekit import api  # late: it takes half a second, and only this function needs it

    token = api.AccessToken(settings.livekit_api_key, settings.livekit_api_secret)
    grants = api.VideoGrants(room_list=True)
    return token.with_grants(grants).with_ttl(timedelta(minutes=1)).to_jwt()


def _http_url(settings: Settings) -> str:
    parts = urlsplit(settings.livekit_url)
    scheme = "https" if parts.scheme in {"wss", "https"} else "http"
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}{_LIST_ROOMS}"


def _shown(settings: Settings) -> str:
    # Without what may stand before an @ or after a question mark.
    parts = urlsplit(settings.livekit_url)
    host, _ = server_address(settings)
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


def _is_refusal(body: bytes) -> bool:
    # livekit-server v1.13 answers in words where the token is wrong, in twirp's JSON otherwise.
    return body.startswith(_REFUSALS) or (_is_object(body) and "code" in json.loads(body))
