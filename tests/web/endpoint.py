"""A page with nothing on it and its token endpoint, asked as a browser asks."""

from __future__ import annotations

import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from offmic.serve import Place, serving
from offmic.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

PASSWORD: Final = "a-password-of-the-page"
KEYS: Final = {"LIVEKIT_API_KEY": "devkey", "LIVEKIT_API_SECRET": "s" * 32}
KEY: Final = "B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9_AsrhtHHw"


def tab_name() -> str:
    """Return what a new tab calls itself."""
    return secrets.token_urlsafe(16)


@dataclass
class Endpoint:
    """A served page.

    Args:
        address: where it is.
        http: a client with the cookies of one browser.
    """

    address: str
    http: aiohttp.ClientSession

    async def ask(
        self, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Ask for a token.

        Args:
            body: what is sent as JSON; a new tab's name where it is None.
            headers: instead of those of a browser.
        """
        sent = {"tab": tab_name()} if body is None else body
        given = {"Origin": self.address} if headers is None else headers
        async with self.http.post(f"{self.address}/token", json=sent, headers=given) as answer:
            content = await answer.json() if answer.content_type == "application/json" else None
            return answer.status, content


@asynccontextmanager
async def endpoint(
    settings: Mapping[str, str] | None = None, place: Place | None = None
) -> AsyncIterator[Endpoint]:
    """Serve a page on loopback for the length of a `with` block.

    Args:
        settings: beside the keys of an SFU that need not exist.
        place: where; any free port of this machine unless given.
    """
    made = load_settings({**KEYS, **(settings or {})}, dotenv=None)
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address without a name
    async with (
        serving(made, place or Place(port=0)) as address,
        aiohttp.ClientSession(cookie_jar=jar) as http,
    ):
        yield Endpoint(address, http)
