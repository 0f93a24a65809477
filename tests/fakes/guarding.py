"""Runs a guard over turns, and texts that try it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from offmic.guard import Guard, Phrasing, SecretDiverted
from offmic.secrets import Kind, Secret, Vault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hypothesis.strategies import SearchStrategy

    from offmic.guard import Segment

ZERO_WIDTH = "\u200b"

WORDS = tuple(
    """the code is my card number and then double triple oh o zero one two three four five six seven
    eight nine ten eleven forty twenty hundred thousand alpha bravo mike as in capital dash dot at
    password secret people on screen first second half 4 8 2 1 4821 48 21 hunter hunter2 4111 1111
    4111111111111111 summer 2024 summer-2024 march 1948 <secret <secret> </secret> label="x"> {{
    {{secret: }} {{{ [door code] [ ] < > </b> <b> ( ) $ 99 I a password password's is required your
    PIN pin: verification this as account number no. ssn social 123-45-6789 078 05 1120 api_key API
    key token secret_key= = : " ' sk- ghp_ AKIA a1b2c3d4e5 Ab3xK9 G-830829 dollars pm for the wifi
    case-sensitive not correct horse X1234567 capital T as in Tom magic word seed phrase amount
    -----BEGIN PRIVATE KEY----- ----- END postgres:// user:pw@host :// DE89 GB82 WEST 1234 5698
    """.split()  # noqa: SIM905 - a list would fill a page
)
GLUE = ("", " ", " ", " ", " ", "-", ".", ", ", ". ", "\n", ZERO_WIDTH, "**", ":", "/", "'")


@dataclass
class Heard:
    """What came out of the guard for one turn."""

    spoken: str = ""
    transcript: str = ""
    emitted: list[str] = field(default_factory=list)
    diverted: list[SecretDiverted] = field(default_factory=list)

    @property
    def values(self) -> list[str]:
        return [secret.value for secret in self.diverted]


def vault_of(**values: str) -> Vault:
    """Make a vault; keywords are labels, with underscores for spaces."""
    vault = Vault()
    for name, value in values.items():
        vault.adopt(Secret(value, name.replace("_", " "), Kind.OTHER))
    return vault


def hear(guard: Guard, chunks: Iterable[str]) -> Heard:
    """Play one turn."""
    heard, phrasing = Heard(), Phrasing()

    def take(segments: Sequence[Segment]) -> None:
        phrased = phrasing.take(segments)
        heard.emitted.append(phrased.spoken)
        heard.spoken += phrased.spoken
        heard.transcript += phrased.transcript
        heard.diverted += [s for s in segments if isinstance(s, SecretDiverted)]

    for chunk in chunks:
        take(guard.feed(chunk))
    take(guard.flush())
    return heard


def say(text: str, /, **values: str) -> Heard:
    """Play one turn of one chunk against a fresh guard."""
    return hear(Guard(vault_of(**values)), [text])


def cut(text: str, sizes: Sequence[int]) -> list[str]:
    """Cut a text into chunks of these sizes, over and over."""
    chunks, at, turn = [], 0, 0
    while at < len(text):
        size = max(1, sizes[turn % len(sizes)])
        chunks.append(text[at : at + size])
        at, turn = at + size, turn + 1
    return chunks


def tricky_texts(extra: Sequence[str] = ()) -> SearchStrategy[str]:
    """Texts of words that begin, extend and break secrets, and of any characters at all."""
    words = st.sampled_from((*WORDS, *extra))
    pieces = st.one_of(words, words, words, words, st.text(max_size=3))
    return st.lists(st.tuples(pieces, st.sampled_from(GLUE)), max_size=14).map(
        lambda parts: "".join(word + glue for word, glue in parts)
    )


def chunk_sizes() -> SearchStrategy[list[int]]:
    """Sizes of chunks."""
    return st.lists(st.integers(1, 9), min_size=1, max_size=6)
