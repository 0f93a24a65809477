"""Takes a card for a payment, by voice, keyboard or a phone's keys; no model has a part in it.

The digits go from the caller into secrets and from there to `charge`, and nowhere else: a model
sees at most a handle of the number.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from livekit.agents import ToolError

from offmic.agent import ConfidentialTask
from offmic.asking import Asking
from offmic.cards import Fit, fit_code, fit_expiry, fit_number, read_expiry
from offmic.secrets import Kind, Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from offmic.call import Call

THANKS: Final = "Thank you, the payment went through."
DECLINED: Final = "I am sorry, the card was not accepted."

_GO_ON: Final = "Go on, please."
_GIVEN_UP: Final = "the caller does not want to give a card"
_FAILED: Final = "I could not take down the card. Please try again later, or pay at the desk."
_NUDGE_S: Final = 4.0
"""So long may somebody look at the card in the middle of its number."""
MOST_TRIES: Final = 5
_STOP: Final = re.compile(
    r"\b(?:cancel|never ?mind|forget (?:it|about it)|stop|(?:do not|don't) want to|leave it)\b"
)
_WRONG_NUMBER: Final = re.compile(
    r"\bnumber (?:is|was) (?:wrong|not right|incorrect)|\bwrong (?:card|number)|\bother card\b"
    r"|\bback to the (?:card )?number\b"
)


@dataclass(frozen=True, slots=True)
class Card:
    """A card as the caller gave it, its check digit and its date found good.

    Args:
        number: 13 to 19 digits.
        expiry: month and year as they were said, MMYY or MMYYYY; see `cards.read_expiry`.
        code: three or four digits.
    """

    number: Secret
    expiry: Secret
    code: Secret


@dataclass(frozen=True, slots=True)
class _Step:
    asking: Asking
    question: str
    again: str
    fit: Callable[[str], Fit]


def _step(
    label: str, kind: Kind, size: int, fit: Callable[[str], Fit], question: str, again: str
) -> _Step:
    def is_whole(digits: str) -> bool:
        return fit(digits) is Fit.GOOD

    asking = Asking(label, kind, size=size, is_whole=is_whole, months=fit is fit_expiry)
    return _Step(asking, question, again, fit)


async def charge(card: Card) -> str:
    """Charge a card at a made-up payment service; call yours here.

    Args:
        card: the one place where its values are asked for.

    Returns:
        What the caller is told.
    """
    number, code = card.number.reveal(), card.code.reveal()
    good = fit_number(number) is Fit.GOOD and fit_code(number)(code) is Fit.GOOD
    return THANKS if good and read_expiry(card.expiry.reveal()) else DECLINED


class TakeCard(ConfidentialTask[Card]):
    """Asks for number, date of expiry and security code; awaited in a tool, it returns a `Card`.

    Args:
        call: whose caller is asked.
        number: the card number, where the caller has given it before.

    Raises:
        ToolError: when awaited, where the caller would not or could not.
    """

    def __init__(self, call: Call, number: Secret | None = None) -> None:
        super().__init__(call, instructions="", llm=None)
        self._number = number
        self._taken: list[Secret] = []
        self._step: _Step | None = None
        self._tries = 0
        self._open = ExitStack()
        self._nudge: asyncio.TimerHandle | None = None

    async def on_enter(self) -> None:
        """Ask the first question."""
        self.call.hearing.on_key = self._on_key
        said = ""
        if self._number is not None:
            if fit_number(self._number.reveal()) is Fit.GOOD:
                self._taken.append(self._number)
            else:
                said = "The number that you gave cannot be right. "
        self.session.say(said + self._ask())

    async def on_exit(self) -> None:
        """Ask for nothing any more."""
        self.call.hearing.on_key = None
        self._rest()
        self._open.close()

    def answer(self, words: str, *, typed: bool) -> str:
        """Say what follows from what the caller has said or typed; its digits are taken down."""
        self._rest()
        if self.done() or self._step is None:
            return ""
        said = words.casefold().replace("\u2019", "'")
        if _STOP.search(said):
            self.complete(ToolError(_GIVEN_UP))
            return ""
        if self._taken and _WRONG_NUMBER.search(said):
            self._taken.clear()
            return self._ask()
        asking = self._step.asking
        if not asking.digits():
            return self._step.question
        fit = self._step.fit(asking.digits())
        if fit is not Fit.MORE:
            return self._go_on(fit)
        if typed:
            return _GO_ON
        self._nudge = asyncio.get_running_loop().call_later(_NUDGE_S, self._encourage)
        return ""

    def _on_key(self) -> None:
        if self._step is None or self.done():
            return
        self._rest()
        asking = self._step.asking
        fit = self._step.fit(asking.digits())
        if fit is Fit.MORE and not asking.ended:
            self._nudge = asyncio.get_running_loop().call_later(_NUDGE_S, self._encourage)
        elif said := self._go_on(Fit.WRONG if fit is Fit.MORE else fit):
            self.session.interrupt()
            self.session.say(said)

    def _go_on(self, fit: Fit) -> str:
        step = self._step
        if step is None:
            return ""
        if fit is Fit.WRONG:
            self._tries += 1
            step.asking.doubt()
            if self._tries >= MOST_TRIES:
                self.complete(ToolError(_FAILED))
                return ""
            return step.again
        self._taken.append(self._take(step.asking))
        if len(self._taken) < 3:
            return self._ask()
        self._step = None
        self.complete(Card(*self._taken))
        return ""

    def _take(self, asking: Asking) -> Secret:
        if asking.kind is Kind.CARD:
            return self.call.vault.hold(asking.digits(), asking.label, asking.kind)
        # Three digits are a part of too many other numbers for the guard to look for.
        return self.call.vault.apart(asking.digits(), asking.label, asking.kind)

    def _ask(self) -> str:
        """Turn to the next part of the card and return the question for it."""
        self._open.close()
        match len(self._taken):
            case 0:
                step = _step(
                    "card number",
                    Kind.CARD,
                    16,
                    fit_number,
                    "Please read me the card number, or type it.",
                    "That number does not check out. Please read it once more, or tell me which "
                    "digits are wrong.",
                )
            case 1:
                step = _step(
                    "expiry date",
                    Kind.OTHER,
                    4,
                    fit_expiry,
                    "Thank you. When does the card expire? Month and year, please.",
                    "I cannot read that as a month and a year to come. When does it expire?",
                )
            case _:
                step = _step(
                    "security code",
                    Kind.CODE,
                    3,
                    fit_code(self._taken[0].reveal()),
                    "And the security code?",
                    "That is not as long as a security code. Could you read it once more?",
                )
        self._open.enter_context(self.call.hearing.asking_for(step.asking))
        self._step = step
        return step.question

    def _encourage(self) -> None:
        if self.session.user_state == "speaking":
            self._nudge = asyncio.get_running_loop().call_later(_NUDGE_S, self._encourage)
        elif not self.done():
            self.session.say(_GO_ON)

    def _rest(self) -> None:
        if self._nudge is not None:
            self._nudge.cancel()
            self._nudge = None
