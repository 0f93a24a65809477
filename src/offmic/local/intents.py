"""Decide which tool a sentence asks for; must never name a tool that was not offered.

Three looks, the strict one first: hassil over the templates of intents.yaml, then the evidence of
free or misheard wordings, then hassil over names that nobody knows. What fits two secrets equally
well is asked back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hassil import recognize_all
from hassil.intents import Intents, SlotList, TextSlotList

from offmic.local.evidence import Evidence
from offmic.local.words import holds, plain, read_data, without_articles, without_fillers

if TYPE_CHECKING:
    from collections.abc import Collection

    from hassil.recognize import RecognizeResult

    from offmic.local.names import Name

LOOK_UP: Final = "look_up_secret"
_REPEAT: Final = "repeat_last"
_STRICT: Final = frozenset({"NewPassword", "OneTimeCode", "LookUp", "TakeCard", "RepeatLast"})
_BARE: Final = frozenset({"LookUpBare"})
_UNKNOWN: Final = frozenset({"LookUpUnknown"})
_ACCOUNT_WORDS: Final = 6
_SENTENCE: Final = re.compile(r"[.?!]+")
_JOINED: Final = re.compile(r"^(?:and|but)\b ?")


@dataclass(frozen=True, slots=True)
class Request:
    """A tool to call.

    Args:
        tool: its name.
        arguments: what its parameters get.
    """

    tool: str
    arguments: dict[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be asked back before anything is called."""

    text: str


Recognised: TypeAlias = tuple[Request, ...] | Question | None


class Recogniser:
    """Understands requests for what one front desk knows.

    Args:
        names: the secrets that can be looked up.
    """

    def __init__(self, names: tuple[Name, ...]) -> None:
        self._names = names
        self._evidence = Evidence(names)
        spoken: list[tuple[str, str, dict[str, Any]]] = [
            (text, next(iter(labels)), {}) for text, labels in self._evidence.named.items()
        ]
        self._lists: dict[str, SlotList] = {
            "name": TextSlotList.from_tuples(spoken, allow_template=False, name="name")
        }

    def recognise(
        self, said: str, tools: Collection[str], last: Request | None = None
    ) -> Recognised:
        """Return what to call or to ask, or None where this is no request.

        Args:
            said: the user's words, as heard or typed.
            tools: the names of the tools that are offered.
            last: the request of the turn before, for "say it again" and "and the door?".
        """
        text = plain(said)
        result = self._match(text, _STRICT)
        if result is not None:
            request = self._request(result, last)
            if request is not None and request.tool in tools:
                return (request,)
        if LOOK_UP not in tools:
            return None
        asked = said.rstrip().endswith("?")
        found = self._evidence.weigh(text, asked=asked, follow_up=last is not None)
        if found:
            return self._ask_or_look_up(found)
        if self._evidence.is_talk(text):
            return None
        return self._bare(said) or self._unknown(text)

    def label_of(self, name: str) -> str:
        """Return the label of what a caller calls `name`; the words themselves if it has none."""
        labels = self._evidence.named.get(without_articles(plain(name)), frozenset())
        return next(iter(labels)) if len(labels) == 1 else name

    def _match(self, text: str, wanted: frozenset[str]) -> RecognizeResult | None:
        brief = without_fillers(text)
        for words in dict.fromkeys((text, brief, without_articles(brief))):
            results = [
                result
                for result in recognize_all(words, _intents(wanted), slot_lists=self._lists)
                if all(
                    len(str(entity.value).split()) <= _ACCOUNT_WORDS
                    for entity in result.entities.values()
                )
            ]
            if results:
                # The template with the most words of its own has understood the most.
                return max(
                    results, key=lambda r: (r.text_chunks_matched, -len(r.entities), r.intent.name)
                )
        return None

    def _request(self, result: RecognizeResult, last: Request | None) -> Request | None:
        meta: dict[str, Any] = dict(result.intent_metadata or {})
        if meta.get("needs_last"):
            return last
        if meta["tool"] == LOOK_UP and self._evidence.is_talk(result.original_text):
            return None
        arguments = {
            parameter: str(result.entities[slot].value).strip()
            for parameter, slot in meta.get("slots", {}).items()
        }
        return Request(meta["tool"], arguments | meta.get("fixed", {}))

    def _ask_or_look_up(self, found: tuple[frozenset[str], ...]) -> tuple[Request, ...] | Question:
        if all(len(labels) == 1 for labels in found):
            return tuple(Request(LOOK_UP, {"name": next(iter(labels))}) for labels in found)
        labels = frozenset().union(*found)
        return self._question("which_one", [n.label for n in self._names if n.label in labels])

    def _bare(self, said: str) -> tuple[Request, ...] | Question | None:
        """Look up "the password": clear where one label has that word.

        It may be one sentence of several, whatever the others were heard as; or the last clause of
        a question, for what ends a sentence may be heard as a comma.
        """
        spoken = _SENTENCE.split(said)
        if said.rstrip().endswith("?"):
            spoken.append(said.rpartition(",")[2])
        parts = (_JOINED.sub("", plain(part)) for part in spoken)
        results = (self._match(part, _BARE) for part in dict.fromkeys(parts) if part)
        result = next(filter(None, results), None)
        if result is None:
            return None
        noun = str(result.entities["noun"].value)
        labels = [name.label for name in self._names if holds(noun, plain(name.label))]
        if len(labels) == 1:
            return (Request(LOOK_UP, {"name": labels[0]}),)
        labels = labels or [name.label for name in self._names]
        return self._question("which_one", labels) if labels else None

    def _unknown(self, text: str) -> tuple[Request, ...] | None:
        """Pass on "the locker code" where nobody knows one: the tool says so."""
        result = self._match(text, _UNKNOWN)
        if result is None:
            return None
        unknown = str(result.entities["unknown"].value).strip()
        data = read_data("requests")
        if any(holds(word, unknown) for word in data["not_secret"]):
            return None
        noun = next(noun for noun in data["secret_nouns"] if holds(noun, text))
        return (Request(LOOK_UP, {"name": f"{unknown} {noun}"}),)

    def _question(self, answer: str, labels: list[str]) -> Question:
        words = [f"the {label}" for label in labels]
        names = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
        return Question(read_data("intents")["answers"][answer].format(names=names))


@lru_cache(maxsize=16)
def recogniser(names: tuple[Name, ...]) -> Recogniser:
    """Return the recogniser for these names; building one takes longer than asking it."""
    return Recogniser(names)


def load() -> None:
    """Read and compile what does not depend on the names, so that the first turn need not."""
    recogniser(()).recognise("hello", (LOOK_UP,))


@cache
def _intents(wanted: frozenset[str]) -> Intents:
    data = read_data("intents")
    chosen = {name: intent for name, intent in data["intents"].items() if name in wanted}
    return Intents.from_dict({**data, "intents": chosen})
