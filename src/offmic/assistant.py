"""The front desk: what the assistant is told and what it can do. This is the file to replace first.

A tool returns a `Secret`, never its value: the model sees a handle, the caller gets a card.
"""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING, Any, Final

from livekit.agents import function_tool

from offmic.agent import ConfidentialAgent
from offmic.payment import TakeCard, charge
from offmic.secrets import Kind, Secret

if TYPE_CHECKING:
    from livekit import rtc

    from offmic.call import Call

INSTRUCTIONS: Final = """\
You are the voice of a front desk. You speak with visitors: be brief and friendly, one or two short
sentences, no lists, no markup.
You may know secrets: passwords, codes, words of entry. Look one up with look_up_secret, make one
with new_password or one_time_code. What you get is a handle such as {{secret:door-code.k7q2m9xd}}.
Put the handle into your sentence where the value would stand, exactly as you got it: "The door
code is {{secret:door-code.k7q2m9xd}}." The caller then sees the value on their screen; you say
nothing of it, no part of it, in no form. A handle of earlier in the talk may be used again.
If you must write a secret that has no handle, write <secret label="what it is">value</secret>.
What you do not know, say so; never make a secret up."""

GREETING: Final = "Hello, this is the front desk. How can I help you?"

_PASSWORD_LENGTH: Final = 16
# Without characters that are mistaken for one another when typed from a screen.
_LETTERS: Final = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS: Final = "23456789"
_SYMBOLS: Final = "-_.!+*"
_OTP_TTL_S: Final = 60.0


class FrontDesk(ConfidentialAgent):
    """Answers visitors and shows them what must not be said aloud.

    Args:
        call: the vault, the channel and the file of secrets of this call.
    """

    def __init__(self, call: Call) -> None:
        super().__init__(
            call,
            instructions=INSTRUCTIONS,
            tools=[
                function_tool(
                    self.look_up_secret,
                    name="look_up_secret",
                    description=(
                        "Look up a secret by what it is called, to show it to the caller.\n"
                        f"Known names: {_known_names(call)}"
                    ),
                )
            ],
        )

    def greet(self) -> None:
        """Say hello; again where the caller came after others had been greeted."""
        self.session.say(GREETING)

    async def may_receive(
        self,
        participant: rtc.RemoteParticipant,  # noqa: ARG002 - a front desk serves everyone alike
        secret: Secret,  # noqa: ARG002 - likewise
    ) -> bool:
        """Decide who may have what: here, whoever asks; look at the two for a rule of your own."""
        return True

    async def look_up_secret(self, name: str) -> Secret | str:
        """Look up a secret by its table's name, label or an alias.

        Args:
            name: what the caller calls it.
        """
        secret = self.call.look_up(name)
        if secret is not None:
            return secret
        labels = [f"the {record.label}" for record in self.call.records]
        if not labels:
            return "I have no secrets here that I could look up."
        known = labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"
        return f"I do not know that one. I can show you {known}."

    @function_tool
    async def new_password(self, account: str) -> Secret:
        """Make a new, strong password for an account and show it to the caller.

        Args:
            account: whose or what it is for, such as "printer" or "guest account".
        """
        return Secret(
            make_password(), f"new password for {account}", Kind.PASSWORD, self.call.secret_ttl_s
        )

    @function_tool
    async def one_time_code(self, account: str) -> Secret:
        """Make a one-time code of six digits for an account and show it to the caller, once.

        Args:
            account: whose or what it is for, such as "help desk" or "locker".
        """
        code = f"{secrets.randbelow(1_000_000):06d}"
        return Secret(code, f"one-time code for {account}", Kind.OTP, _OTP_TTL_S, once=True)

    @function_tool
    async def take_payment_card(self, card_number: Secret | None = None) -> str:
        """Take a payment by card: asks the caller for all that is needed and tells how it went.

        Args:
            card_number: the handle of a card number that the caller has already given.
        """
        return await charge(await TakeCard(self.call, card_number))


def make_password() -> str:
    """Return 16 random characters with at least one each of lower, upper, digit and symbol."""
    alphabet = _LETTERS + _DIGITS + _SYMBOLS
    groups = (string.ascii_lowercase, string.ascii_uppercase, _DIGITS, _SYMBOLS)
    while True:
        password = "".join(secrets.choice(alphabet) for _ in range(_PASSWORD_LENGTH))
        if all(any(c in group for c in password) for group in groups):
            return password


def _known_names(call: Call) -> str:
    def name(record: Any) -> str:
        aliases = ", ".join(record.aliases)
        return f"{record.label} ({aliases})" if aliases else str(record.label)

    return "; ".join(name(record) for record in call.records) or "none"
