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
    from collections.abc import AsyncGenerator

    from offmic.call import Call
    from offmic.guard import SecretDiverted, Segment

ACKNOWLEDGEMENT_WAIT_S: Final = 1.5
"""How long a phrase waits for the receiver before it says what is so."""


class Teller:
    """One turn, spoken or written.

    Args:
        call: whose secrets these are.
        turn: the id of its speech; the voice and the transcript of one turn share deliveries.
        aloud: whether this is spoken.
    """

    def __init__(self, call: Call, turn: str, *, aloud: bool) -> None:
        self._call = call
        self._turn = turn
        self._aloud = aloud
        self._outcome = ""
        self._phrasing = Phrasing(lambda _: self._outcome, fitted=True)
        self._news = phrases.news(call.news(turn))

    async def tell(self, parts: list[Segment]) -> AsyncGenerator[str, None]:
        """Yield words for the next segments, a secret's when it is known what became of it."""
        for part in parts:
            if isinstance(part, Said):
                phrased = self._phrasing.take([part])
                words = phrased.spoken if self._aloud else phrased.transcript
            else:
                label, self._outcome = await self._deliver(part)
                phrased = self._phrasing.take([replace(part, label=label)])
                beside = phrases.beside_label(self._outcome) if phrased.spoken else ""
                words = phrased.spoken if self._aloud else phrased.transcript + beside
            if words:
                news, self._news = self._news, ""
                yield news + words

    async def _deliver(self, found: SecretDiverted) -> tuple[str, str]:
        """Send it; return its label, and what is to be said in its place."""
        if not found.value:
            return found.label, phrases.GONE
        secret = secret_of(self._call.vault, found)
        delivery = self._call.deliver(self._turn, secret)
        with self._call.spent.delivering():
            await delivery.settled(ACKNOWLEDGEMENT_WAIT_S)
        self._call.owe(delivery)
        return secret.label, phrases.spoken(delivery)
