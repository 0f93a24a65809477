"""Turns what the guard found in one turn into words; each secret is sent, its outcome is told.

It must never claim more than the receiver has confirmed, nor say a value.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from offmic import phrases
from offmic.guard import Phrasing, Said
from offmic.guard.phrasing import ON_SCREEN
from offmic.inbound import secret_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from offmic.call import Call
    from offmic.guard import SecretDiverted, Segment
    from offmic.secrets import Secret
    from offmic.sight import Voicing

ACKNOWLEDGEMENT_WAIT_S: Final = 1.5
"""How long a phrase waits for the receiver before it says what is so."""
_ENDS: Final = (".", "!", "?")


class Teller:
    """One turn, spoken or written.

    Args:
        call: whose secrets these are.
        turn: the id of its speech; the voice and the transcript of one turn share deliveries.
        may_send: waits until a secret's time has come; False where it never will.
        aloud: whether this is spoken.
        foresee: begins to voice a turn's first words while the receiver's answer travels; they are
            said only if the teller comes to say them.
    """

    def __init__(
        self,
        call: Call,
        turn: str,
        may_send: Callable[[Secret], Awaitable[bool]],
        *,
        aloud: bool,
        foresee: Callable[[str], Voicing | None] | None = None,
    ) -> None:
        self._call = call
        self.turn = turn
        self._may_send = may_send
        self.aloud = aloud
        self._foresee = foresee
        self.told = ""
        """All of it so far."""
        self._outcome = ""
        self._phrasing = Phrasing(lambda _: self._outcome, fitted=True)
        self._news = phrases.news(call.news(turn))

    async def tell(self, parts: list[Segment]) -> AsyncGenerator[str, None]:
        """Yield words for the next segments, a secret's when it is known what became of it."""
        for place, part in enumerate(parts):
            if isinstance(part, Said):
                phrased = self._phrasing.take([part])
                words = phrased.spoken if self.aloud else phrased.transcript
            else:
                told = await self._deliver(part, parts[place + 1 :])
                if told is None:
                    return
                label, self._outcome = told
                phrased = self._phrasing.take([replace(part, label=label)])
                beside = phrases.beside_label(self._outcome) if phrased.spoken else ""
                words = phrased.spoken if self.aloud else phrased.transcript + beside
            if words:
                news, self._news = self._news, ""
                self.told += news + words
                yield news + words

    async def _deliver(self, found: SecretDiverted, rest: list[Segment]) -> tuple[str, str] | None:
        """Send it; return its label and what is to be said in its place, None where it stays."""
        if not found.value:
            return found.label, phrases.GONE
        secret = secret_of(self._call.vault, found)
        if not await self._may_send(secret):
            return None
        delivery = self._call.deliver(self.turn, secret)
        hoped = "" if delivery.final else self._hope(replace(found, label=secret.label), rest)
        voicing = self._foresee(hoped) if hoped and self._foresee is not None else None
        with self._call.spent.delivering(aloud=self.aloud, voicing=voicing):
            await delivery.settled(ACKNOWLEDGEMENT_WAIT_S)
        self._call.owe(delivery)
        return secret.label, phrases.spoken(delivery)

    def _hope(self, found: SecretDiverted, rest: list[Segment]) -> str:
        """Return the turn so far as it will be told where the secret is shown; empty if unsure."""
        hoped = self.told + self._news + self._phrasing.foretell([found, *rest], ON_SCREEN)
        if hoped.rstrip().endswith(_ENDS):
            return hoped
        # A sentence goes on behind what has begun to; else it most likely ends here.
        return "" if rest else f"{hoped}."
