"""The page in a real browser, over a real server and worker: talk, see, copy, and it is gone."""

from __future__ import annotations

import json
import os
import re
import signal
from typing import TYPE_CHECKING

import pytest
from livekit import api
from playwright.async_api import expect

from offmic.audit.bystander import bystander
from offmic.audit.renderings import leaks
from offmic.fleet.lease import ATTRIBUTE_RESUMED
from tests.fakes.desk import DOOR, MAGIC, WIFI
from tests.web.browser import WAIT_MS

if TYPE_CHECKING:
    from tests.fakes.desk import Desk
    from tests.web.browser import Windows

pytestmark = [pytest.mark.sfu, pytest.mark.asyncio(loop_scope="session")]


async def test_a_secret_asked_for_by_voice_appears_is_revealed_copied_and_hidden(
    windows: Windows,
) -> None:
    async with windows.person() as person:
        tab = await person.tab()
        await tab.join("voice")
        await tab.speak()
        await tab.card("Wi-Fi password")
        await tab.agent_is("Listening")
        assert await tab.holds(WIFI) == []
        await expect(tab.page.locator(".line.you")).to_contain_text("password?")
        await expect(tab.page.locator("#lines")).to_contain_text("[Wi-Fi password]")
        await tab.photograph("page-hidden")

        await tab.page.get_by_role("button", name="Show Wi-Fi password").click()
        await expect(tab.page.locator(".value")).to_have_text(WIFI)
        assert await tab.holds(WIFI) == ["document"]
        await tab.photograph("page")

        await tab.page.get_by_role("button", name="Copy Wi-Fi password").click()
        await expect(tab.page.locator(".copy")).to_have_text("Copied")
        assert await tab.page.evaluate("navigator.clipboard.readText()") == WIFI

        await tab.page.get_by_role("button", name="Hide Wi-Fi password").click()
        assert await tab.holds(WIFI) == []


async def test_a_secret_is_gone_from_the_page_when_its_time_is_over(windows: Windows) -> None:
    async with windows.person() as person:
        tab = await person.tab()
        await tab.join("expiry")
        await tab.type("I need the door code")
        await tab.card("door code")
        await tab.page.get_by_role("button", name="Show door code").click()
        assert await tab.holds(DOOR) == ["document"]
        await expect(tab.page.locator(".card")).to_have_count(0)
        assert await tab.holds(DOOR) == []
        await expect(tab.page.locator("#empty")).to_contain_text("The door code is gone.")


async def test_a_second_browser_in_the_room_shows_nothing(windows: Windows) -> None:
    async with windows.person() as one, windows.person() as two:
        mine, theirs = await one.tab(), await two.tab()
        await mine.join("shared")
        await theirs.open("shared")
        await theirs.page.get_by_role("button", name="Start talking").click()
        await theirs.agent_is("Listening")
        await mine.type("What is the Wi-Fi password?")
        await mine.card("Wi-Fi password")
        # It heard the answer that is for all, and has nothing of what is not.
        await expect(theirs.page.locator("#lines")).to_contain_text("[Wi-Fi password]")
        await expect(theirs.page.locator(".card")).to_have_count(0)
        assert await theirs.holds(WIFI) == []


async def test_a_reload_does_not_lose_a_live_card(windows: Windows) -> None:
    async with windows.person() as person:
        tab = await person.tab()
        await tab.join("reload")
        await tab.type("What is the Wi-Fi password?")
        await tab.card("Wi-Fi password")
        await tab.page.reload()
        await tab.card("Wi-Fi password")
        assert await tab.holds(WIFI) == []
        await tab.page.get_by_role("button", name="Show Wi-Fi password").click()
        await expect(tab.page.locator(".value")).to_have_text(WIFI)
        # Muted before, muted after.
        await expect(tab.page.get_by_role("button", name="Unmute microphone")).to_be_visible()


async def test_a_once_secret_is_shown_once_and_by_no_reload(windows: Windows) -> None:
    async with windows.person() as person:
        tab = await person.tab()
        await tab.join("once")
        await tab.type("What is the magic word?")
        await tab.card("magic word")
        copy = tab.page.get_by_role("button", name="Copy magic word")
        await expect(copy).to_be_disabled()
        await tab.page.get_by_role("button", name="Show magic word").click()
        await expect(tab.page.locator(".value")).to_have_text(MAGIC)
        await copy.click()
        await expect(copy).to_have_text("Copied")
        await tab.page.get_by_role("button", name="Done magic word").click()
        await expect(tab.page.locator(".card")).to_have_count(0)
        assert await tab.holds(MAGIC) == []

        await tab.page.reload()
        await tab.type("What is the Wi-Fi password?")
        await tab.card("Wi-Fi password")
        # What was sent before this one would have come before it.
        await expect(tab.page.locator(".card")).to_have_count(1)
        assert await tab.holds(MAGIC) == []


