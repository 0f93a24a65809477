"""The load driver's arguments, sums and picture, without a call."""

from __future__ import annotations

import re

import pytest

from bench.capacity import carried
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
