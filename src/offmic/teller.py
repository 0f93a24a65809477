"""Turns what the guard found in one turn into words; each secret is sent, its outcome is told.

It must never claim more than the receiver has confirmed, nor say a value.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from offmic import phrases
from offmic.guard import Phrasing, Said
from offmic.inbound import secret_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from offmic.call import Call
    from offmic.delivery import Delivery
    from offmic.guard import Segment
    from offmic.secrets import Secret

ACKNOWLEDGEMENT_WAIT_S: Final = 1.5
"""How long a phrase waits for the receiver before it says what is so."""


class Teller:
    """One turn, spoken or written.

    Args:
        call: whose secrets these are.
        turn: the id of its speech; the voice and the transcript of one turn share deliveries.
        may_send: waits until a secret's time has come; False where it never will.
        aloud: whether this is spoken.
    """

    def __init__(
        self,
        call: Call,
        turn: str,
        may_send: Callable[[Secret], Awaitable[bool]],
        *,
        aloud: bool,
    ) -> None:
        self._call = call
        self._turn = turn
        self._may_send = may_send
        self.aloud = aloud
        self._delivery: Delivery | None = None
        self._phrasing = Phrasing(lambda _: self._phrase(), fitted=True)
        self._news = phrases.news(call.news(turn))

    async def tell(self, parts: list[Segment]) -> AsyncGenerator[str, None]:
        """Yield words for the next segments, a secret's when it is known what became of it."""
        for part in parts:
            if isinstance(part, Said):
                phrased = self._phrasing.take([part])
                words = phrased.spoken if self.aloud else phrased.transcript
            else:
                secret = secret_of(self._call.vault, part)
                if not await self._may_send(secret):
                    return
                self._delivery = delivery = self._call.deliver(self._turn, secret)
                await delivery.settled(ACKNOWLEDGEMENT_WAIT_S)
                self._call.owe(delivery)
                phrased = self._phrasing.take([replace(part, label=secret.label)])
                beside = phrases.beside_label(delivery) if phrased.spoken else ""
                words = phrased.spoken if self.aloud else phrased.transcript + beside
            if words:
                news, self._news = self._news, ""
                yield news + words

    def _phrase(self) -> str:
        return phrases.spoken(self._delivery) if self._delivery is not None else ""
