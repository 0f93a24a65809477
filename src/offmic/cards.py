"""Rules of payment cards: how long a number is, whether it can be one, when it expires; no I/O."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from offmic.guard.checks import luhn

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST: Final = 19
"""Of a card number (ISO/IEC 7812-1), in digits."""
_USUAL: Final = 16
_AMEX: Final = ("34", "37")
_DINERS: Final = ("36", "38", "39", "300", "301", "302", "303", "304", "305", "309")
_MOST_YEARS: Final = 20


class Fit(Enum):
    """How far digits answer what was asked for."""

    MORE = auto()
    """They may be the beginning of it."""
    GOOD = auto()
    WRONG = auto()


def usual_length(number: str) -> int:
    """Return how many digits a card number has that begins with these."""
    if number.startswith(_AMEX):
        return 15
    return 14 if number.startswith(_DINERS) else _USUAL


def fit_number(digits: str) -> Fit:
    """Judge digits as a card number, by its length and its check digit (ISO/IEC 7812-1)."""
    usual = usual_length(digits)
    if len(digits) < usual:
        return Fit.MORE
    return Fit.GOOD if len(digits) <= LONGEST and luhn(digits) else Fit.WRONG


def fit_code(number: str) -> Callable[[str], Fit]:
    """Return what judges the security code of the card with this number: three digits or four."""
    size = 4 if number.startswith(_AMEX) else 3

    def fit(digits: str) -> Fit:
        return Fit.MORE if len(digits) < size else Fit.GOOD if len(digits) == size else Fit.WRONG

    return fit


def fit_expiry(digits: str, today: date | None = None) -> Fit:
    """Judge digits as a date of expiry that is not over; see `read_expiry`."""
    read = read_expiry(digits)
    today = today or datetime.now(UTC).date()
    if read is not None and today <= read <= today.replace(year=today.year + _MOST_YEARS, day=1):
        return Fit.GOOD
    # "zero four twenty" may go on with "twenty eight".
    return Fit.MORE if len(digits) < 4 or (digits[-2:] == "20" and len(digits) < 5) else Fit.WRONG


def read_expiry(digits: str) -> date | None:
    """Return the last day on which a card is good, or None where the digits are no month and year.

    Args:
        digits: MMYY, MMYYYY, or either without the month's leading zero.
    """
    for size, years in ((4, 2), (6, 4)):
        if len(digits) in (size - 1, size):
            month, year = int(digits[:-years]), int(digits[-years:])
            year += 2000 if years == 2 else 0
            if 1 <= month <= 12 and year >= 2000:
                return date(year, month, calendar.monthrange(year, month)[1])
    return None
