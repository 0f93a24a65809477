"""Whose turn it is among several providers of one part; one that failed rests, and is tried again.

It must never leave a part without anyone: when all rest, the one that rests least is asked.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

from livekit.agents import APIStatusError

from offmic import metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_log = logging.getLogger("offmic")

_REST_S: Final = 5.0
_LONGEST_REST_S: Final = 60.0
_LEAST_REST_S: Final = {401: 60.0, 403: 60.0, 429: 15.0}
"""By status: a wrong key does not heal, and who asks too often is to wait."""

_Part = TypeVar("_Part")


class _Named(Protocol):
    @property
    def model(self) -> str: ...
    @property
    def provider(self) -> str: ...
    def prewarm(self) -> None: ...
    async def aclose(self) -> None: ...


_Speech = TypeVar("_Speech", bound=_Named)


@dataclass(slots=True)
class _Seat(Generic[_Part]):
    part: _Part
    failures: int = 0
    rests_until_s: float = 0.0


class Row(Generic[_Part]):
    """Providers of one part, the preferred one first.

    Args:
        parts: at least one.
        kind: what they are, for the metrics.
        clock: seconds of a monotonic clock.
    """

    def __init__(
        self,
        parts: Sequence[_Part],
        kind: metrics.Provider,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seats = [_Seat(part) for part in parts]
        self._kind = kind
        self._clock = clock

    def __len__(self) -> int:
        return len(self._seats)

    @property
    def parts(self) -> list[_Part]:
        """All of them, the preferred one first."""
        return [seat.part for seat in self._seats]

    def first(self) -> _Part:
        """Return whom to ask now."""
        return self.order()[0]

    def order(self) -> list[_Part]:
        """Return whom to ask now, and whom after that when it fails."""
        now_s = self._clock()
        awake = [seat for seat in self._seats if seat.rests_until_s <= now_s]
        resting = [seat for seat in self._seats if seat.rests_until_s > now_s]
        resting.sort(key=lambda seat: seat.rests_until_s)
        return [seat.part for seat in (*awake, *resting)]

    def is_alone(self, part: _Part) -> bool:
        """Tell whether nobody else is awake: then it is worth waiting for."""
        now_s = self._clock()
        return all(s.part is part or s.rests_until_s > now_s for s in self._seats)

    def worked(self, part: _Part) -> None:
        """Note that a part has done what it was asked."""
        seat = self._seat(part)
        if seat.failures:
            metrics.count_recovery(self._kind)
        seat.failures, seat.rests_until_s = 0, 0.0

    def failed(self, part: _Part, error: BaseException) -> None:
        """Let a part rest that has failed; longer each time it fails again."""
        seat = self._seat(part)
        rest_s = min(_REST_S * 2**seat.failures, _LONGEST_REST_S)
        status = error.status_code if isinstance(error, APIStatusError) else 0
        rest_s = max(rest_s, _LEAST_REST_S.get(status, 0.0))
        seat.failures += 1
        seat.rests_until_s = self._clock() + rest_s
        metrics.count_failure(self._kind)
        # Its kind alone: a provider's own message may quote what it was sent.
        _log.warning(
            "a provider failed and the next one is asked",
            extra={"part": self._kind.value, "error": type(error).__name__, "status": status},
        )

    def _seat(self, part: _Part) -> _Seat[_Part]:
        return next(seat for seat in self._seats if seat.part is part)


class InARow(Generic[_Speech]):
    """What recognisers and voices in a row have in common, as parts of the framework.

    Args:
        parts: the preferred one first.
        kind: what they are, for the metrics.
    """

    def __init__(self, parts: Sequence[_Speech], kind: metrics.Provider, **options: Any) -> None:
        super().__init__(**options)
        self.row: Row[_Speech] = Row(parts, kind)

    @property
    def model(self) -> str:
        """The model of the one that is asked next, for metrics."""
        return self.row.first().model

    @property
    def provider(self) -> str:
        """The provider of the one that is asked next, for metrics."""
        return self.row.first().provider

    def prewarm(self) -> None:
        """Prepare the preferred one."""
        self.row.parts[0].prewarm()

    async def aclose(self) -> None:
        """Close all of them."""
        for part in self.row.parts:
            await part.aclose()
