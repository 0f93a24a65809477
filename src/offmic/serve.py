"""`offmic serve`: the web page and its token endpoint; it must never be open to others unasked.

Loopback alone by default. Whoever lets others in has to set a password first.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ipaddress
import signal
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from offmic.errors import OffmicError
from offmic.setting_values import is_loopback

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator

    from aiohttp import web

    from offmic.settings import Settings

LOOPBACK: Final = "127.0.0.1"
USUAL_PORT: Final = 8080
_ANY_PORT: Final = 0
_OWN_NAMES: Final = (LOOPBACK, "localhost", "[::1]")


class ServeError(OffmicError):
    """The page cannot be served as it was asked."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the page is served, and under which addresses browsers may ask for it.

    Args:
        host: the address to listen on.
        port: in 0 to 65535; 0 for any free one, None for the usual one or else any free one.
        origin: the address at which browsers elsewhere see the page, such as
            `https://desk.example.org`; None where there are none.
    """

    host: str = LOOPBACK
    port: int | None = None
    origin: str | None = None

    @property
    def is_private(self) -> bool:
        """Whether this machine alone can reach it."""
        return is_loopback(self.host) and self.origin is None

    def origins(self, port: int) -> frozenset[str]:
        """Return what a browser may say in `Origin`; the rest of each is what `Host` may be."""
        own = {f"http://{name}:{port}" for name in (*_OWN_NAMES, _shown(self.host))}
        return frozenset(own | ({self.origin} if self.origin else set()))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `offmic serve` takes."""
    parser.add_argument(
        "--host", type=_address, default=LOOPBACK, help=f"the address to listen on ({LOOPBACK})"
    )
    parser.add_argument(
        "--port", type=_port, help=f"the port; 0 for any free one ({USUAL_PORT}, or any free one)"
    )
    parser.add_argument(
        "--origin",
        type=_origin,
        metavar="URL",
        help="the address at which others see the page: https://HOST, of the TLS proxy before it",
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until a signal comes.

    Raises:
        OffmicError: a setting, the place or the page's files are wrong.
    """
    from offmic.settings import load_settings  # late: `offmic --help` needs none of it

    place = Place(arguments.host, arguments.port, arguments.origin)
    asyncio.run(_until_signal(load_settings(), place))
    return 0


@asynccontextmanager
async def serving(settings: Settings, place: Place) -> AsyncIterator[str]:
    """Serve the page for the length of a `with` block; yields its address.

    Args:
        settings: the SFU's address and keys, the agent's name, the password.
        place: where.

    Raises:
        ServeError: others could reach it without a password, or the port is taken.
        MissingPartError: the page was not built.
    """
    from aiohttp import web  # late: as above

    from offmic.serve_app import build_app
    from offmic.serve_page import load_page

    _check(settings, place)
    page = load_page()
    listener = _listen(place)
    port: int = listener.getsockname()[1]
    app = build_app(settings, page, place.origins(port))
    runner = web.AppRunner(app, access_log=None)
    try:
        await runner.setup()
        site: web.SockSite = web.SockSite(runner, listener)
        await site.start()
        yield place.origin or f"http://{_shown(place.host)}:{port}"
    finally:
        await runner.cleanup()
        listener.close()


async def _until_signal(settings: Settings, place: Place) -> None:
    signalled = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, signalled.set)
    async with serving(settings, place) as address:
        sys.stdout.write(f"offmic: the page is at {address}\n")
        sys.stdout.flush()
        await signalled.wait()


def _check(settings: Settings, place: Place) -> None:
    if not is_loopback(place.host) and place.origin is None:
        raise ServeError(
            "browsers on other machines need HTTPS, for the microphone and for opening secrets: "
            "put a TLS proxy before it and name its address with --origin https://HOST"
        )
    if not place.is_private and not settings.serve_password:
        raise ServeError(
            "others could reach the page: set OFFMIC_SERVE_PASSWORD, which it will ask them for, "
            "or serve it on this machine alone, without --host and --origin"
        )


def _listen(place: Place) -> socket.socket:
    import socket  # late: as above

    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    wanted = (USUAL_PORT, _ANY_PORT) if place.port is None else (place.port,)
    for port in wanted:
        with contextlib.suppress(OSError):
            return socket.create_server((place.host, port), family=family)
    raise ServeError(
        f"nothing can listen at {_shown(place.host)}:{wanted[-1]}: stop what uses that port, or "
        "name another address with --host and --port (0 for any free port)"
    )


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address("127.0.0.1" if text == "localhost" else text))
    except ValueError:
        raise argparse.ArgumentTypeError(
            "must be an IP address of this machine, such as 127.0.0.1 or 0.0.0.0"
        ) from None


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError("must be a whole number from 0 (any) to 65535")
    return int(text)


def _origin(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username or parts.path.strip("/") or parts.query or parts.fragment:
        raise argparse.ArgumentTypeError("must be https://HOST or https://HOST:PORT")
    netloc = parts.netloc.lower()
    return f"https://{netloc.removesuffix(':443')}"
