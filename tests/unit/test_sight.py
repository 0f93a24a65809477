"""Guards are timed and counted, and a turn is one line; no label of a figure is free text."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from livekit.agents import AgentSession, APIConnectionError, ErrorEvent, inference, tts
from prometheus_client import REGISTRY

from offmic.fallback import FallbackBrain, FallbackEar, FallbackVoice
from offmic.guard import Direction
from offmic.local import parts
from offmic.metrics import Part, Provider
from offmic.secrets import Vault
from offmic.sight import Spent, TurnFormatter, WatchedGuard, watch
from tests.fakes.figures import failures


def _diverted(**labels: str) -> float:
    return REGISTRY.get_sample_value("offmic_diverted_total", labels) or 0.0


def test_a_find_is_counted_by_kind_way_and_direction() -> None:
    vault, spent = Vault(), Spent()
    vault.hold("correct-horse-42", "Wi-Fi password", "password")
    before = _diverted(kind="password", via="vault", direction="out")
    guard = WatchedGuard(vault, spent)
    guard.feed("It is correct-horse-42. ")
    guard.flush()
    assert _diverted(kind="password", via="vault", direction="out") == before + 1
    assert spent.guard_s > 0


def test_what_was_counted_as_the_models_is_not_counted_again_as_the_voices() -> None:
    vault = Vault()
    secret = vault.hold("correct-horse-42", "Wi-Fi password", "password")
    before = _diverted(kind="password", via="handle", direction="out")
    for repeats in (False, True):
        guard = WatchedGuard(vault, Spent(), repeats=repeats)
        guard.feed(f"It is {secret.handle}. ")
        guard.flush()
    assert _diverted(kind="password", via="handle", direction="out") == before + 1


def test_the_callers_words_count_as_inbound() -> None:
    before = _diverted(kind="card", via="pattern", direction="in")
    guard = WatchedGuard(Vault(), Spent(), Direction.IN)
    guard.feed("my card number is 4539 1488 0343 6467")
    guard.flush()
    assert _diverted(kind="card", via="pattern", direction="in") == before + 1


def test_a_turn_is_one_line_with_its_times() -> None:
    fields = {Part.STT.value: 0.329, Part.GUARD.value: 0.0037, Part.TOTAL.value: 0.375}
    record = logging.makeLogRecord({"msg": "a turn was answered", **fields})
    line = TurnFormatter().format(record)
    assert "\n" not in line
    assert "stt 329" in line
    assert "guard 3.7" in line
    assert "total 375" in line
    assert line.startswith("turn")
    assert "\x1b[" in line


def test_a_time_that_was_taken_out_does_not_break_the_line() -> None:
    record = logging.makeLogRecord({"msg": "a turn was answered", "total": "[door code]"})
    assert "total -" in TurnFormatter().format(record)


@pytest.mark.parametrize("in_a_row", [False, True])
async def test_a_part_that_fails_is_counted_here_unless_its_row_has_done_so(
    *, in_a_row: bool
) -> None:
    session: AgentSession[Any] = AgentSession()
    watch(session, Spent())
    alone = (parts.STT(), parts.LLM(), parts.TTS())
    rows = (
        FallbackEar([alone[0]], inference.VAD(model="silero")),
        FallbackBrain([alone[1]]),
        FallbackVoice([alone[2]]),
    )
    kinds = (Provider.STT, Provider.LLM, Provider.TTS)
    before = [failures(kind) for kind in kinds]
    for kind, part in zip(kinds, rows if in_a_row else alone, strict=True):
        error = tts.TTSError.model_construct(type=f"{kind}_error", error=APIConnectionError("gone"))
        session.emit("error", ErrorEvent(error=error, source=part))
    assert [failures(kind) - b for kind, b in zip(kinds, before, strict=True)] == (
        [0.0] * 3 if in_a_row else [1.0] * 3
    )
