"""Finds out what plain text does that comes while nothing is followed; it must never keep any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from offmic.guard.engine import Engine

if TYPE_CHECKING:
    from offmic.guard.halves import Begun
    from offmic.guard.model import Direction
    from offmic.guard.policy import Policy


class Rest(NamedTuple):
    """What comes of text that may go on in any way.

    Args:
        calm: the last place in it behind which nothing is followed.
        hold: where what can still begin or extend a match begins.
        words: how many words it has up to the calm place.
        counted: how many of them count for cues.
        begun: what it tells of beginnings of values up to there.
        told: what the whole of it tells.
        links: whether it means something where a cue came before.
    """

    calm: int
    hold: int
    words: int
    counted: int
    begun: Begun | None
    told: Begun | None
    links: bool


_NOTHING: Final = Rest(0, 0, 0, 0, None, None, links=False)


class Probe(Engine):
    """An engine that reads texts one by one, each as if it were a turn of its own.

    Args:
        direction: whose words are guarded.
        policy: what is looked for besides what always is.
        values_only: look for the vault's values and nothing else.
    """

    def __init__(self, direction: Direction, policy: Policy, *, values_only: bool) -> None:
        super().__init__(direction, policy, values_only=values_only)
        self._tried, self._found = "", _NOTHING

    def try_out(self, text: str, *, end: bool, links: bool) -> Rest | None:
        """Read plain text as a turn of its own, and be as before.

        Args:
            text: a few words.
            end: whether the turn ends with it.
            links: whether it means something where a cue came before.

        Returns:
            What came of it; None where that would stay.
        """
        if not self._tried or not text.startswith(self._tried):
            self._be_as_before()
        cues, halves, found = self._cues, self._known.halves, self._found
        at = len(self._tried)
        while at < len(text):
            at += self.read(text[at:], at)
            if self.calm:
                found = Rest(at, 0, halves.words, cues.words, halves.told(), None, links)
        hold = min(self._held(), len(text))
        if end:
            self.finish()
        stays = bool(self._matches or self._ready or cues.cue or cues.card or self._known.spared)
        calm, _, words, counted, begun, _, _ = found
        rest = Rest(
            calm, hold, halves.words if end else words, counted, begun, halves.told(), links
        )
        # Text that goes on with this one need not be read from its beginning.
        self._tried, self._found = text, found
        if end or stays:
            self._reset()
            self._tried = "."
            self._be_as_before()
        return None if stays else rest

    def _be_as_before(self) -> None:
        """Forget text that was tried."""
        self._open = None
        self._known.reset()
        self._literals.reset()
        if not self._tried.isalpha():
            # Some word of it came to its end.
            for recogniser in self._busy:
                recogniser.reset()
            self._busy = []
            self._before = ""
            self._stem.begin(0)
            self._cues.reset()
            self._known.renew()
        self._tried, self._found = "", _NOTHING
