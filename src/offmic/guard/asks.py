"""Tells whether the agent asks its caller for a secret number; what it offers is no question.

"What is your card number?" asks for one, "Do you need the door code?" does not.
"""

from __future__ import annotations

import re
from typing import Final

from offmic.guard.kinds import kind_of
from offmic.secrets.secret import Kind

_NOUNS: Final = (
    r"(?:(?:credit|debit|bank|gift|loyalty|member(?:ship)?|security|one[ -]?time|verification|entry"
    r"|door|access|routing|social|insurance|id|passport|account|phone|customer|card|pin|sort"
    r"|confirmation|authentication|national|driver'?s|licen[cs]e|tax|expiry|expiration)[ -])*"
    r"(?:card(?: numbers?)?|number|code|passcode|pin|cvv2?|cvc2?|ssn|social security(?: number)?"
    r"|digits|otp|iban|date)"
)
_SECRET: Final = re.compile(
    r"\b(?:card|code|passcode|pin|cvv2?|cvc2?|ssn|social|account|otp|iban|routing|passport|licen[cs]e"
    r"|insurance|national|tax|id)\b"
)
_ASKS: Final = re.compile(
    r"\b(?:what(?:'s| is| are)|(?:may|can|could) (?:i|we) (?:have|get|take)|need|let me have)"
    rf"\b[^.?!]*?\byour (?P<your>(?:full |own |own )?{_NOUNS})\b"
    r"|\b(?:tell|give|read|enter|type|say|provide|repeat|confirm|key in|spell|dictate|send)\b"
    rf"[^.?!]*?\b(?:your|the|its|that) (?P<the>(?:full |whole |three |four |last |next )*{_NOUNS})"
    r"\b"
)
_OFFERS: Final = re.compile(
    r"^\W*(?:do you|did you|would you like|shall|should i|i can|i could|i will|i'll|here)\b"
)
_SENTENCE: Final = re.compile(r"[^.?!]+[.?!]*")
_LABELS: Final = {
    Kind.CARD: "card number",
    Kind.OTP: "one-time code",
    Kind.ACCOUNT: "account number",
    Kind.SSN: "social security number",
    Kind.GOV_ID: "ID number",
    Kind.CODE: "code",
}


def asked_for(said: str) -> tuple[str, Kind] | None:
    """Return label and kind of the secret number that the last sentences ask for, or None.

    Args:
        said: a whole utterance of the agent.
    """
    for sentence in reversed(_SENTENCE.findall(said.casefold().replace("\u2019", "'"))[-3:]):
        found = _ASKS.search(sentence)
        if found is None or _OFFERS.search(sentence):
            continue
        noun = found["your"] or found["the"]
        if not _SECRET.search(noun):
            continue
        kind = kind_of(noun)
        if "security code" in noun or noun.startswith(("cvv", "cvc")):
            return "security code", Kind.CODE
        return _LABELS.get(kind, noun), kind
    return None
