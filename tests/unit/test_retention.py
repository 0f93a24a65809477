"""Values made in a call leave its vault when nobody needs them, and not before."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from offmic import phrases
from offmic.agent import ConfidentialAgent
from offmic.call import Call
from offmic.delivery import DeliveryState
from offmic.inbound import History
from offmic.secrets import Kind, Secret
from offmic.secrets.sources import Record, SecretsFile
from offmic.teller import Teller
from tests.fakes.recording_channel import RecordingChannel
from tests.fakes.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from livekit.agents import llm

    from offmic.delivery import Channel

pytestmark = pytest.mark.virtual_time

VALUE = "tulip-Harbour-42"
CODE = "830 116"
_SHORT_S = 0.05
_SOON_S = 10.0


@pytest.fixture
def channel() -> RecordingChannel:
    return RecordingChannel()


@pytest.fixture
def call(channel: RecordingChannel) -> Call:
    record = Record("wifi", "Wi-Fi password", VALUE, (), Kind.PASSWORD, _SHORT_S, once=False)
    call = Call(SecretsFile(Path("secrets.toml"), [record]), secret_ttl_s=120)
    call.connect(cast("Channel", channel))
    return call


def _code(call: Call, ttl_s: float = _SHORT_S) -> Secret:
    secret = Secret(CODE, "one-time code", Kind.OTP, ttl_s=ttl_s, once=True)
    call.vault.adopt(secret)
    return secret


def _known(call: Call) -> Callable[[], bool]:
    return lambda: any(entry.value == CODE for entry in call.vault.entries())


async def _tell(call: Call, text: str, turn: str) -> str:
    async def at_once(_: Secret) -> bool:
        return True

    teller = Teller(call, turn, at_once, aloud=True)
    words = ""
    with call.guarding("tts") as guard:
        for parts in (guard.feed(text), guard.flush()):
            async for piece in teller.tell(parts):
                words += piece
    return words


async def test_a_value_leaves_when_its_outcome_is_final_and_its_time_is_over(
    call: Call, channel: RecordingChannel
) -> None:
    call.deliver("turn", _code(call))
    assert _known(call)()
    await eventually(lambda: not _known(call)(), _SOON_S, "it left the vault")
    # With what the test itself kept of it gone, nothing holds it.
    channel.delivered.clear()
    gc.collect()
    held = [one for one in gc.get_objects() if isinstance(one, Secret) and one.reveal() == CODE]
    assert held == []
    assert all(CODE not in str(key) for key in call._delivered)  # noqa: SLF001 - it kept values


async def test_a_value_stays_while_a_delivery_is_open(
    call: Call, channel: RecordingChannel
) -> None:
    channel.state = DeliveryState.SENT
    call.deliver("turn", _code(call))
    marker = Secret("marker", "marker", ttl_s=4 * _SHORT_S)
    call.vault.adopt(marker)
    channel.state = DeliveryState.SHOWN
    call.deliver("turn", marker)
    await eventually(lambda: len(call.vault.gone()) == 1, _SOON_S, "the other one left")
    assert _known(call)()
    channel.deliveries[0].state = DeliveryState.EXPIRED
    await eventually(lambda: not _known(call)(), _SOON_S, "it left when its outcome was final")


async def test_asking_again_begins_its_time_anew(call: Call) -> None:
    call.deliver("first", _code(call))
    call.deliver("second", _code(call, ttl_s=60))
    marker = Secret("marker", "marker", ttl_s=4 * _SHORT_S)
    call.vault.adopt(marker)
    call.deliver("second", marker)
    await eventually(lambda: len(call.vault.gone()) == 1, _SOON_S, "the marker left")
    assert _known(call)()


@pytest.mark.parametrize("whose", ["the file's", "the caller's"])
async def test_what_the_call_needs_to_its_end_stays(call: Call, whose: str) -> None:
    if whose == "the file's":
        secret = call.look_up("wifi")
        assert secret is not None
        call.deliver("turn", secret)
    else:
        call.hear(f"my one-time code is {CODE}")
        (secret,) = [one for one in call.vault if one.reveal() != VALUE]
        secret.ttl_s = _SHORT_S
        call.deliver("turn", secret)
    marker = Secret("marker", "marker", ttl_s=4 * _SHORT_S)
    call.vault.adopt(marker)
    call.deliver("turn", marker)
    await eventually(call.vault.gone, _SOON_S, "the marker left")
    assert [gone.label for gone in call.vault.gone()] == ["marker"]
    assert call.vault.resolve(secret.handle) is secret


@pytest.mark.parametrize("reference", ["handle", "label"])
async def test_what_refers_to_it_is_answered_with_the_truth(
    call: Call, channel: RecordingChannel, reference: str
) -> None:
    secret = _code(call)
    written = secret.handle if reference == "handle" else f"[{secret.label}]"
    assert await _tell(call, f"Your code is {written}.", "1") == "Your code is on your screen."
    await eventually(lambda: not _known(call)(), _SOON_S, "it left the vault")
    said = await _tell(call, f"Your code is {written}.", "2")
    assert said == f"Your code is {phrases.GONE}."
    assert len(channel.delivered) == 1


async def test_no_model_reads_a_forgotten_value_that_a_tool_wrote_out(call: Call) -> None:
    secret = _code(call)
    agent = ConfidentialAgent(call, instructions="Be brief.")
    ctx: llm.ChatContext = agent.chat_ctx.copy()
    ctx.add_message(role="assistant", content=f"Your code is {CODE}.")
    call.history.guard(ctx)
    call.deliver("turn", secret)
    await eventually(lambda: not _known(call)(), _SOON_S, "it left the vault")
    for history in (call.history, History(call.vault)):
        guarded = history.guard(ctx)
        assert CODE not in str(guarded.to_dict())
        assert secret.handle in str(guarded.to_dict())


async def test_a_call_that_is_over_leaves_no_timer(call: Call) -> None:
    call.deliver("turn", _code(call))
    await call.aclose()
    assert not call._retention._running  # noqa: SLF001 - nothing else shows it