async def test_a_once_secret_is_not_shown_again_in_a_second_tab(windows: Windows) -> None:
    async with windows.person() as person:
        first = await person.tab()
        await first.join("tabs")
        await first.type("What is the magic word?")
        await first.card("magic word")
        # A duplicated tab carries the first one's storage, so it is the same visitor.
        kept = await first.page.evaluate("({...sessionStorage})")
        second = await person.tab()
        await second.page.add_init_script(f"Object.assign(sessionStorage, {json.dumps(kept)})")
        await second.open("tabs")
        await expect(first.page.get_by_role("alert")).to_contain_text("goes on in another tab")
        assert await first.holds(MAGIC) == []
        await second.type("What is the Wi-Fi password?")
        await second.card("Wi-Fi password")
        await expect(second.page.locator(".card")).to_have_count(1)
        assert await second.holds(MAGIC) == []


async def test_what_is_typed_goes_to_the_agent_alone(windows: Windows, front_desk: Desk) -> None:
    async with (
        bystander(front_desk.sfu, "typed") as other,
        windows.person() as person,
    ):
        tab = await person.tab()
        await tab.join("typed")
        await tab.type("What is the Wi-Fi password?")
        await tab.card("Wi-Fi password")
        await expect(tab.page.locator(".line.you")).to_have_text(re.compile("What is the Wi-Fi"))
        await expect(tab.page.locator("#lines")).to_contain_text("[Wi-Fi password]")
        assert "[Wi-Fi password]" in other.everything
        assert not other.on_topic("lk.chat")
        assert not other.on_topic("offmic.secret")
        assert not leaks(WIFI, other.everything)


async def test_without_a_microphone_one_can_type(windows: Windows) -> None:
    async with windows.person() as person:
        await person.context.add_init_script(
            "navigator.mediaDevices.getUserMedia = () =>"
            " Promise.reject(new DOMException('no', 'NotAllowedError'));"
        )
        tab = await person.tab()
        await tab.open("no-microphone")
        await tab.page.get_by_role("button", name="Start talking").click()
        await expect(tab.page.get_by_role("alert")).to_contain_text("You can type instead")
        await tab.greeted()
        await tab.type("What is the Wi-Fi password?")
        await tab.card("Wi-Fi password")


async def test_the_microphone_can_be_chosen_and_its_level_is_seen(windows: Windows) -> None:
    async with windows.person() as person:
        await person.context.add_init_script(
            """window.asked = [];
            const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            navigator.mediaDevices.getUserMedia = (wanted) => {
                window.asked.push(JSON.stringify(wanted.audio));
                return open(wanted);
            };"""
        )
        tab = await person.tab()
        await tab.join("microphones")
        await tab.speak()
        bar = tab.page.locator(".meter i").nth(2)
        await expect(bar).to_have_attribute("style", re.compile(r"scaleY\((0\.[3-9]|1)"))
        choice = tab.page.get_by_label("Microphone", exact=True)
        devices = await choice.locator("option").evaluate_all(
            "(all) => all.map((one) => [one.value, one.textContent])"
        )
        assert len(devices) >= 2
        await choice.select_option(label=devices[1][1])
        await expect(choice).to_have_value(devices[1][0])
        assert devices[1][0] in (await tab.page.evaluate("window.asked"))[-1]
        await tab.page.get_by_role("button", name="Mute microphone", exact=True).click()
        await expect(bar).not_to_have_attribute("style", re.compile("scaleY"))


async def test_leaving_ends_the_call_and_the_next_one_is_with_somebody_new(
    windows: Windows,
) -> None:
    async with windows.person() as person:
        tab = await person.tab()
        await tab.join("leaving")
        await tab.type("What is the Wi-Fi password?")
        await tab.card("Wi-Fi password")
        await tab.page.get_by_role("button", name="Show Wi-Fi password").click()
        await tab.page.get_by_role("button", name="Leave").click()
        await expect(tab.page.get_by_role("alert")).to_contain_text("You left the call.")
        assert await tab.holds(WIFI) == []
        assert await tab.page.evaluate("sessionStorage.length") == 0


async def test_the_call_goes_on_with_another_agent(windows: Windows, front_desk: Desk) -> None:
    async with windows.person() as person:
        tab = await person.tab()
        await tab.join("successor")
        os.kill(front_desk.job_process("successor"), signal.SIGKILL)
        sfu = front_desk.sfu
        async with api.LiveKitAPI(sfu.url, sfu.api_key, sfu.api_secret) as livekit:
            # What `offmic watch` does.
            there = await livekit.room.list_participants(
                api.ListParticipantsRequest(room="successor")
            )
            (lost,) = [
                p.identity for p in there.participants if p.kind == api.ParticipantInfo.Kind.AGENT
            ]
            await livekit.room.remove_participant(
                api.RoomParticipantIdentity(room="successor", identity=lost)
            )
            await tab.agent_is("Waiting for the assistant")
            await livekit.agent_dispatch.create_dispatch(
                api.CreateAgentDispatchRequest(
                    room="successor", attributes={ATTRIBUTE_RESUMED: "1"}
                )
            )
        await expect(tab.page.locator("#lines")).to_contain_text("I am back", timeout=WAIT_MS)
        await tab.agent_is("Listening")
        await tab.type("What is the Wi-Fi password?")
        await tab.card("Wi-Fi password")
