"""Card numbers spoken over a real SFU: no digit reaches the model, the transcript or the logs.

`CARDS` in the environment says how many; `make audit` plays 100. Two voices, one call for each.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest

from offmic.audit.bystander import bystander
from offmic.audit.completions import Says, text_of
from offmic.guard.checks import luhn
from tests.fakes.desk import Desk, model_settings, running_desk
from tests.fakes.openai_server import Request, Step, scripted_model
from tests.fakes.visitor import Visitor, visitor
from tests.fakes.voices import speak

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = pytest.mark.sfu

_CARDS: Final = int(os.environ.get("CARDS", "10"))
_VOICES: Final = ("hibari", "espeak-ng")
_WORDS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_PAUSE_S: Final = 1.3
_PIECE: Final = 8
_HANDLE: Final = re.compile(r"\{\{secret:[^}]*\}\}")
_ANY_DIGIT: Final = re.compile(rf"\d|\b(?:{'|'.join(_WORDS)})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Spoken:
    """A number and how it is said: in one breath or in several."""

    number: str
    breaths: tuple[str, ...]


@dataclass(frozen=True)
class Taken:
    """What became of one.

    Args:
        spoken: what was said.
        heard: the recogniser's raw words.
        taken: what was taken down.
    """

    spoken: Spoken
    heard: str
    taken: str

    @property
    def understood(self) -> str:
        """The digits in the recogniser's words, read by rules that are not the guard's."""
        return _digits(self.heard)


async def test_no_digit_of_a_spoken_card_goes_anywhere_but_where_it_is_taken_down(
    tmp_path: Path,
) -> None:
    says_yes = Step("a number", lambda r: r.last_role == "user", Says(["Yes."]))
    async with (
        scripted_model(says_yes) as model,
        running_desk(
            model_settings(model) | {"CARDS_FOLDER": str(tmp_path)}, "tests/fakes/card_taker.py"
        ) as desk,
    ):
        taken = [
            one
            for voice in await asyncio.gather(*(_call(desk, v, tmp_path) for v in _VOICES))
            for one in voice
        ]
        logs = desk.worker.output
    right = [t for t in taken if t.understood == t.spoken.number]
    whole = [t for t in taken if t.taken == t.spoken.number]
    print(  # noqa: T201 - the rates
        f"\nof {len(taken)} card numbers the recogniser wrote {len(right)} right; "
        f"{len(whole)} were taken down right"
    )
    for one in taken:
        if one.taken != one.spoken.number:
            print(f"  said {one.spoken.number}, heard {one.heard!r}, took {one.taken}")  # noqa: T201
    assert len(taken) == _CARDS
    # Whatever the recogniser got right is taken down right.
    assert not [(t.heard, t.taken) for t in right if t.taken != t.spoken.number]
    assert right  # the recogniser on the device writes about half of them right
    asked = "\n".join(_users_words(request) for request in model.requests)
    assert "[card number]" in asked
    assert not _ANY_DIGIT.search(asked), asked
    for sink in map(_squeeze, (model.everything, logs)):
        assert not [t.spoken.number for t in taken if _tells(t.spoken.number, sink)]
        assert not [t.taken for t in taken if _tells(t.taken, sink)]


async def _call(desk: Desk, voice: str, folder: Path) -> list[Taken]:
    rows = _spoken(voice, _CARDS // len(_VOICES))
    room = f"cards-{voice}"
    async with bystander(desk.sfu, room) as other, visitor(desk.sfu, room) as caller:
        await caller.greeted()
        for row in rows:
            before = len(caller.caller.events)
            samples, rate = await asyncio.to_thread(_voiced, row, voice)
            await caller.caller.play_samples(samples, rate, said="a card number")
            played = len(caller.caller.events)
            # What the recogniser does not hear at all is not waited for any longer.
            with suppress(TimeoutError):
                await caller.caller.wait_for(partial(_has_heard, caller, played), 6.0)
            await caller.caller.wait_until_idle(20.0)
            await caller.caller.type("next")
            await caller.caller.wait_for(partial(_has_said, caller, "Next.", before), 20.0)
            await caller.caller.wait_until_idle(20.0, 0.3)
        lines = [g.text for g in other.on_topic("lk.transcription")]
    written = [line for line in lines if "card number" in line]
    assert written
    # Interim and final words alike: of what is said there is the label and nothing else.
    for line in lines:
        words = line.split(" {'")[0]
        assert not _ANY_DIGIT.search(words), words
    everything = _squeeze(other.everything)
    assert not [row.number for row in rows if _tells(row.number, everything)]
    log = folder / f"{desk.job_process(room)}.jsonl"
    notes = [json.loads(line) for line in log.read_text().splitlines()]
    assert len(notes) == len(rows)
    return [
        Taken(row, " ".join(note["heard"]), note["taken"])
        for row, note in zip(rows, notes, strict=True)
    ]


def _has_said(caller: Visitor, words: str, since: int) -> bool:
    return words in str(caller.caller.events[since:])


def _has_heard(caller: Visitor, since: int) -> bool:
    events = caller.caller.events[since:]
    return any(e["event"] == "transcript" and e["who"] == "you" for e in events)


def _spoken(voice: str, count: int) -> list[Spoken]:
    """Return numbers with right check digits: grouped, one by one, doubled, with pauses."""
    chance = random.Random(voice)
    rows = []
    for at in range(count):
        number = _card(chance)
        groups = [number[:4], number[4:8], number[8:12], number[12:]]
        match at % 5:
            case 0:
                breaths: tuple[str, ...] = (", ".join(map(_one_by_one, groups)),)
            case 1:
                breaths = (_one_by_one(number),)
            case 2:
                breaths = (", ".join(map(_doubled, groups)),)
            case 3:
                half = len(groups) // 2
                breaths = tuple(
                    ", ".join(map(_one_by_one, part)) for part in (groups[:half], groups[half:])
                )
            case _:
                breaths = tuple(map(_one_by_one, groups))
        rows.append(Spoken(number, breaths))
    return rows


def _card(chance: random.Random) -> str:
    while True:
        number = chance.choice("45") + "".join(chance.choices("0123456789", k=15))
        if luhn(number):
            return number


def _one_by_one(digits: str) -> str:
    return " ".join(_WORDS[int(d)] for d in digits)


def _doubled(digits: str) -> str:
    parts = []
    for digit, run in groupby(digits):
        size = len(list(run))
        word = _WORDS[int(digit)]
        parts += [f"double {word}"] * (size // 2) + [word] * (size % 2)
    return " ".join(parts)


def _voiced(row: Spoken, voice: str) -> tuple[NDArray[np.int16], int]:
    parts: list[NDArray[np.int16]] = []
    rate = 0
    for breath in row.breaths:
        samples, rate = speak(f"{breath}.", voice)
        parts += [samples, np.zeros(int(rate * _PAUSE_S), np.int16)]
    return np.concatenate(parts[:-1]), rate


def _squeeze(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.casefold())


def _tells(number: str, squeezed: str) -> bool:
    """Tell whether eight digits in a row of a number stand in a text, as digits or as words."""
    pieces = [number[at : at + _PIECE] for at in range(len(number) - _PIECE + 1)]
    return any(p in squeezed or _squeeze(_one_by_one(p)) in squeezed for p in pieces)


def _users_words(request: Request) -> str:
    said = [text_of(m) for m in request.messages if m["role"] == "user"]
    # Before its digits are whole a label stands where later the handle will.
    return "\n".join(_HANDLE.sub("", text) for text in said)


def _digits(heard: str) -> str:
    digits = ""
    times = 1
    for word in re.findall(r"\d|[a-z]+", heard.casefold().replace("o'", "o ")):
        if word in ("double", "triple"):
            times = 2 if word == "double" else 3
            continue
        digit = word if word.isdigit() else str(_WORDS.index(word)) if word in _WORDS else ""
        digit = "0" if word in ("oh", "o") else digit
        digits += digit * times
        times = 1
    return digits
