"""Weigh free or misheard wordings; must never choose between two secrets that fit equally well.

A sentence counts as a request for a secret where it holds a sign of asking ("what is", "I need")
and a sign of one secret: its name, a paraphrase, or something that cannot be done without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from rapidfuzz import fuzz, process

from offmic.local.sounds import sound
from offmic.local.words import (
    expand,
    holds,
    pattern,
    plain,
    read_data,
    without_articles,
    without_fillers,
)

if TYPE_CHECKING:
    import re

    from offmic.local.names import Name

Labels = frozenset[str]

_NEAR_WORDS: Final = 7
_SHORT_WORDS: Final = 8
_BARE_WORDS: Final = 2
_ALIKE: Final = 84.0
_ALIKE_WORD: Final = 75.0
_SPELT_WORD: Final = 40.0
_TIED: Final = 0.3
_ALIKE_MIN_CHARS: Final = 8
_PAIR: Final = 2
_PART_CHARS: Final = 3
"""A word of a name that was heard as one with its neighbour is at least this long."""
_NAMED, _CALLED, _ALIKE_CALLED, _ABOUT, _SITUATED, _DOING = 4.0, 3.5, 3.0, 2.5, 2.5, 2.0


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of secrets and what people say when they need one; see paraphrases.yaml."""

    labels: Labels
    about: tuple[str, ...]
    nouns: tuple[str, ...]
    actions: re.Pattern[str]
    situations: re.Pattern[str]
    unless: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Sign:
    labels: Labels
    weight: float
    phrase: str


class Evidence:
    """All that speaks for one of the known names.

    Args:
        names: what the front desk knows.
    """

    def __init__(self, names: tuple[Name, ...]) -> None:
        self._cues = _signs_of("cues")
        self._wishes = _signs_of("wishes")
        self._follow_ups = _signs_of("follow_ups")
        self._never = _signs_of("never")
        self.called: dict[str, Labels] = {}
        self._sorts: list[Sort] = []
        for sort in read_data("paraphrases"):
            self._add_sort(sort, names)
        self.named = {
            without_articles(plain(text)): frozenset((name.label,))
            for name in names
            for text in (*name.aliases, name.label)
        }
        self.called |= self.named
        self._alike: dict[int, list[str]] = {}
        for phrase, labels in self.called.items():
            if labels and len(phrase) >= _ALIKE_MIN_CHARS and " " in phrase:
                self._alike.setdefault(len(phrase.split()), []).append(phrase)
        self._openers = frozenset(read_data("requests")["openers"])
        self._small_words = frozenset(read_data("requests")["small_words"])

    def is_talk(self, text: str) -> bool:
        """Tell whether the plain text only talks about a thing."""
        return self._never.search(f"{text} ") is not None

    def weigh(self, text: str, *, asked: bool, follow_up: bool) -> tuple[Labels, ...]:
        """Return what is asked for, each set one secret, or several that fit equally well.

        Args:
            text: plain words.
            asked: the sentence ended in a question mark.
            follow_up: the turn before asked for a secret.
        """
        text = without_fillers(text)
        if not text or self.is_talk(text):
            return ()
        cue = self._cues.search(f"{text} ") is not None
        wish = self._wishes.search(f"{text} ") is not None
        more = follow_up and self._follow_ups.match(f"{text} ") is not None
        states = text.split()[0] in self._openers
        text = without_articles(text)
        signs = self._calls(text, cue=cue, asked=asked or not states) + self._needs(
            text, cue=cue, wish=wish
        )
        if not signs and (cue or asked):
            signs = self._sounds_called(text)
        if not signs and more and len(text.split()) <= _SHORT_WORDS:
            signs = [
                _Sign(sort.labels, _DOING, word)
                for sort in self._sorts
                for word in sort.about
                if holds(word, text)
            ]
        return _strongest(signs, text)

    def _add_sort(self, sort: str, names: tuple[Name, ...]) -> None:
        data, subjects, patterns = _words_of(sort)
        labels = frozenset(
            name.label
            for name in names
            for text in (name.label, *name.aliases)
            if any(holds(word, plain(text)) for word in data["known_by"])
        )
        # Of a sort that nobody knows the subjects count all the same: who asks for the safe's code
        # must not get the door's.
        for phrase in subjects:
            self.called.setdefault(phrase, labels)
        if not labels:
            return
        self._sorts.append(
            Sort(
                labels,
                tuple(data["about"]),
                tuple(data["nouns"]),
                *patterns,
            )
        )

    def _calls(self, text: str, *, cue: bool, asked: bool) -> list[_Sign]:
        """Signs that call the secret by a name."""
        words = text.split()
        found = []
        for phrase, labels in self.called.items():
            if not holds(phrase, text):
                continue
            size = len(phrase.split())
            bare = len(words) - size <= _BARE_WORDS
            if size > 1:
                enough = cue or bare or (asked and not text.startswith(phrase))
            else:  # "wifi" alone is talked about more often than asked for
                enough = len(words) <= _BARE_WORDS or (
                    cue and words[-1] == phrase and len(words) <= _SHORT_WORDS
                )
            if enough:
                weight = _NAMED if phrase in self.named else _CALLED
                found.append(_Sign(labels, weight + len(phrase) / 100, phrase))
        return found

    def _sounds_called(self, text: str) -> list[_Sign]:
        """Signs that call the secret by a misheard name, such as "door coat"."""
        words = text.split()
        found = [
            _Sign(self.called[phrase], _ALIKE_CALLED, phrase)
            for phrase in dict.fromkeys(map(plain, _taken_apart(words)))
            if phrase in self._alike.get(_PAIR, ())
        ]
        for size, phrases in self._alike.items():
            for start in range(len(words) - size + 1):
                window = words[start : start + size]
                heard = " ".join(window)
                near = process.extract(
                    heard, phrases, scorer=fuzz.ratio, score_cutoff=2 * _ALIKE - 100, limit=None
                )
                for phrase, spelt, _ in near:
                    alike = (spelt + fuzz.ratio(sound(heard), sound(phrase))) / 2
                    if alike >= _ALIKE and self._may_stand_for(window, phrase.split()):
                        weight = _ALIKE_CALLED * alike / 100
                        found.append(_Sign(self.called[phrase], weight, phrase))
        return found

    def _may_stand_for(self, heard: list[str], meant: list[str]) -> bool:
        return all(
            h == m
            or (
                h not in self._small_words
                and fuzz.ratio(h, m) >= _SPELT_WORD
                and max(fuzz.ratio(h, m), fuzz.ratio(sound(h), sound(m))) >= _ALIKE_WORD
            )
            for h, m in zip(heard, meant, strict=True)
        )

    def _needs(self, text: str, *, cue: bool, wish: bool) -> list[_Sign]:
        """Signs of something that takes the secret."""
        found = []
        for sort in self._sorts:
            if sort.unless.search(f"{text} "):
                continue
            if cue and _near(text, sort.about, sort.nouns):
                found.append(_Sign(sort.labels, _ABOUT, ""))
            signs = [(_SITUATED, sort.situations)] + [(_DOING, sort.actions)] * wish
            for weight, sign in signs:
                if longest := max((len(m[0]) for m in sign.finditer(f"{text} ")), default=0):
                    found.append(_Sign(sort.labels, weight + longest / 100, ""))
        return found


