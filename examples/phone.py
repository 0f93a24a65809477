"""A bank on the phone: it takes secrets by voice or keypad; its callers have no screen to get any.

OFFMIC_PLAIN_CLIENTS=refuse python examples/phone.py dev
"""

import sys
from contextlib import ExitStack

from livekit.agents import cli, function_tool

from offmic.agent import ConfidentialAgent, ConfidentialTask
from offmic.asking import Asking
from offmic.call import Call
from offmic.cards import Fit, fit_number
from offmic.secrets import Kind, Secret
from offmic.start import prepare

PIN_LENGTH = 4


class TakePin(ConfidentialTask[Secret]):
    """Asks for the PIN; no model has a part in it."""

    def __init__(self, call: Call) -> None:
        super().__init__(call, instructions="", llm=None)
        self._pin = Asking("PIN", Kind.CODE, size=PIN_LENGTH)
        self._open = ExitStack()

    async def on_enter(self) -> None:
        """Ask, and take every digit and key from now on for a part of the PIN."""
        self._open.enter_context(self.call.hearing.asking_for(self._pin))
        self.call.hearing.on_key = self._finish
        self.session.say("Please say or key in your PIN.")

    async def on_exit(self) -> None:
        """Take nothing down any more."""
        self.call.hearing.on_key = None
        self._open.close()

    def answer(self, words: str, *, typed: bool) -> str:  # noqa: ARG002
        """Ask again where there was no digit; say nothing between the digits."""
        self._finish()
        return "" if self._pin.digits() else "I need the four digits of your PIN."

    def _finish(self) -> None:
        if not self.done() and not self._pin.missing:
            self.complete(self.call.vault.hold(self._pin.digits(), "PIN", Kind.CODE))


class Bank(ConfidentialAgent):
    """Tells balances and blocks cards."""

    def __init__(self, call: Call) -> None:
        super().__init__(call, instructions="You are a bank on the phone. Be brief.")

    async def on_enter(self) -> None:
        """Greet the caller."""
        self.session.say("Hello, this is your bank.")

    @function_tool
    async def balance(self) -> str:
        """Ask the caller for the PIN and tell the balance."""
        return check_balance((await TakePin(self.call)).reveal())

    @function_tool
    async def block_card(self, card_number: Secret) -> str:
        """Block a card; its number is the handle of what the caller has said."""
        return block(card_number.reveal())


def check_balance(pin: str) -> str:
    """Ask a made-up bank; call yours here."""
    return "The balance is ninety euros." if pin == "4821" else "That PIN is wrong."


def block(card_number: str) -> str:
    """Block a card at a made-up bank; call yours here."""
    return "The card is blocked." if fit_number(card_number) is Fit.GOOD else "No such card."


if __name__ == "__main__":
    cli.run_app(prepare(sys.argv[1:], Bank))
