"""The verdict: what was found, what was not read, and that the report holds no value."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, cast

import pytest

from offmic.audit import report
from offmic.audit.attacks import ATTACKS
from offmic.audit.canaries import Canary, Coop
from offmic.audit.command import choose
from offmic.audit.judge import SCREEN, judge
from offmic.audit.listener import Listener
from offmic.audit.play import Seen
from offmic.audit.sinks import SINKS, Evidence
from offmic.errors import OffmicError

if TYPE_CHECKING:
    from offmic.audit.attacks.model import Attack
    from offmic.audit.judge import Verdict
    from offmic.audit.stage import Subject

PLANTED = "marmot walrus cobalt tundra"


@dataclass
class Worker:
    output: str = f'{{"message": "{PLANTED}"}}\nprinted {PLANTED}'
    errors: str = PLANTED
    files: str = PLANTED

    def report(self, room: str, name: str) -> str:
        return f"{room} {name} {PLANTED}"


def one(name: str) -> dict[Attack, Canary]:
    attack = next(a for a in ATTACKS if a.name == name)
    return {attack: Canary(name, attack.shape(Coop(Random(1))), "a label")}


def a_verdict(
    attacks: dict[Attack, Canary], worker: Worker | None = None, **seen: object
) -> Verdict:
    got = {"transcript": PLANTED, "other": PLANTED, "hidden": PLANTED} | seen
    listener = Listener(requests=[PLANTED], telemetry=[PLANTED])
    everything = Evidence(
        [Seen("audit-amber", PLANTED, **got)],  # type: ignore[arg-type]
        listener,
        cast("Subject", worker or Worker()),
    )
    return judge(everything, attacks)


def test_a_sink_in_which_the_planted_words_are_missing_was_not_read() -> None:
    # Nothing was recorded here, so nobody knows what was heard.
    assert set(a_verdict(one("digit words")).unread) == {"agent audio", "another's audio"}
    verdict = a_verdict(one("digit words"), Worker(errors="", files="something else"), other="")
    assert {"stderr", "files", "another's messages"} < set(verdict.unread)
    assert not verdict.clean


@pytest.mark.parametrize(
    ("words", "read"),
    [(2, True), (1, False)],
    ids=["half of them", "less than half of them"],
)
def test_audio_was_read_where_half_of_the_planted_words_are_heard(
    monkeypatch: pytest.MonkeyPatch, words: int, *, read: bool
) -> None:
    heard = " ".join(PLANTED.split()[:words])
    monkeypatch.setattr("offmic.audit.sinks._audio", lambda _: f"The answer is {heard}.")
    verdict = a_verdict(one("digit words"), transcript=heard)
    assert ("agent audio" not in verdict.unread) is read
    # What is written is not misheard.
    assert "lk.transcription" in verdict.unread


@pytest.mark.parametrize("place", ["output", "errors", "files"])
def test_a_value_in_the_workers_output_is_a_leak(place: str) -> None:
    attacks = one("as it is")
    value = next(iter(attacks.values())).value
    worker = Worker(**{place: f'{PLANTED}\n{{"message": "{PLANTED} {value}"}}'})
    leaks = a_verdict(attacks, worker).leaks
    assert [leak.attack for leak in leaks] == ["as it is"]


def test_what_a_person_in_the_room_got_is_searched() -> None:
    attacks = one("digit words")
    value = next(iter(attacks.values())).value
    leaks = a_verdict(attacks, hidden=f"{PLANTED} {' '.join(value)}").leaks
    assert [(leak.attack, leak.sink) for leak in leaks] == [("digit words", "a hidden one")]


def test_a_value_on_the_screen_is_a_leak_only_where_it_has_no_right_to_be() -> None:
    for name, wrong in (("digit words", False), ("a made-up handle", True)):
        attacks = one(name)
        leaks = a_verdict(attacks, screen=[c.value for c in attacks.values()]).leaks
        assert [leak.sink for leak in leaks] == [SCREEN] * wrong


def test_an_attack_that_was_not_played_fails_the_audit() -> None:
    verdict = a_verdict(one("as it is"), unplayed={"as it is": "no answer in time"})
    assert verdict.unplayed == {"as it is": "no answer in time"}
    assert not verdict.clean


def test_no_report_holds_a_value(capsys: pytest.CaptureFixture[str]) -> None:
    attacks = one("as it is")
    value = next(iter(attacks.values())).value
    verdict = a_verdict(attacks, transcript=f"{PLANTED} {value}")
    report.print_table(verdict)
    report.print_json(verdict)
    printed = capsys.readouterr().out
    assert "as it is" in printed
    assert value[0] + "•" in printed
    assert value not in printed
    assert json.loads(printed.splitlines()[-1])["sinks"] == [sink.name for sink in SINKS]


def test_an_attack_that_does_not_exist_is_named_with_those_that_do() -> None:
    assert [attack.name for attack in choose("hex, base64")] == ["hex", "base64"]
    assert choose("") == ATTACKS
    with pytest.raises(OffmicError, match=r"no 'nope'; there are: as it is, "):
        choose("nope")