@cache
def _signs_of(kind: str) -> re.Pattern[str]:
    requests = read_data("requests")
    return pattern(requests[kind], requests["rules"])


@cache
def _words_of(
    sort: str,
) -> tuple[
    dict[str, Any], tuple[str, ...], tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]
]:
    data: dict[str, Any] = read_data("paraphrases")[sort]
    rules = data["rules"]
    actions, situations, unless = (
        pattern(data.get(kind, ()), rules) for kind in ("actions", "situations", "unless")
    )
    return data, expand(data["subjects"], rules), (actions, situations, unless)


def _near(text: str, about: tuple[str, ...], nouns: tuple[str, ...]) -> bool:
    words = text.split()
    places = [at for noun in nouns for at in _places(noun, words)]
    return any(
        abs(there - here) <= _NEAR_WORDS
        for word in about
        for there in _places(word, words)
        for here in places
        if there != here
    )


def _taken_apart(words: list[str]) -> list[str]:
    """Return each way in which one of the words may be two that were heard as one."""
    return [
        f"{word[:cut]} {word[cut:]}"
        for word in words
        for cut in range(_PART_CHARS, len(word) - _PART_CHARS + 1)
    ]


def _places(phrase: str, words: list[str]) -> list[int]:
    parts = phrase.split()
    return [at for at in range(len(words)) if words[at : at + len(parts)] == parts]


def _strongest(signs: list[_Sign], text: str) -> tuple[Labels, ...]:
    """Keep the strongest sign; two named in one breath, joined by "and", are two requests."""
    if not signs:
        return ()
    named = [
        sign
        for sign in signs
        if sign.weight >= _CALLED
        and not any(sign.phrase != o.phrase and holds(sign.phrase, o.phrase) for o in signs)
    ]
    groups = list(dict.fromkeys(sign.labels for sign in named))
    if len(groups) > 1 and all(len(group) == 1 for group in groups) and holds("and", text):
        return tuple(groups)
    totals: dict[Labels, float] = {}
    for sign in signs:
        totals[sign.labels] = max(totals.get(sign.labels, 0.0), sign.weight)
    best = max(totals.values())
    tied = [labels for labels, weight in totals.items() if best - weight < _TIED]
    together = frozenset().union(*tied)
    return (together,) if together else ()
