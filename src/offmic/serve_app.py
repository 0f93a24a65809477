"""The HTTP side of `offmic serve`; it must answer no request that another site could have sent.

Host is checked on every request (DNS rebinding), Origin on the one that does something. No answer
carries a CORS header.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from aiohttp import web

from offmic.delivery.envelope import EnvelopeError, decode_key
from offmic.serve_token import make_token, page_url, sfu_sources
from offmic.serve_visitor import COOKIE, COOKIE_LIFE_S, Reception, is_tab

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Handler

    from offmic.serve_page import PageFile
    from offmic.serve_visitor import Visitor
    from offmic.settings import Settings

_ROOM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LARGEST_REQUEST_BYTES: Final = 4096
_LONGEST_PASSWORD: Final = 1024
_RETRY_AFTER_S: Final = 60


def build_app(
    settings: Settings, page: dict[str, PageFile], origins: frozenset[str]
) -> web.Application:
    """Make the application.

    Args:
        settings: the SFU's address and keys, the agent's name, the password.
        page: the page's files by path.
        origins: the addresses under which browsers may use it, scheme and host.
    """
    desk = _TokenDesk(settings, origins)
    hosts = frozenset(urlsplit(origin).netloc for origin in origins)
    app = web.Application(middlewares=[_check_host(hosts)], client_max_size=_LARGEST_REQUEST_BYTES)
    app.on_response_prepare.append(_add_headers(_policy(settings)))
    app.router.add_get("/health", _health)
    app.router.add_post("/token", desk.post)
    for path, file in page.items():
        app.router.add_get(path, _file_handler(file))
    return app


class _TokenDesk:
    """`POST /token`: gives the page's caller a token for one room."""

    def __init__(self, settings: Settings, origins: frozenset[str]) -> None:
        self._settings = settings
        self._origins = origins
        self._reception = Reception(settings.livekit_api_secret, settings.serve_password)

    async def post(self, request: web.Request) -> web.Response:
        """Answer a request for a token; docs/token-endpoint.md says what stands in both."""
        if request.headers.get("Origin") not in self._origins:
            return _refuse(403, "this page is served under another address")
        if request.content_type != "application/json":
            return _refuse(415, "send JSON")
        asked = _read(await request.read())
        if asked is None:
            return _refuse(400, 'send {"tab": 22 characters, "key", "room", "password": optional}')
        visitor = self._reception.read_cookie(request.cookies.get(COOKIE, ""))
        if visitor is None:
            if (refusal := self._refusal(asked.get("password"))) is not None:
                return refusal
            visitor = self._reception.welcome()
        return self._admit(request, visitor, asked)

    def _refusal(self, password: str | None) -> web.Response | None:
        if not self._reception.asks_for_password:
            return None
        if password is None:
            return _refuse(401, "a password is needed")
        if self._reception.is_closed:
            return _refuse(429, "too many wrong passwords: try again in a minute")
        return (
            None if self._reception.admits(password) else _refuse(401, "that is not the password")
        )

    def _admit(self, request: web.Request, visitor: Visitor, asked: dict[str, str]) -> web.Response:
        tab = asked["tab"]
        identity = self._reception.identity(visitor, tab)
        room = asked.get("room") or self._reception.room(visitor, tab)
        answer = {
            "url": page_url(self._settings),
            "token": make_token(self._settings, room, identity, asked.get("key")),
            "identity": identity,
            "room": room,
        }
        response = web.json_response(answer, headers={"Cache-Control": "no-store"})
        response.set_cookie(
            COOKIE,
            self._reception.write_cookie(visitor),
            max_age=COOKIE_LIFE_S,
            path="/token",
            httponly=True,
            samesite="Strict",
            secure=request.headers["Origin"].startswith("https:"),
        )
        return response


def _read(body: bytes) -> dict[str, str] | None:
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(asked, dict) or not all(isinstance(v, str) for v in asked.values()):
        return None
    return asked if _is_request(asked) else None


def _is_request(asked: dict[str, str]) -> bool:
    if not asked.keys() <= {"tab", "key", "room", "password"} or not is_tab(asked.get("tab", "")):
        return False
    if "room" in asked and not _ROOM.fullmatch(asked["room"]):
        return False
    if len(asked.get("password", "")) > _LONGEST_PASSWORD:
        return False
    try:
        decode_key(asked["key"]) if "key" in asked else None
    except EnvelopeError:
        return False
    return True


def _refuse(status: int, problem: str) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    if status == 429:
        headers["Retry-After"] = str(_RETRY_AFTER_S)
    return web.json_response({"error": problem}, status=status, headers=headers)


async def _health(_: web.Request) -> web.Response:
    return web.Response(text="ok\n", headers={"Cache-Control": "no-store"})


def _file_handler(file: PageFile) -> Callable[[web.Request], Awaitable[web.Response]]:
    keep = "public, max-age=31536000, immutable" if file.is_immutable else "no-cache"

    async def get(_: web.Request) -> web.Response:
        response = web.Response(
            body=file.content,
            content_type=file.media_type,
            charset="utf-8" if file.media_type.startswith("text/") else None,
            headers={"Cache-Control": keep},
        )
        response.enable_compression()
        return response

    return get


def _check_host(hosts: frozenset[str]) -> Any:
    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        # A name that somebody made point here would be another origin's way in.
        if request.headers.get("Host", "").lower() not in hosts:
            return _refuse(421, "this page is served under another address")
        return await handler(request)

    return check


def _policy(settings: Settings) -> str:
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": " ".join(["'self'", *sfu_sources(settings)]),
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


def _add_headers(policy: str) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    headers = {
        "Content-Security-Policy": policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), display-capture=()",
        "Referrer-Policy": "no-referrer",
        "Server": "offmic",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }

    async def add(_: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(headers)

    return add
