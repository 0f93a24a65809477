"""The load driver's arguments, sums and picture, without a call."""

from __future__ import annotations

import re

import pytest

from bench.capacity import Side, carried, report
from bench.load import Stage, picture, read_arguments, table
from bench.load_caller import Record
from bench.load_desk import Use
from bench.load_picture import Line, draw

USE = Use(
    jobs=0.5,
    models=0.25,
    sfu=0.125,
    driver=0.125,
    job_uss=62e6,
    job_pss=160e6,
    worker_pss=900e6,
)
RISING = Line("rising", [(1, 1.0), (4, 3.0)])


def stage(callers: int, answer_s: float, *, lost: int = 0) -> Stage:
    records = [Record(0.5, [answer_s], [answer_s]) for _ in range(callers)]
    records[0].answers_s += [None] * lost
    return Stage(callers, records, USE)


def test_numbers_of_callers_are_read() -> None:
    options = read_arguments(["--callers", "1,2,8", "--seconds", "20"])
    assert (options.callers, options.seconds) == ([1, 2, 8], 20.0)


@pytest.mark.parametrize("text", ["0", "two", ""])
def test_what_is_no_number_of_callers_is_refused(text: str) -> None:
    with pytest.raises(SystemExit):
        read_arguments(["--callers", text])


def test_a_question_without_an_answer_stands_in_the_table_as_lost() -> None:
    row = table([stage(2, 0.75, lost=3)]).splitlines()[-1]
    assert row == (
        "| 2 | 0.50 | 0.75, 0.75 | 0.75, 0.75 | 5 | 0, 3, 0 "
        "| 0.50, 0.25, 0.12, 0.12 | 62, 160 | 900 |"
    )


def test_a_call_that_never_began_is_lost() -> None:
    assert " 1, 0, 0 " in table([Stage(1, [Record()], None)])


def test_calls_are_carried_while_answers_are_quick_and_none_is_missing() -> None:
    assert carried([stage(2, 0.5), stage(4, 1.4), stage(8, 1.6)]) == 4
    assert carried([stage(2, 0.5), stage(4, 1.4, lost=1)]) == 2
    assert carried([stage(2, 2.0)]) == 0


def test_the_picture_has_a_line_for_each_measure() -> None:
    assert picture([stage(1, 0.5), stage(8, 1.2)]).count("<polyline") == 4


def test_a_larger_value_stands_higher_and_a_larger_number_to_the_right() -> None:
    line = re.search(r'points="([\d.]+),([\d.]+) ([\d.]+),([\d.]+)"', draw("n", "s", [RISING]))
    assert line is not None
    x1, y1, x2, y2 = map(float, line.groups())
    assert x2 > x1
    assert y2 < y1


def test_the_comparison_gives_calls_a_core_and_what_a_call_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("psutil.cpu_count", lambda: 2)
    ours = Side("offmic", [stage(4, 0.5), stage(8, 1.0)])
    plain = Side("plain", [stage(1, 1.0), stage(4, 1.6)])
    *_, first, second, _, ratio = report([ours, plain]).splitlines()
    assert first == "| offmic | 4.0 | 0.11 | 62 | 112 |"
    assert second == "| plain | 0.5 | 0.22 | 62 | 225 |"
    assert ratio == "offmic carries 8.0 times as many calls"


def test_where_the_plain_one_carries_nothing_no_ratio_is_made_up() -> None:
    sides = [Side("offmic", [stage(1, 0.5)]), Side("plain", [stage(1, 2.0)])]
    assert "times as many" not in report(sides)
