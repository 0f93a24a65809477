"""Headless Chromium with a spoken WAV as its microphone; it must never outlive its test."""

from __future__ import annotations

import asyncio
import shutil
import wave
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

import numpy as np
from playwright.async_api import async_playwright, expect

from tests.fakes.voices import speak

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request

PICTURES: Final = Path(__file__).resolve().parents[2] / "build" / "page"
"""Each run keeps its own; docs/images holds two of them."""
THEMES: Final[tuple[Literal["dark"], Literal["light"]]] = ("dark", "light")
WAIT_MS: Final = 90_000
_LEAD_S: Final = 3.0
_LOOPBACK: Final = {"127.0.0.1", "localhost", "[::1]", "::1"}
_UNTOUCHED: Final = "The AudioContext was not allowed to start"
"""What Chromium writes of every page that has sound and was not touched yet, after a reload."""
_BLOCKED: Final = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""


@dataclass
class Tab:
    """One tab, and all that it asked for and wrote to its console.

    Args:
        page: the tab.
        address: of the page.
    """

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("request", self._on_request)
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.console.append(str(error)))

    @property
    def strangers(self) -> list[str]:
        """What it asked of anything but this machine."""
        return [url for url in self.requests if urlsplit(url).hostname not in _LOOPBACK]

    async def violations(self) -> list[str]:
        """What the Content-Security-Policy stopped."""
        found: list[str] = await self.page.evaluate("window.violations")
        return found

    async def open(self, room: str) -> None:
        """Load the page."""
        await self.page.goto(f"{self.address}/?room={room}")

    async def join(self, room: str) -> None:
        """Load the page, start the call muted, and let the agent greet."""
        await self.open(room)
        await self.page.get_by_role("button", name="Start talking").click()
        await self.page.get_by_role("button", name="Mute microphone", exact=True).click()
        await self.greeted()

    async def greeted(self) -> None:
        """Wait until the agent has greeted and listens."""
        await self.page.locator(".line.agent").first.wait_for(timeout=WAIT_MS)
        await self.agent_is("Listening")

    async def agent_is(self, state: str) -> None:
        """Wait until the agent is in this state."""
        heading = self.page.get_by_role("heading", level=1, name=state)
        await heading.wait_for(timeout=WAIT_MS)

    async def speak(self) -> None:
        """Open the microphone: the WAV is played from its beginning."""
        await self.page.get_by_role("button", name="Unmute microphone").click()

    async def type(self, text: str) -> None:
        """Type to the agent."""
        await self.page.get_by_label("Type to the assistant alone").fill(text)
        await self.page.keyboard.press("Enter")

    async def card(self, label: str) -> None:
        """Wait for a card."""
        await self.page.get_by_role("heading", level=3, name=label).wait_for(timeout=WAIT_MS)

    async def settled(self) -> None:
        """Wait until nothing moves any more, but for what always does."""
        await self.page.evaluate(
            """() => Promise.allSettled(document.getAnimations()
                .filter((one) => one.effect.getTiming().iterations !== Infinity)
                .filter((one) => one.animationName !== "run-down")
                .map((one) => one.finished))"""
        )

    async def photograph(self, name: str) -> None:
        """Keep a picture of it in light and in dark, as `build/page/NAME-THEME.png`."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        for theme in THEMES:
            await self.page.emulate_media(color_scheme=theme)
            await self.settled()
            await self.page.screenshot(path=PICTURES / f"{name}-{theme}.png")

    async def holds(self, text: str) -> list[str]:
        """Return each place of the tab in which a text stands."""
        places: dict[str, str] = await self.page.evaluate(
            """() => ({
                document: document.documentElement.outerHTML,
                title: document.title,
                address: location.href,
                session: JSON.stringify({...sessionStorage}),
                local: JSON.stringify({...localStorage}),
                cookies: document.cookie,
                history: JSON.stringify(history.state),
                announced: document.getElementById("announce").textContent,
                fields: [...document.querySelectorAll("input")].map((one) => one.value).join(),
            })"""
        )
        places["console"] = "\n".join(self.console)
        places["requests"] = "\n".join(self.requests)
        return [name for name, content in places.items() if text in content]

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _on_console(self, message: ConsoleMessage) -> None:
        self.console.append(message.text)


@dataclass
class Windows:
    """A running browser.

    Args:
        browser: the browser.
        address: of the page.
    """

    browser: Browser
    address: str

    @asynccontextmanager
    async def person(self, *, width: int = 1280, height: int = 800) -> AsyncIterator[Person]:
        """Give a profile of its own: its cookies and storage are nobody else's."""
        context = await self.browser.new_context(
            viewport={"width": width, "height": height},
            permissions=["microphone", "clipboard-read", "clipboard-write"],
        )
        await context.add_init_script(_BLOCKED)
        context.set_default_timeout(WAIT_MS)
        one = Person(context, self.address)
        try:
            yield one
            await one.check()
        finally:
            await context.close()


@dataclass
class Person:
    """One profile of the browser.

    Args:
        context: the profile.
        address: of the page.
    """

    context: BrowserContext
    address: str
    tabs: list[Tab] = field(default_factory=list)

    async def tab(self) -> Tab:
        """Open an empty tab."""
        one = Tab(await self.context.new_page(), self.address)
        one.watch()
        self.tabs.append(one)
        return one

    async def check(self) -> None:
        """Assert what holds in every test: nothing blocked, nobody else asked, nothing written."""
        for tab in self.tabs:
            assert await tab.violations() == []
            assert tab.strangers == []
            written = [line for line in tab.console if _UNTOUCHED not in line]
            assert written == []


@asynccontextmanager
async def running_browser(address: str, wav: Path) -> AsyncIterator[Windows]:
    """Run a browser whose microphone plays a file, each time from its beginning.

    Args:
        address: of the page.
        wav: what the microphone hears.
    """
    expect.set_options(timeout=WAIT_MS)
    program = shutil.which("chromium")
    assert program, "chromium is missing: run `make setup`"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program,
            args=[
                "--no-sandbox",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-audio-capture={wav}%noloop",
                # A browser asks its maker for updates and suggestions; a test asks nobody.
                "--disable-background-networking",
                "--disable-component-update",
            ],
        )
        try:
            yield Windows(browser, address)
        finally:
            await browser.close()


async def write_speech(text: str, file: Path) -> Path:
    """Speak a text into a WAV file, after a silence in which the microphone can be muted."""
    samples, rate = await asyncio.to_thread(speak, text, "hibari")
    silence = np.zeros(int(_LEAD_S * rate), np.int16)
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(np.concatenate([silence, samples, silence]).tobytes())
    return file
