from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from livekit.agents import APIConnectionError, llm

from offmic.fallback import Sign, patience_for, persevere
from offmic.fallback.answer import PATIENCE_S
from offmic.guard import Guard
from offmic.local.clauses import Clauses
from offmic.phrases import ONE_MOMENT
from offmic.secrets import Vault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.virtual_time

_BROKEN = APIConnectionError("broken")
_CALL = llm.ChatChunk(
    id="1",
    delta=llm.ChoiceDelta(
        tool_calls=[llm.FunctionToolCall(name="look_up", arguments="{}", call_id="1")]
    ),
)


def _asked(*answers: list[Any]) -> Any:
    left = list(answers)

    async def ask() -> AsyncIterator[Any]:
        for part in left.pop(0):
            if isinstance(part, float):
                await asyncio.sleep(part)
            elif isinstance(part, Exception):
                raise part
            else:
                yield part

    return ask


def _unheard() -> None:
    raise AssertionError("a failure was told that was none")


async def _all(ask: Any, patience_s: float = 5.0) -> list[Any]:
    return [chunk async for chunk in persevere(ask, _unheard, patience_s)]


async def test_an_answer_passes_as_it_is() -> None:
    assert await _all(_asked(["a", _CALL, "b"])) == ["a", _CALL, "b"]


async def test_one_that_breaks_off_between_words_begins_anew() -> None:
    asked = _asked(["The door", _BROKEN], ["The door is open."])
    assert await _all(asked) == ["The door", Sign.BROKEN_OFF, "The door is open."]


@pytest.mark.parametrize("first", [[_BROKEN], [_CALL, _BROKEN], ["I look.", _CALL, _BROKEN]])
async def test_one_that_cannot_begin_anew_fails(first: list[Any]) -> None:
    failures: list[str] = []
    with pytest.raises(APIConnectionError):
        async for _ in persevere(_asked(first, ["never"]), lambda: failures.append("told")):
            pass
    assert failures == ["told"]


async def test_it_does_not_go_on_for_ever() -> None:
    got = []
    failures: list[str] = []
    asked = _asked(*[["a", _BROKEN] for _ in range(5)])

    async def listen() -> None:
        async for chunk in persevere(asked, lambda: failures.append("told")):
            got.append(chunk)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(APIConnectionError):
        await listen()
    assert got == ["a", Sign.BROKEN_OFF, "a", Sign.BROKEN_OFF, "a"]
    assert failures == ["told"]


async def test_a_late_word_is_announced_and_comes() -> None:
    assert await _all(_asked([0.05, "a", 0.05, "b"]), 0.01) == [Sign.LATE, "a", "b"]


async def test_words_without_an_end_are_no_sound_and_do_not_end_the_wait() -> None:
    late = ["The door", 0.05, " is open. ", "Go in."]
    assert await _all(_asked(late), 0.01) == [Sign.LATE, "The door", " is open. ", "Go in."]


@pytest.mark.parametrize("first", ["Well, ", "It is open. ", _CALL])
async def test_a_clause_or_a_call_ends_the_wait(first: Any) -> None:
    assert await _all(_asked([first, 0.05, "b"]), 0.01) == [first, "b"]


def _asked_before(silent_s: float | None, *after: str) -> llm.ChatContext:
    ctx = llm.ChatContext.empty()
    metrics: llm.MetricsReport = {}
    if silent_s is not None:
        metrics["stopped_speaking_at"] = time.time() - silent_s
    ctx.add_message(role="user", content="What is the code?", metrics=metrics)
    for words in after:
        ctx.add_message(role="assistant", content=words)
    ctx.insert(llm.FunctionCall(call_id="1", name="look_up", arguments="{}"))
    return ctx


def test_the_time_since_the_callers_last_sound_counts() -> None:
    assert patience_for(_asked_before(1.5)) == pytest.approx(0.7, abs=0.1)
    # An answer that is at hand comes before an excuse, however late it is.
    assert patience_for(_asked_before(20.0)) == pytest.approx(0.3)
    assert patience_for(_asked_before(0.0)) == PATIENCE_S


def test_it_does_not_count_where_something_was_said_or_nobody_spoke() -> None:
    assert patience_for(_asked_before(20.0, "Just one moment, please …")) == PATIENCE_S
    assert patience_for(_asked_before(None)) == PATIENCE_S
    assert patience_for(llm.ChatContext.empty()) == PATIENCE_S


async def test_whoever_stops_listening_stops_the_model() -> None:
    ended = asyncio.Event()

    async def ask() -> AsyncIterator[Any]:
        try:
            yield "a. "
            await asyncio.sleep(60)
        finally:
            ended.set()

    answer = persevere(ask, _unheard)
    assert await anext(answer) == "a. "
    await answer.aclose()
    assert ended.is_set()


def test_what_is_said_while_nothing_comes_is_held_back_by_nobody() -> None:
    vault = Vault()
    vault.hold("tulip-Harbour-42", "Wi-Fi password", "password")
    # The framework holds back the space at the end.
    said = "".join(part.text for part in Guard(vault).feed(ONE_MOMENT.rstrip()))  # type: ignore[union-attr]
    assert said == ONE_MOMENT.rstrip()
    assert Clauses().feed(said)
