"""Text that passes by the recognisers comes out as if they had read it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offmic.audit.voicings import password
from offmic.guard import Direction, Guard
from tests.fakes.guarding import GLUE, WORDS, Heard, chunk_sizes, cut, hear, vault_of
from tests.fakes.tables import table_words

EVERYDAY = tuple(
    """good morning thank you for calling how can I help today let me see what there is to be had
    the restaurant on corner has a lovely view over river room ready and breakfast served next half
    first part of it's that's use your sorry all OK at one ten double would like them""".split()  # noqa: SIM905
)
GLUES = (*GLUE, *" " * 12, "? ", ". ", ", ", "! ", "'s ", "-")
TABLES = table_words()
_RANDOM = Random(5)
VAULTS: tuple[dict[str, str], ...] = (
    {},
    {"code": "4821", "wifi": "summer-2024", "login": "hunter2", "phrase": "correct horse battery"},
    {"short": "is4u", "odd": "$w@rd!", "first": "the-one", "again": "be12"},
    {f"v{n}": password(_RANDOM) for n in range(40)},
)


class Unhurried(Guard):
    """A guard whose recognisers read everything."""

    calm = False


@dataclass
class Talk:
    """Turns of one call, and the vault that they are guarded by."""

    vault: dict[str, str]
    turns: list[str]


@st.composite
def talks(draw: st.DrawFn) -> Talk:
    vault = draw(st.sampled_from(VAULTS))
    values = tuple(vault.values()) or ("none",)
    word = st.one_of(
        st.sampled_from(EVERYDAY),
        st.sampled_from(EVERYDAY),
        st.sampled_from(EVERYDAY),
        st.sampled_from(TABLES),
        st.sampled_from(WORDS),
        st.sampled_from(values).flatmap(
            lambda v: st.tuples(st.integers(0, len(v) - 1), st.integers(1, len(v))).map(
                lambda cut: v[cut[0] : cut[0] + cut[1]]
            )
        ),
    )
    turn = st.lists(st.tuples(word, st.sampled_from(GLUES)), max_size=24).map(
        lambda parts: "".join(w + glue for w, glue in parts)
    )
    return Talk(vault, draw(st.lists(turn, min_size=1, max_size=3)))


def outcome(heard: Heard) -> tuple[object, ...]:
    return heard.spoken, heard.transcript, heard.diverted, heard.emitted


def test_the_tables_are_found() -> None:
    assert len(TABLES) > 1000
    assert {"password", "verification", "whiskey", "seventeen", "underscore"} <= set(TABLES)


@pytest.mark.parametrize("direction", list(Direction))
@given(talk=talks(), sizes=chunk_sizes())
@settings(max_examples=300, deadline=None)
def test_what_passes_by_is_what_would_have_been_said(
    direction: Direction, talk: Talk, sizes: list[int]
) -> None:
    vault = vault_of(**talk.vault)
    swift, unhurried = Guard(vault, direction), Unhurried(vault, direction)
    for turn in talk.turns:
        chunks = cut(turn, sizes)
        assert outcome(hear(swift, chunks)) == outcome(hear(unhurried, chunks))


@given(talk=talks(), sizes=chunk_sizes())
@settings(max_examples=100, deadline=None)
def test_it_matters_not_whether_text_came_before(talk: Talk, sizes: list[int]) -> None:
    vault = vault_of(**talk.vault)
    first = [outcome(hear(Guard(vault), cut(turn, sizes))) for turn in talk.turns]
    again = [outcome(hear(Guard(vault), cut(turn, sizes))) for turn in talk.turns]
    assert first == again


@pytest.mark.parametrize(
    "turns",
    [
        ("We served lunch today. ", "A password changed. Then we served lunch today. "),
        ("The magic show today. Some word to say. ", "The magic word is abracadabra today. "),
        ("Not again, please. ", "It opens with four eight two one again, please. "),
        ("Your first part, then some rest. ", "First be, and then the rest: 12, please. "),
        ("It is ready. That is good. ", "I reset your password. It is Tiger7Lily. "),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 4, 100])
def test_what_came_before_still_counts(turns: tuple[str, ...], size: int) -> None:
    vault = vault_of(meal="servedx1", again="be12", code="4821")
    for _ in range(3):
        swift, unhurried = Guard(vault), Unhurried(vault)
        for turn in turns:
            chunks = cut(turn, [size])
            assert outcome(hear(swift, chunks)) == outcome(hear(unhurried, chunks))
