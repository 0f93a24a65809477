"""What may be said is voiced while the receiver's answer travels, and said only if it is true."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from offmic.call import Call
from offmic.delivery import DeliveryState
from offmic.guard.phrasing import ON_SCREEN
from offmic.secrets import Kind
from offmic.secrets.sources import Record, SecretsFile
from offmic.sight import Spent
from offmic.teller import Teller
from tests.fakes.recording_channel import RecordingChannel

if TYPE_CHECKING:
    from collections.abc import Callable

    from offmic.delivery import Channel
    from offmic.secrets import Secret

VALUE = "tulip-Harbour-42"
OTHER = "lantern-Meadow-77"
WAITED_S = 3.0
READY_S = 2.0


class Voiced:
    """Words in work."""

    ready_s: float | None = None
    on_taken: Callable[[], None] | None = None


class Turn:
    """One turn of a call whose receiver answers while its words are voiced already."""

    def __init__(
        self, outcome: DeliveryState, at_first: DeliveryState = DeliveryState.SENT
    ) -> None:
        self.channel = RecordingChannel(at_first)
        self.outcome = outcome
        self.foreseen: list[str] = []
        records = [
            Record("wifi", "Wi-Fi password", VALUE, (), Kind.PASSWORD, 60, once=False),
            Record("door", "door code", OTHER, (), Kind.PASSWORD, 60, once=False),
        ]
        self.call = Call(SecretsFile(Path("secrets.toml"), records), secret_ttl_s=120)
        self.call.connect(cast("Channel", self.channel))

    def foresee(self, text: str) -> Voiced:
        self.foreseen.append(text)
        self.channel.settle(self.outcome)
        return Voiced()

    async def tell(self, *chunks: str, turn: str = "turn", aloud: bool = True) -> str:
        async def at_once(_: Secret) -> bool:
            return True

        teller = Teller(
            self.call, turn, at_once, aloud=aloud, foresee=self.foresee if aloud else None
        )
        told = ""
        with self.call.guarding("tts") as guard:
            for chunk in chunks:
                async for words in teller.tell(guard.feed(chunk)):
                    told += words
            async for words in teller.tell(guard.flush()):
                told += words
        return told


@pytest.mark.parametrize(
    "said",
    [
        ["The Wi-Fi password is ", VALUE, "."],
        [f"The Wi-Fi password is {VALUE}."],
        [f"{VALUE}."],
        [f"Use {VALUE} to get in, and tell me whether it works."],
    ],
)
async def test_what_is_said_was_voiced_while_the_answer_travelled(said: list[str]) -> None:
    turn = Turn(DeliveryState.SHOWN)
    told = await turn.tell(*said)
    assert ON_SCREEN in told
    assert turn.foreseen == [told]


async def test_a_second_one_of_a_kind_is_foreseen_by_its_own_name() -> None:
    turn = Turn(DeliveryState.SHOWN)
    await turn.tell("Use ghp_8kQ2vX7mZ4tR9wB1nC6yL3pD5sF0aH2jK8uE.", turn="first")
    told = await turn.tell("Use ghp_3mN7cV1xZ9qW5eR2tY8uI4oP6aS0dF7gH3jK.", turn="second")
    assert "API key 2" in told
    assert turn.foreseen[-1] == told


async def test_a_sentence_that_has_begun_to_go_on_is_not_foreseen() -> None:
    turn = Turn(DeliveryState.SHOWN)
    await turn.tell(f"Use {VALUE} to get ", "in.")
    assert turn.foreseen == []


@pytest.mark.parametrize("before", ["The Wi-Fi password is ", ""])
async def test_what_appeared_late_stands_before_it(before: str) -> None:
    turn = Turn(DeliveryState.SENT)
    await turn.tell(f"The door code is {OTHER}.", turn="first")
    turn.channel.settle(DeliveryState.SHOWN)
    turn.outcome = DeliveryState.SHOWN
    told = await turn.tell(f"{before}{VALUE}.", turn="second")
    assert told.startswith("The door code is on your screen now. The Wi-Fi")
    assert turn.foreseen[-1] == told


@pytest.mark.parametrize("outcome", [DeliveryState.FAILED, DeliveryState.SENT])
async def test_what_does_not_come_true_is_not_said(outcome: DeliveryState) -> None:
    turn = Turn(outcome)
    told = await turn.tell(f"The Wi-Fi password is {VALUE}.")
    assert turn.foreseen == [f"The Wi-Fi password is {ON_SCREEN}."]
    assert ON_SCREEN not in told.replace("not on your screen yet", "")
    assert VALUE not in "".join(turn.foreseen)


async def test_no_value_is_voiced() -> None:
    turn = Turn(DeliveryState.SHOWN)
    await turn.tell(f"The Wi-Fi password is {VALUE} and the door code is {OTHER}.")
    assert turn.foreseen
    assert not any(value in text for text in turn.foreseen for value in (VALUE, OTHER))


@pytest.mark.parametrize("known", [DeliveryState.SHOWN, DeliveryState.FAILED])
async def test_where_the_outcome_is_known_nothing_is_foreseen(known: DeliveryState) -> None:
    turn = Turn(known, at_first=known)
    await turn.tell(f"The Wi-Fi password is {VALUE}.")
    assert turn.foreseen == []


async def test_what_is_written_is_not_voiced() -> None:
    turn = Turn(DeliveryState.SHOWN)
    await turn.tell(f"The Wi-Fi password is {VALUE}.", aloud=False)
    assert turn.foreseen == []


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now_s = [0.0]
    monkeypatch.setattr("offmic.sight.time.perf_counter", lambda: now_s[0])
    return now_s


@pytest.mark.parametrize(
    ("ready_s", "left_s"),
    [(READY_S, WAITED_S - READY_S), (None, 0.0), (WAITED_S + 1, 0.0), (-1.0, WAITED_S)],
)
def test_a_wait_beside_the_voices_own_work_costs_no_time(
    clock: list[float], ready_s: float | None, left_s: float
) -> None:
    spent, voiced = Spent(), Voiced()
    with spent.delivering(aloud=True, voicing=voiced):
        clock[0] += WAITED_S
    voiced.ready_s = ready_s
    assert voiced.on_taken is not None
    voiced.on_taken()
    assert spent.delivery_s == left_s


def test_a_wait_counts_whole_where_what_was_voiced_is_not_said(clock: list[float]) -> None:
    spent, voiced = Spent(), Voiced()
    voiced.ready_s = READY_S
    with spent.delivering(aloud=True, voicing=voiced):
        clock[0] += WAITED_S
    assert spent.delivery_s == WAITED_S
