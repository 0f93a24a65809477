"""Tells numbers that are no secrets by what stands around them; it must never guess.

Prices, quantities, dates, years, times and phone numbers are said even where a code was spoken of.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from offmic.guard.spoken import words

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from offmic.guard.runs import Group, Run

MONEY: Final = frozenset("$€£¥₹")
_UNITS: Final = words(
    "dollar dollars buck bucks euro euros pound pounds cent cents usd eur gbp hkd inr rs rupees yen"
    " yuan percent people guests persons adults nights night days day hours hour minutes minute"
    " seconds weeks months years miles mile km kilometers meters feet points degrees am pm kg items"
    " times tickets rooms steps words characters digits square hundred thousand million billion"
    " kilometres metres millimetres millimeters centimetres centimeters mm cm kilos grams litres"
    " liters members units employees seats"
)
_AFTER: Final = frozenset("%:/")
_YEAR_BEFORE: Final = words("in since from until till of year by during before after for around")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_PHONE_BEFORE: Final = words("call phone mobile tel telephone dial cell fax text whatsapp ph")
_NUMBER: Final = words("number")
_PHONE_SHAPES: Final = ([3, 3, 4], [1, 3, 3, 4], [3, 4])
_LONGEST_PHONE: Final = 15
_DATES: Final = ([4, 2, 2], [2, 2, 4], [2, 2, 2])
_MONTHS: Final = words(
    "january february march april may june july august september october november december"
    " jan feb mar apr jun jul aug sep sept oct nov dec"
)
_DECIMALS: Final = 2
_THOUSANDS: Final = 3
# "The account ending in 4417": what is said of a number to tell it from others.
_ENDINGS: Final = words("ending ends finishing finishes end")
_LONGEST_ENDING: Final = 5


def is_amount(run: Run, after: str) -> bool:
    """Tell whether a number is money or counts something.

    Args:
        run: the number.
        after: the word or the sign behind it.
    """
    return run.before in MONEY or after in _UNITS or after in _AFTER or _has_decimals(run.groups)


def is_date(run: Run, digits: str, *, named: bool) -> bool:
    """Tell whether a number is a date or a year.

    Args:
        run: the number.
        digits: its digits.
        named: whether a code was named directly before it: "the combination is 12-34-56".
    """
    groups = list(run.groups)
    if [len(g.digits) for g in groups] in (_DATES[:2] if named else _DATES):
        return all(g.gap in {"-", "."} for g in groups[1:])
    if run.before in _MONTHS:
        return True
    return _YEAR.fullmatch(digits) is not None and run.before in _YEAR_BEFORE


def is_ending(before: Sequence[str], digits: str) -> bool:
    """Tell whether a number is the end of one, behind these words."""
    return len(digits) <= _LONGEST_ENDING and not _ENDINGS.isdisjoint(before[-2:])


def is_phone(run: Run) -> bool:
    """Tell whether a number is written like a phone number."""
    return run.before == "+" or [len(g.digits) for g in run.groups] in _PHONE_SHAPES[:2]


def is_announced_phone(run: Run) -> bool:
    """Tell whether the word before a number says that it is a phone number."""
    return run.before in _PHONE_BEFORE


def is_any_phone(run: Run, digits: str) -> bool:
    """Tell whether a number is written or announced as a phone number (ITU-T E.164)."""
    shaped = [len(g.digits) for g in run.groups] in _PHONE_SHAPES or run.before == "+"
    announced = run.before in _PHONE_BEFORE | _NUMBER
    return (shaped or announced) and 7 <= len(digits) <= _LONGEST_PHONE


def _has_decimals(groups: Collection[Group]) -> bool:
    """Tell whether a number is written with a decimal point, such as 1,204.55."""
    whole, *more = groups
    if not more or more[-1].gap != "." or len(more[-1].digits) != _DECIMALS:
        return False
    thousands = all(g.gap == "," and len(g.digits) == _THOUSANDS for g in more[:-1])
    return thousands and (len(more) == 1 or len(whole.digits) <= _THOUSANDS)
