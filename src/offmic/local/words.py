"""Bring heard words into one plain form; must never guess beyond what the data file lists."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml
from hassil.parse_expression import parse_sentence
from hassil.sample import sample_sentence

from offmic.secrets.secret import HANDLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LABEL: Final = re.compile(r"\[[^\]]*\]")
_TOKEN: Final = re.compile(r"<(?P<rule>\w+)>|[()\[\]|$]|[^\s()\[\]|<>]+")
_APART: Final = re.compile(r"[^a-z0-9']+")


@cache
def read_data(name: str) -> dict[str, Any]:
    """Return one of the package's data files.

    Args:
        name: the file's name in `offmic/local/data`, without its ending.
    """
    path = Path(__file__).with_name("data") / f"{name}.yaml"
    # The C parser reads the same and takes a tenth of the time.
    data: dict[str, Any] = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    return data


def expand(templates: Iterable[str], rules: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return every phrase that hassil templates stand for, each in plain form, once.

    Args:
        templates: sentences in hassil's syntax.
        rules: what `<name>` in them stands for.
    """
    parsed = {name: parse_sentence(text) for name, text in (rules or {}).items()}
    phrases = (
        " ".join(phrase.split())
        for template in templates
        for phrase in sample_sentence(parse_sentence(template), {}, parsed)
    )
    return tuple(dict.fromkeys(phrase for phrase in phrases if phrase))


def pattern(templates: Iterable[str], rules: Mapping[str, str] | None = None) -> re.Pattern[str]:
    """Return an expression that finds any of the templates as whole words.

    A template may stand for more phrases than can be listed; this costs the same for all of them.
    It searches text whose every word ends in a space.

    Args:
        templates: sentences in hassil's syntax: `(a|b)`, `[c]` and `<rule>`; `$` is the text's end.
        rules: what `<rule>` in them stands for.
    """

    def convert(template: str) -> str:
        return "".join(piece(token) for token in _TOKEN.finditer(template))

    def piece(token: re.Match[str]) -> str:
        match token[0]:
            case "(" | "[":
                return "(?:(?:"
            case ")":
                return "))"
            case "]":
                return "))?"
            case "|":
                return ")|(?:"
            case "$":
                return "$"
            case text if token["rule"]:
                return f"(?:{convert((rules or {})[token['rule']])})"
            case text:
                return f"{re.escape(text)} "

    listed = [f"(?:{convert(template)})" for template in templates]
    return re.compile(rf"(?<![^ ])(?:{'|'.join(listed)})" if listed else r"(?!)")


def plain(text: str) -> str:
    """Return the words in lower case, contractions written out, mishearings mended.

    Handles and bracketed labels are left out: what they stand for was said before.
    """
    text = _LABEL.sub(" ", HANDLE.sub(" ", text)).casefold().replace("\u2019", "'")
    contractions: dict[str, str] = read_data("words")["contractions"]
    words = []
    for quoted in _APART.sub(" ", text).split():
        word = quoted.strip("'")
        words.append(contractions.get(word, word.removesuffix("'s").replace("'", "")))
    mended = " ".join(words)
    mended += " "
    for heard, meant in _mends():
        mended = heard.sub(f"{meant} ", mended)
    return mended.rstrip()


def unmarked(text: str, stand_in: str) -> str:
    """Return text with `stand_in` where a handle or a bracketed label stood."""
    return _LABEL.sub(stand_in, HANDLE.sub(stand_in, text))


def without_fillers(text: str) -> str:
    """Return plain text without words that only make it polite."""
    return " ".join(_fillers().sub(" ", text).split())


def without_articles(text: str) -> str:
    """Return plain text without "the", "your" and their like."""
    articles = read_data("words")["articles"]
    return " ".join(word for word in text.split() if word not in articles)


def holds(phrase: str, text: str) -> bool:
    """Tell whether the phrase stands in the text as whole words; both are plain."""
    return f" {phrase} " in f" {text} "


@cache
def _mends() -> tuple[tuple[re.Pattern[str], str], ...]:
    sounds: dict[str, list[str]] = read_data("words")["sounds_like"]
    return tuple((pattern(heard), meant) for meant, heard in sounds.items())


@cache
def _fillers() -> re.Pattern[str]:
    fillers = sorted(read_data("words")["fillers"], key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, fillers))})\b")
