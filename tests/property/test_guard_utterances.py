"""Random values in every way in which a voice may say them; `make bench` plays many more."""

from __future__ import annotations

from bench.guard_utterances import WHOLE, play
from tests.fakes.utterances import PIECES, code

A_FEW = 4


def test_no_utterance_of_a_vault_value_lets_it_through() -> None:
    played = [leak for _, leak in play(WHOLE, A_FEW)]
    assert len(played) > 200
    assert [leak for leak in played if leak is not None] == []


def test_a_code_said_in_pieces_does_not_get_through() -> None:
    assert [leak for _, leak in play([(code, PIECES)], 20) if leak is not None] == []
