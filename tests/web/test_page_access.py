"""The page for everybody: by keyboard, by screen reader, on a phone, behind a password."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from offmic.serve import Place, serving
from offmic.settings import load_settings
from tests.fakes.desk import WIFI
from tests.fakes.worker import sfu_settings
from tests.web.browser import THEMES
from tests.web.endpoint import PASSWORD

if TYPE_CHECKING:
    from tests.fakes.desk import Desk
    from tests.web.browser import Tab, Windows

pytestmark = [pytest.mark.sfu, pytest.mark.asyncio(loop_scope="session")]

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def complaints(tab: Tab) -> list[str]:
    """Return what axe finds wrong with the page as it stands, in light and in dark."""
    found: list[str] = []
    for theme in THEMES:
        await tab.page.emulate_media(color_scheme=theme)
        found += [f"{theme}: {one}" for one in await _complaints(tab)]
    return found


async def _complaints(tab: Tab) -> list[str]:
    # Transitions of colour would be measured half way.
    await tab.settled()
    await tab.page.evaluate(AXE.read_text())
    found: dict[str, Any] = await tab.page.evaluate(
        "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", RULES
    )
    assert len(found["passes"]) > 10, "axe looked at nothing"
    return [
        f"{one['id']}: {[node['html'][:120] for node in one['nodes']]}"
        for one in found["violations"]
    ]


@pytest.mark.parametrize(("name", "width"), [("wide", 1280), ("phone", 360)])
async def test_axe_finds_nothing_in_any_state(windows: Windows, name: str, width: int) -> None:
    async with windows.person(width=width, height=780) as person:
        tab = await person.tab()
        await tab.open(f"axe-{name}")
        assert await complaints(tab) == []
        await tab.photograph(f"{name}-welcome")
        await tab.join(f"axe-{name}")
        assert await complaints(tab) == []
        await tab.type("What is the Wi-Fi password?")
        await tab.card("Wi-Fi password")
        await tab.agent_is("Listening")
        assert await complaints(tab) == []
        await tab.page.get_by_role("button", name="Show Wi-Fi password").click()
        assert await complaints(tab) == []
        await tab.photograph(f"{name}-call")
        outside = await tab.page.evaluate(
            "[document.documentElement.scrollWidth - innerWidth,"
            " document.documentElement.scrollHeight - innerHeight]"
        )
        assert outside == [0, 0], "something sticks out of the window"


async def test_axe_notices_what_is_wrong(windows: Windows) -> None:
    async with windows.person() as person:
        tab = await person.tab()
        await tab.open("axe-itself")
        await tab.page.evaluate("document.getElementById('start').replaceChildren()")
        found = await complaints(tab)
        assert [one.rpartition(": ")[0].partition(": [")[0] for one in found] == [
            "dark: button-name",
            "light: button-name",
        ]


async def test_everything_can_be_done_with_the_keyboard(windows: Windows) -> None:
    async with windows.person() as person:
        tab = await person.tab()
        await tab.open("keyboard")
        press = tab.page.keyboard.press
        await press("Tab")
        await expect(tab.page.get_by_role("button", name="Start talking")).to_be_focused()
        await press("Enter")
        await expect(tab.page.locator("#talk-title")).to_be_focused()
        # It can be used once a microphone is open.
        await expect(tab.page.locator("#mute")).to_be_enabled()
        await _tab_to(tab, "#mute")
        await press("Enter")
        await expect(tab.page.get_by_role("button", name="Unmute microphone")).to_be_focused()
        await tab.greeted()

        await _tab_to(tab, "#typed")
        await tab.page.keyboard.type("What is the Wi-Fi password?")
        await press("Enter")
        await tab.card("Wi-Fi password")
        await expect(tab.page.get_by_role("status")).to_have_text(
            "Wi-Fi password is on your screen, hidden."
        )
        await _tab_to(tab, ".toggle", back=True)
        await press("Enter")
        await expect(tab.page.locator(".value")).to_be_focused()
        await expect(tab.page.locator(".value")).to_have_text(WIFI)
        await press("Tab")
        await press("Tab")
        await expect(tab.page.locator(".copy")).to_be_focused()
        await press("Enter")
        await expect(tab.page.get_by_role("status")).to_have_text("Wi-Fi password: copied.")
        await press("Shift+Tab")
        await press("Enter")
        await expect(tab.page.locator(".value")).not_to_contain_text(WIFI)

        await _tab_to(tab, "#leave")
        await press("Enter")
        await expect(tab.page.get_by_role("button", name="Start again")).to_be_focused()


async def test_a_screen_reader_is_never_given_a_value(windows: Windows) -> None:
    async with windows.person() as person:
        tab = await person.tab()
        await tab.join("spoken")
        await tab.page.evaluate(
            """() => {
                window.read = [];
                for (const region of document.querySelectorAll("[role=status], [role=alert]")) {
                    new MutationObserver(() => window.read.push(region.textContent))
                        .observe(region, {childList: true, subtree: true, characterData: true});
                }
            }"""
        )
        await tab.type("What is the Wi-Fi password?")
        await tab.card("Wi-Fi password")
        await tab.page.get_by_role("button", name="Show Wi-Fi password").click()
        await tab.page.get_by_role("button", name="Copy Wi-Fi password").click()
        await expect(tab.page.get_by_role("status")).to_have_text("Wi-Fi password: copied.")
        read = await tab.page.evaluate("window.read")
        assert "Wi-Fi password is on your screen, hidden." in read
        assert WIFI not in "".join(read)


async def test_the_page_asks_for_its_password(windows: Windows, front_desk: Desk) -> None:
    settings = load_settings(
        {**sfu_settings(front_desk.sfu), "OFFMIC_SERVE_PASSWORD": PASSWORD}, dotenv=None
    )
    async with serving(settings, Place(port=0)) as address, windows.person() as person:
        tab = await person.tab()
        tab.address = address
        await tab.open("locked")
        start = tab.page.get_by_role("button", name="Start talking")
        field = tab.page.get_by_label("Password of this page")
        await expect(field).to_be_hidden()
        await start.click()
        await expect(field).to_be_focused()
        await field.fill("not the password")
        await field.press("Enter")
        await expect(tab.page.get_by_role("alert")).to_contain_text("That is not the password.")
        await field.fill(PASSWORD)
        await field.press("Enter")
        await tab.greeted()
        assert await tab.holds(PASSWORD) == []
        # The browser says of each refusal that it was one.
        assert len(tab.console) == 2
        tab.console.clear()


async def _tab_to(tab: Tab, selector: str, *, back: bool = False) -> None:
    for _ in range(20):
        if await tab.page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
        await tab.page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"the keyboard does not reach {selector}")
