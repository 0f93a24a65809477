"""The nodes of an agent: values are delivered, and neither said, written, kept nor sent on."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from typing import TYPE_CHECKING, cast

import pytest
from livekit.agents import APIConnectionError, ModelSettings

from offmic import phrases
from offmic.agent import ConfidentialAgent
from offmic.assistant import FrontDesk
from offmic.delivery import DeliveryState
from offmic.limit import PER_MINUTE
from offmic.phrases import ENOUGH
from offmic.secrets import Secret
from tests.fakes.recording_channel import RecordingChannel
from tests.fakes.scripted_model import Step, tool_call
from tests.fakes.talk import VALUE, Talk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Callable[..., Talk]]:
    talks: list[Talk] = []

    def make(*steps: Step, state: DeliveryState = DeliveryState.SHOWN, reason: str = "") -> Talk:
        talks.append(Talk(list(steps), RecordingChannel(state, reason), tmp_path / "secrets.toml"))
        return talks[-1]

    yield make
    for made in talks:
        await made.session.aclose()


async def test_a_value_that_the_model_says_is_delivered_and_not_written(
    talk: Callable[..., Talk],
) -> None:
    it = talk(["The Wi-Fi password is tulip-Har", "bour-42. Any", "thing else?"])
    await it.start()
    assert await it.type("hello") == "The Wi-Fi password is [Wi-Fi password]. Anything else?"
    assert [s.reveal() for s in it.channel.delivered] == [VALUE]
    assert VALUE not in it.everything()
    it.model.assert_done()


async def test_a_tool_gives_a_handle_and_the_caller_gets_the_value(
    talk: Callable[..., Talk],
) -> None:
    it = talk([tool_call("look_up_secret", '{"name": "wifi"}')], [])
    step: Step = ["The Wi-Fi password is ", "(handle)", "."]
    it.model.steps[1] = step
    await it.start(FrontDesk(it.call))
    secret = it.call.look_up("wifi")
    assert secret is not None
    step[1] = secret.handle
    assert "[Wi-Fi password]" in await it.type("what is the wifi password?")
    assert secret.handle in it.model.requested()
    assert [s.reveal() for s in it.channel.delivered] == [VALUE]
    assert VALUE not in it.everything()
    it.model.assert_done()


async def test_a_typed_value_never_reaches_model_or_history(talk: Callable[..., Talk]) -> None:
    it = talk(["I see."])
    await it.start()
    await it.type(f"is it {VALUE}?")
    assert "is it {{secret:wifi-password." in it.model.requested()
    assert "is it [Wi-Fi password]?" in str(it.session.history.to_dict())
    assert VALUE not in it.everything()


async def test_a_value_in_instructions_never_reaches_the_model(talk: Callable[..., Talk]) -> None:
    it = talk(["Hello."])
    await it.start(ConfidentialAgent(it.call, instructions=f"The password is {VALUE}."))
    await it.type("hello")
    assert "The password is" in it.model.requested()
    assert VALUE not in it.model.requested()


async def test_examples_of_handles_and_marks_stay_in_the_instructions(
    talk: Callable[..., Talk],
) -> None:
    it = talk(["Hello."])
    await it.start(FrontDesk(it.call))
    await it.type("hello")
    assert "{{secret:door-code.k7q2m9xd}}" in it.model.requested()
    assert '<secret label="what it is">value</secret>' in it.model.requested()


async def test_a_value_in_halves_over_two_turns_is_not_said(talk: Callable[..., Talk]) -> None:
    it = talk(["The first half is tulip-Har."], ["And then comes bour-42."])
    await it.start()
    written = await it.type("hello") + await it.type("and then?")
    assert "bour-42" not in written
    assert "tulip-Har" not in written


async def test_what_is_said_without_the_model_is_guarded_too(talk: Callable[..., Talk]) -> None:
    it = talk()
    await it.start()
    await it.session.say(f"It is {VALUE}.")
    assert it.transcript.text.strip() == "It is [Wi-Fi password]."
    assert [s.reveal() for s in it.channel.delivered] == [VALUE]
    assert VALUE not in it.everything()


async def test_a_handle_of_another_call_resolves_to_nothing(talk: Callable[..., Talk]) -> None:
    it, other = talk([]), talk([])
    await it.start()
    foreign = other.vault.hold("plum-orchard", "door code")
    it.model.steps[0] = [f"It is {foreign.handle}."]
    written = await it.type("hello")
    assert it.channel.delivered == []
    assert "secret:" not in written
    assert "orchard" not in it.everything()


async def test_a_user_cannot_use_a_handle(talk: Callable[..., Talk]) -> None:
    it = talk(["Hm."])
    await it.start()
    secret = it.call.look_up("wifi-password")
    assert secret is not None
    await it.type(f"say {secret.handle}")
    assert secret.handle not in it.model.requested()


async def test_a_mark_that_is_not_closed_is_not_said(talk: Callable[..., Talk]) -> None:
    it = talk(['Here: <secret label="door code">plum-', "orchard"])
    await it.start()
    await it.type("hello")
    assert "Here: [door code]" in it.transcript.text
    assert "plum" not in it.everything()
    assert "orchard" not in it.everything()


async def test_after_an_error_of_the_model_what_was_held_is_not_said(
    talk: Callable[..., Talk],
) -> None:
    it = talk(["It is tulip-Harb", llm_error()])
    await it.start()
    written = await it.type("hello")
    assert "tulip" not in written
    assert "tulip" not in str(it.session.history.to_dict())


async def test_an_answer_that_breaks_off_begins_anew_without_what_was_held(
    talk: Callable[..., Talk],
) -> None:
    it = talk(["It is tulip-Harb", llm_error()], ["our-42 is nothing. All is well."])
    await it.start()
    written = await it.type("hello")
    assert written == f"It is {phrases.AGAIN}our-42 is nothing. All is well."
    assert not it.channel.delivered
    it.model.assert_done()


async def test_the_same_secret_twice_in_a_turn_is_one_delivery(talk: Callable[..., Talk]) -> None:
    it = talk([f"It is {VALUE}. Again: {VALUE}."], [f"It is {VALUE}."])
    await it.start()
    await it.type("hello")
    assert len(it.channel.delivered) == 1
    await it.type("once more, please")
    assert len(it.channel.delivered) == 2


@pytest.mark.parametrize(
    ("state", "reason", "words"),
    [
        (DeliveryState.SENT, "", "not on your screen yet"),
        (DeliveryState.EXPIRED, "", "not on your screen yet"),
        (DeliveryState.FAILED, "rejected", "not on your screen yet"),
        (DeliveryState.FAILED, "no_receiver", "not something I can send you"),
        (DeliveryState.UNCONFIRMED, "", "cannot see whether it arrived"),
    ],
)
async def test_the_caller_is_told_the_truth(
    talk: Callable[..., Talk], state: DeliveryState, reason: str, words: str
) -> None:
    it = talk([f"It is {VALUE}."], state=state, reason=reason)
    await it.start()
    written = await it.type("hello")
    assert words in written
    assert VALUE not in it.everything()


async def test_what_appears_late_is_told_in_the_next_turn(talk: Callable[..., Talk]) -> None:
    it = talk([f"It is {VALUE}."], ["I see."], ["Yes."], state=DeliveryState.SENT)
    await it.start()
    assert "not on your screen yet" in await it.type("hello")
    it.channel.settle(DeliveryState.SHOWN)
    told = "The Wi-Fi password is on your screen now. I see."
    assert await it.type("hm") == told
    assert await it.type("and?") == "Yes."


async def test_who_asks_too_often_gets_no_more(talk: Callable[..., Talk]) -> None:
    it = talk(*[[f"It is {VALUE}."] for _ in range(PER_MINUTE + 1)])
    await it.start()
    for _ in range(PER_MINUTE):
        assert "[Wi-Fi password]" in await it.type("hello")
    assert "asked for too much at once" in await it.type("hello")
    assert len(it.channel.delivered) == PER_MINUTE
    assert await it.type("hello") == ENOUGH


async def test_who_guesses_too_often_sees_nothing_disappear(talk: Callable[..., Talk]) -> None:
    it = talk(*[["No."] for _ in range(PER_MINUTE)])
    await it.start()
    for _ in range(PER_MINUTE):
        await it.type(f"is it {VALUE}?")
    asked = len(it.model.requests)
    assert await it.type(f"is it {VALUE}?") == ENOUGH
    assert await it.type("is it something else?") == ENOUGH
    assert len(it.model.requests) == asked


async def test_an_unknown_name_gets_the_labels_and_no_value(talk: Callable[..., Talk]) -> None:
    it = talk([])
    answer = await FrontDesk(it.call).look_up_secret("safe")
    assert answer == "I do not know that one. I can show you the Wi-Fi password."


async def test_made_passwords_and_codes_are_strong_and_go_by_reference(
    talk: Callable[..., Talk],
) -> None:
    it = talk([])
    desk = FrontDesk(it.call)
    new_password = functools.partial(type(desk).new_password, desk)
    one_time_code = functools.partial(type(desk).one_time_code, desk)
    passwords = {(await new_password("printer")).reveal() for _ in range(50)}
    codes = [await one_time_code("locker") for _ in range(20)]
    assert len(passwords) == 50
    assert all(len(p) == 16 for p in passwords)
    assert all(c.once and len(c.reveal()) == 6 and c.reveal().isdigit() for c in codes)
    assert all(isinstance(c, Secret) and it.vault.resolve(c.handle) is c for c in codes)


def llm_error() -> Exception:
    """Return the error that a provider raises in mid-stream."""
    return APIConnectionError("the line was cut", retryable=False)


async def test_what_was_interrupted_is_not_flushed(talk: Callable[..., Talk]) -> None:
    it = talk([])
    held = asyncio.Event()

    async def text() -> AsyncIterator[str]:
        yield "It is tulip-Harb"
        held.set()
        await asyncio.Event().wait()

    await it.start()
    agent = cast("ConfidentialAgent", it.session.current_agent)
    got: list[str] = []

    async def read() -> None:
        async for part in agent.transcription_node(text(), ModelSettings()):
            got.append(part)  # noqa: PERF401 - what came before the cancel is what counts

    task = asyncio.create_task(read())
    await held.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert "tulip" not in "".join(got)
