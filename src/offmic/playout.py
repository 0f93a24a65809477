"""How far a speech was heard, so that a secret is sent when its sentence's turn has come.

It must never let a secret go before the sentences that stand before it were played; a speech that
is cut off keeps what was not reached.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable
    from types import TracebackType

    from livekit.agents import AgentSession

_AHEAD_S: Final = 0.5
"""So long before its sentence sounds a secret is sent: time for the receiver and the voice."""
_SENTENCE_END: Final = re.compile(r"[.!?…][\"')\]]*\s")
_CHARS_PER_S: Final = 25.0
"""A fast voice: what is said takes at least as long as this."""
_SILENT_S: Final = 1.5
"""A voice that gives nothing for so long waits for more text itself."""
_POLL_S: Final = 0.02
_OPENING_S: Final = 1.5
"""The voice of a text begins about when its writing does; so much later there will be none."""
_KEPT: Final = 16


class SpeakingClock:
    """Counts the seconds that an agent has been speaking."""

    def __init__(self) -> None:
        self._before_s = 0.0
        self._since_s: float | None = None

    @property
    def spoken_s(self) -> float:
        """All the time so far."""
        running = 0.0 if self._since_s is None else time.monotonic() - self._since_s
        return self._before_s + running

    def set(self, *, speaking: bool) -> None:
        """Run or stand still."""
        self._before_s = self.spoken_s
        self._since_s = time.monotonic() if speaking else None


class Playout:
    """One speech, from the moment its voice is asked for.

    Args:
        clock: of the session.
        is_due: whether no other speech is to be heard first.
    """

    def __init__(self, clock: SpeakingClock, is_due: Callable[[], bool]) -> None:
        self._clock = clock
        self._is_due = is_due
        self._start_s: float | None = None
        self._text = ""
        self._made_s = 0.0
        self._made_at_s = time.monotonic()
        self._gaps_s = 0.0
        self.is_over = False
        """Whether nothing more comes from the voice."""
        self.is_cut = False
        """Whether it was stopped before its end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self.is_over = True
        # A voice that failed is no reason to keep from the caller what the text still says.
        self.is_cut = kind is not None and not issubclass(kind, Exception)

    async def follow(self, text: AsyncIterable[str]) -> AsyncGenerator[str, None]:
        """Yield text that goes to the voice, and note how far it is."""
        async for words in text:
            self._text += words
            yield words

    def made(self, duration_s: float) -> None:
        """Note audio that came from the voice."""
        # What the clock ran while there was nothing to play was a gap.
        self._gaps_s += max(self._heard_s() - self._made_s, 0.0)
        self._made_s += duration_s
        self._made_at_s = time.monotonic()

    async def reach(self) -> None:
        """Wait until the sentence that is being written is about to be heard."""
        ends = [match.end() for match in _SENTENCE_END.finditer(self._text)]
        least_s = ends[-1] / _CHARS_PER_S if ends else 0.0
        while not self._is_near(least_s):  # noqa: ASYNC110 - it is time that passes
            await asyncio.sleep(_POLL_S)

    def _is_near(self, least_s: float) -> bool:
        if not self._is_due():
            return False
        left_s = self._made_s - self._heard_s()
        if not least_s:
            return True
        if self._made_s >= least_s:
            return left_s <= _AHEAD_S
        silent = time.monotonic() - self._made_at_s > _SILENT_S
        return silent and left_s <= 0

    def _heard_s(self) -> float:
        if self._start_s is None:
            if not self._is_due():
                return 0.0
            self._start_s = self._clock.spoken_s
        return self._clock.spoken_s - self._start_s - self._gaps_s


class Voices:
    """The playouts of the newest speeches; the writing of a speech finds the voice beside it."""

    def __init__(self) -> None:
        self.clock = SpeakingClock()
        self._opened: OrderedDict[str, list[Playout]] = OrderedDict()
        self._written: dict[str, int] = {}
        self._session: AgentSession[Any] | None = None

    def listen(self, session: AgentSession[Any]) -> None:
        """Follow when the agent speaks; once for each session."""
        if session is not self._session:
            self._session = session
            self.clock.set(speaking=session.agent_state == "speaking")
            session.on(
                "agent_state_changed",
                lambda change: self.clock.set(speaking=change.new_state == "speaking"),
            )

    def open(self, speech: str, is_due: Callable[[], bool]) -> Playout:
        """Begin the voice of a speech, or of its next part.

        Args:
            speech: its id.
            is_due: whether no other speech is to be heard first.
        """
        playout = Playout(self.clock, is_due)
        self._opened.setdefault(speech, []).append(playout)
        while len(self._opened) > _KEPT:
            self._written.pop(self._opened.popitem(last=False)[0], None)
        return playout

    def next_writing(self, speech: str) -> int:
        """Return which part of the speech is being written now."""
        part = self._written.get(speech, 0)
        self._written[speech] = part + 1
        return part

    async def follow(self, speech: str, part: int, is_sent: Callable[[], bool]) -> bool:
        """Wait until the voice of this part has sent a secret, or is over.

        Returns:
            Whether it may be sent: not where the voice was cut off before it.
        """
        until_s = time.monotonic() + _OPENING_S
        while len(opened := self._opened.get(speech, [])) <= part:
            if time.monotonic() > until_s:
                return True
            await asyncio.sleep(_POLL_S)
        while not is_sent() and not opened[part].is_over:  # noqa: ASYNC110 - as above
            await asyncio.sleep(_POLL_S)
        return is_sent() or not opened[part].is_cut
