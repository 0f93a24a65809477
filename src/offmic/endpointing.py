"""Judges by the words whether the caller's turn is over, and how long a silence must last for it.

It must never keep a word: only what was judged of them outlasts the call.
"""

from __future__ import annotations

import asyncio
import re
from enum import IntEnum
from typing import Final


class Completeness(IntEnum):
    """How finished the words are."""

    OPEN = 0
    """They cannot end here: "I would like to"."""
    UNSURE = 1
    """A name, a greeting, a word alone: more may come."""
    LIKELY = 2
    """A sentence that can end here."""
    WHOLE = 3
    """A question or a request that lacks nothing, or an answer such as "yes, please"."""


LEAST_S: Final = 0.19
"""The silence that a whole sentence takes: six windows of the voice activity's model, 192 ms."""
ASKED_S: Final = 0.16
"""The silence after which the turn detector is asked, so that its model has answered by then."""
_EAGER: Final = 0.45
"""Above this the model that listens to the sound alone is right about most voices."""
_SILENCE_S: Final = {
    # By the words: the silence where the sound is of an end, and where it is not.
    Completeness.WHOLE: (LEAST_S, LEAST_S),
    Completeness.LIKELY: (LEAST_S, 0.3),
    Completeness.UNSURE: (0.7, 1.0),
    Completeness.OPEN: (1.9, 1.9),
}
READING_S: Final = 2.5
"""Between two groups of a number that is read out."""

_WORD: Final = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_LABEL: Final = re.compile(r"\[[^\]]*\]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NEVER_LAST: Final = _words(
    "a an the my your our their its his every some any no "
    "and or but because so if when while although unless until than whether "
    "of to for with from at into onto without between during by as like about via per "
    "i we he she they who's what's where's i'm we're you're they're i'd we'd i'll we'll i've "
    "is are was were am be been will would can could shall should may might must "
    "do does did has had have don't doesn't didn't can't couldn't wouldn't won't "
    "um uh uhm er erm well actually maybe perhaps really just please also then very "
    "which whose who what where how "
    "want need get give find bring take make put reset open enter meet visit send show tell "
    "wondering trying going looking called named says uses using getting asking lost forgot"
)
_POINTING: Final = _words("that this these those her his him them")
"""A recogniser hears "the" as one of these where a pause comes after it."""
_POINTED_AT_BY: Final = _words(
    "say repeat get got catch hear heard see do did about is was all thanks like mean understand "
    "read show thank over"
)
_AUXILIARY: Final = _words(
    "can could would will do does did should may might shall is are was were am have has"
)
_ASKING: Final = _words("what who where when why how which whose") | _AUXILIARY
_SUBJECT: Final = _words("i you we he she they it there that this")
_SPEAKER: Final = _words("i we you they")
_WHO: Final = _SPEAKER | _words("he she it")
_ENOUGH_SAID: Final = _words(
    "agree see understand know do did can will am are have understood forgot"
)
"""After a subject alone; any other word there is a verb that lacks its object, or was misheard."""
_CALLED_FOR: Final = _words("tell give show send let ask lend get teach")
_OF_A_THING: Final = _words("long short new old good bad big small great quick nice terrible")
_LISTENER: Final = _words("me us")
_VERB: Final = _AUXILIARY | _words(
    "want need like know get give tell show send find look looking help see say said says come "
    "came here forgot forget lost lose meet meeting visit open enter use wait think believe mean "
    "make take put set reset had got went change check call called repeat read bring work works "
    "let please am i'm it's that's there's i'd i'll i've we're we'd don't didn't can't isn't "
    "haven't"
)
_PHRASES: Final = frozenset(
    {
        *("yes", "yes please", "no", "no thanks", "no thank you", "nope", "yep", "yeah"),
        *("thanks", "thank you", "thank you very much", "thanks a lot", "many thanks"),
        *("bye", "goodbye", "good bye", "bye bye", "see you", "see you later"),
        *("say it again", "again please", "once more", "repeat that", "repeat please"),
        *("stop", "stop it", "that is all", "that's all", "never mind", "who are you"),
    }
)
_OPENERS: Final = _words("hello hi hey sorry excuse me there good morning afternoon evening day")
_CARDINAL: Final = {
    word: digits
    for digits, listed in (
        (1, "zero oh one two three four five six seven eight nine"),
        (2, "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"),
        (1, "twenty thirty forty fifty sixty seventy eighty ninety"),
    )
    for word in listed.split()
}
_ALONE: Final = _words("open enter meet visit send show reset bring")
"""Where or when this happens can be asked without saying to what."""
_FEW_WORDS: Final = 3
_GROUP_DIGITS: Final = 3


def judge(text: str) -> Completeness:
    """Judge what was understood so far of a turn.

    Args:
        text: English, as a recogniser writes it; labels in brackets count as names.
    """
    words = _WORD.findall(_LABEL.sub(" thing ", text.casefold().replace("\u2019", "'")))
    if not words:
        return Completeness.UNSURE
    if " ".join(words) in _PHRASES:
        return Completeness.WHOLE
    if _breaks_off(words) or text.rstrip().endswith((",", "-", "…", "...")):
        return Completeness.OPEN
    if _OPENERS.issuperset(words) or words[-1] == "too":
        return Completeness.UNSURE
    if len(words) >= _FEW_WORDS and (words[0] in _ASKING or text.rstrip().endswith("?")):
        return Completeness.WHOLE
    if _ends_in_digits(words):
        return Completeness.UNSURE
    is_sentence = words[0] == "and" or not _VERB.isdisjoint(words[:-1]) or _has_subject(words)
    return Completeness.LIKELY if is_sentence and len(words) >= _FEW_WORDS else Completeness.UNSURE


