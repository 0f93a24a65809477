"""Which kind of secret a label speaks of; it must never need the value to tell."""

from __future__ import annotations

import re
from typing import Final

from offmic.secrets.secret import Kind

# The first that fits counts: "one-time password" is no password, "card PIN" no card.
_WORDS: Final = {
    Kind.OTP: (
        r"one[ -]?time.*|otp|2fa|mfa|(?:verification|confirmation|authenticat\w+|auth) code"
        r"|activation (?:code|pin)"
    ),
    Kind.PRIVATE_KEY: r"private key|seed phrase|recovery phrase|mnemonic",
    Kind.API_KEY: r"api[ _-]?key|\w*[ _-]?token|access key|secret key|client secret|bearer",
    Kind.IBAN: r"iban",
    Kind.SSN: r"ssn|social security.*|social",
    Kind.CODE: r"\w*code|pin(?: number)?|pin ?code|combination",
    Kind.CARD: r"(?:credit |debit |bank )?card(?: number| no)?|visa|mastercard|amex",
    Kind.ACCOUNT: r"account(?: number| no)?|routing number|sort code",
    Kind.GOV_ID: (
        r"passport.*|driver'?s? licen[cs]e.*|national (?:id|insurance).*|tax id.*|id number"
    ),
    Kind.PASSWORD: (
        r"pass ?words?|pass ?phrase|passwd|pswd|pwd|magic word|pass ?key"
        r"|(?:wi[ -]?fi|network) key|credentials?"
    ),
}
_PATTERNS: Final = tuple(
    (kind, re.compile(rf"\b(?:{names})\b", re.IGNORECASE)) for kind, names in _WORDS.items()
)


def kind_of(label: str) -> Kind:
    """Return the kind of secret that a label names; `other` where it names none."""
    for kind, names in _PATTERNS:
        if names.search(label):
            return kind
    return Kind.OTHER
