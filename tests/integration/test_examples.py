"""The examples, each run as its reader runs it: a worker on a real server, a caller who speaks."""

from __future__ import annotations

import sys

import pytest

from offmic.audit.completions import Calls, Says, text_of
from offmic.audit.renderings import leaks
from offmic.secrets.secret import HANDLE
from tests.fakes.desk import model_settings, running_desk
from tests.fakes.openai_server import Request, Step, scripted_model
from tests.fakes.scripts import calls, repeats_handle, user_says
from tests.fakes.visitor import visitor
from tests.fakes.worker import PROJECT

pytestmark = pytest.mark.sfu


async def test_an_agent_of_ones_own_shows_what_its_tool_returns() -> None:
    steps = [
        calls(user_says("locker"), "locker_code", number=2),
        repeats_handle("The code is ", "."),
    ]
    async with (
        scripted_model(*steps) as model,
        running_desk(model_settings(model), "examples/minimal.py") as desk,
        visitor(desk.sfu, "lockers") as caller,
    ):
        await caller.greeted()
        answer = await caller.ask("What is the code of locker two?")
        assert answer.shown == [("code of locker 2", "4821")]
        for sink in (model.everything, desk.worker.output, answer.heard, answer.written):
            assert not leaks("4821", sink)


async def test_a_graph_is_the_brain_and_its_tools_secrets_are_shown() -> None:
    settings = {
        "OFFMIC_LLM": "langgraph/examples.langgraph_brain:graph",
        "PYTHONPATH": str(PROJECT),
    }
    async with running_desk(settings) as desk, visitor(desk.sfu, "graph") as caller:
        await caller.greeted()
        answer = await caller.ask("Please open the gate for me.")
        assert answer.shown == [("gate code", "9047")]
        assert "on your screen" in answer.heard.casefold()
        assert "[gate code]" in answer.written
        for sink in (desk.worker.output, answer.heard, answer.written):
            assert not leaks("9047", sink)
        talk = await caller.ask("What do you do all day?")
        assert "car park" in talk.heard.casefold()


async def test_a_server_of_tools_is_used_and_what_it_returns_in_clear_is_guarded() -> None:
    steps = [
        calls(user_says("safe"), "safe_code", room=12),
        repeats_handle("The safe code is ", "."),
    ]
    servers = f"{sys.executable} {PROJECT / 'examples/mcp_server.py'}, http://127.0.0.1:9/mcp"
    async with (
        scripted_model(*steps) as model,
        running_desk(model_settings(model) | {"OFFMIC_MCP": servers}) as desk,
        visitor(desk.sfu, "tools") as caller,
    ):
        await caller.greeted()
        answer = await caller.ask("What is the code of the safe in room twelve?")
        assert [value for _, value in answer.shown] == ["730415"]
        assert {"safe_code", "breakfast", "look_up_secret"} <= set(model.requests[-1].tools)
        assert desk.worker.output.count("an MCP server does not answer") == 1
        for sink in (model.everything, desk.worker.output, answer.heard, answer.written):
            assert not leaks("730415", sink)


async def test_a_second_agent_shows_what_the_first_one_looked_up() -> None:
    def repeats_the_first(request: Request) -> Says:
        # The first agent's tool calls are not the second one's; its words are, with the label.
        assert any("[network password]" in text_of(message) for message in request.messages)
        return Says(["The network pass", "word is [network pass", "word]."])

    steps = [
        calls(user_says("network"), "network_password"),
        repeats_handle("The password is ", "."),
        calls(user_says("porter"), "call_the_porter"),
        Step("again", user_says("once more").fits, repeats_the_first),
    ]
    async with (
        scripted_model(*steps) as model,
        running_desk(model_settings(model), "examples/handoff.py") as desk,
        visitor(desk.sfu, "handoff") as caller,
    ):
        await caller.greeted()
        first = await caller.ask("What is the network password?")
        assert first.shown == [("network password", "Maple-River-88")]
        porter = await caller.ask("Let me talk to the porter, please.")
        assert "porter" in porter.heard.casefold()
        again = await caller.ask("Show me that password once more.")
        assert again.shown == [("network password", "Maple-River-88")]
        for sink in (model.everything, desk.worker.output, first.heard, again.heard):
            assert not leaks("Maple-River-88", sink)


async def test_a_bank_on_the_phone_takes_a_pin_and_a_card_and_shows_nothing() -> None:
    pin, wrong, card = "4821", "7305", "4539148803436467"

    def tells(words: str) -> Step:
        # What the agent asked while the tool ran stands behind the tool's answer.
        def fits(request: Request) -> bool:
            results = [text_of(m) for m in request.messages if m["role"] == "tool"]
            return request.last_role != "user" and words in results[-1]

        return Step(words, fits, Says([f"{words}."]))

    def blocks_the_card(request: Request) -> Calls | Says:
        handle = HANDLE.search(request.last_text)
        # A reply begun ahead knows what may still change, which has no handle.
        return Calls("block_card", {"card_number": handle[0]}) if handle else Says(["Which one?"])

    def repeats_the_card(request: Request) -> Says:
        found = [HANDLE.search(text_of(message)) for message in request.messages]
        return Says(["Your card is ", next(handle[0] for handle in found if handle), "."])

    steps = [
        calls(user_says("balance"), "balance"),
        tells("The balance is ninety euros"),
        tells("That PIN is wrong"),
        Step("block", user_says("block").fits, blocks_the_card),
        tells("The card is blocked"),
        Step("repeat", user_says("repeat").fits, repeats_the_card),
        # A reply that was begun ahead of what the caller goes on to say; it is never heard.
        Step("a draft", lambda r: "[number]" in r.last_text, Says(["Wait."]), served=1),
    ]
    async with (
        scripted_model(*steps) as model,
        running_desk(model_settings(model), "examples/phone.py") as desk,
        visitor(desk.sfu, "phone", receiver=False) as caller,
    ):
        await caller.greeted()
        for _ in range(3):  # a digit is misheard now and then; the caller tries again
            await caller.ask("What is my balance?", until="PIN")
            balance = await caller.ask("four eight two one.", until="balance", within_s=15.0)
            assert "[PIN" in balance.understood
            if "PIN is wrong" not in balance.written:
                break
        assert "ninety euros" in balance.written
        await caller.ask("Tell me my balance again.", until="PIN")
        seen = len(caller.caller.events)
        for key in wrong:
            await caller.caller.room.local_participant.publish_dtmf(code=int(key), digit=key)
        await caller.caller.wait_for(
            lambda: "That PIN is wrong" in str(caller.caller.events[seen:]), 30.0
        )
        await caller.caller.wait_until_idle(30.0)
        seen = len(caller.caller.events)
        await caller.caller.type(f"Please block my card number {card}.")
        await caller.caller.wait_for(
            lambda: "The card is blocked" in str(caller.caller.events[seen:]), 30.0
        )
        await caller.caller.wait_until_idle(30.0)
        repeated = await caller.ask("Please repeat my card number.", until="Your card")
        assert "your app cannot show it" in repeated.written
        assert not caller.sealed
        assert not caller.chat
        for sink in (desk.worker.output, model.everything, str(caller.caller.transcripts)):
            for secret in (pin, wrong, card):
                assert not leaks(secret, sink)
        for answer in (balance, repeated):
            assert not leaks(card, answer.heard)
            assert not leaks(pin, answer.heard)