def count_digits(text: str) -> int:
    """Return how many digits of a number these words stand for, about."""
    return sum(
        _CARDINAL.get(word, len(word) if word.isdecimal() else 0)
        for word in _WORD.findall(text.casefold())
    )


def silence_s(completeness: Completeness, probability: float | None) -> float:
    """Return how long the caller must be silent before the turn is over, in seconds.

    Args:
        completeness: of the words.
        probability: that the turn is over, by its sound alone; None where nothing says.
    """
    sure, unsure = _SILENCE_S[completeness]
    return sure if probability is not None and probability >= _EAGER else unsure


def _breaks_off(words: list[str]) -> bool:
    last = words[-1]
    before = words[-2] if len(words) > 1 else ""
    if len(words) == len(("I", "need")) and before in _SPEAKER:
        return last not in _ENOUGH_SAID
    if last == "too" and words[0] in _ASKING:
        return True  # "to", where a pause comes after it
    if last in {"is", "are", "was", "were"}:
        return not _asks_inside(words)
    if last in _POINTING:
        return before not in _POINTED_AT_BY
    if before in {"a", "an"} and last in _OF_A_THING:
        return True
    if last in _LISTENER:
        return before in _CALLED_FOR
    if last in _SUBJECT:
        return before in _AUXILIARY and _ASKING.isdisjoint(words[:-2])
    if last == "know":
        return not {"don't", "not", "me", "to"} & set(words) or before == "to"
    if last == "like":
        return before in {"would", "i'd", "we'd", "want", "you"} or len(words) <= _FEW_WORDS
    if last == "please":
        return before in _SUBJECT
    if last in {"do", "have", "to", "for", "about", "by", "with", "from", "at"}:
        # "What can I do", "who is it for": only a question can end so.
        return words[0] not in {"what", "who", "where", "which"} or len(words) <= _FEW_WORDS
    if last in _ALONE and len(words) > _FEW_WORDS:
        return words[0] not in {"when", "where"} and words[:2] != ["what", "time"]
    return last in _NEVER_LAST


def _has_subject(words: list[str]) -> bool:
    """Tell whether it says what somebody does, whatever the verb: "I slept on the train"."""
    return words[0] in _WHO and len(words) > _FEW_WORDS


def _asks_inside(words: list[str]) -> bool:
    """Tell whether "is" at the end belongs to "(tell me) what the door code is"."""
    for at, word in enumerate(words[:-2]):
        if word in {"what", "where", "who", "when", "how", "which", "whose"}:
            return at > 0 and words[at + 1] not in {"i", "we", "you"}
    return False


def _ends_in_digits(words: list[str]) -> bool:
    return count_digits(" ".join(words[-_GROUP_DIGITS:])) >= _GROUP_DIGITS


class Patience:
    """What is known of the turn that the caller is speaking; the words themselves are not kept."""

    def __init__(self) -> None:
        self._judged: Completeness | None = None
        self._was_open = False
        self._is_reading = False
        self._settled_s = 0.0
        self.lag_s = 0.0
        """How much audio is still to be looked at by the voice activity detector."""
        self.changed = asyncio.Event()
        """Set whenever something was noted."""

    @property
    def has_words(self) -> bool:
        """Whether any words of this turn were understood."""
        return self._judged is not None

    def note(
        self,
        text: str,
        *,
        is_final: bool = False,
        settled_s: float | None = None,
        missing_digits: int = 0,
    ) -> None:
        """Judge what was understood.

        Args:
            text: the words since the last final ones of this turn.
            is_final: whether the next words begin anew.
            settled_s: on the monotonic clock, when they were all of what was spoken; None where the
                caller is in the midst of it.
            missing_digits: of a number that was asked for, those that were not said before.
        """
        if text.strip():
            judged = judge(text)
            if self._was_open and judged is Completeness.UNSURE:
                # What was begun before the pause is complete with this.
                judged = Completeness.LIKELY
            self._judged = judged
            self._is_reading = 0 < count_digits(text) < missing_digits
        if is_final:
            self._was_open = self._judged is Completeness.OPEN
        if settled_s is not None:
            self._settled_s = settled_s
        self.changed.set()

    def is_settled(self, since_s: float) -> bool:
        """Tell whether all words are known that were spoken before this time.

        Args:
            since_s: the caller's last sound, on the monotonic clock.
        """
        return self._settled_s > since_s

    def clear(self) -> None:
        """Begin a new turn."""
        self._judged = None
        self._was_open = self._is_reading = False

    def silence_s(self, probability: float | None) -> float:
        """Return how long the caller must be silent before this turn is over, in seconds.

        Args:
            probability: that it is over, by its sound alone; None where nothing says.
        """
        if self._judged is None:
            # A noise: there is nothing to wait for.
            return LEAST_S
        return READING_S if self._is_reading else silence_s(self._judged, probability)
