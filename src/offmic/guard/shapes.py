"""Tells identity numbers by their groups and check digits alone; it must never guess from length.

A number that any eleven digits might be is left to the words around it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from offmic.guard.checks import (
    chinese_id,
    cpf,
    french_id,
    luhn,
    norwegian_id,
    personnummer,
    pesel,
    social_security,
    swiss_id,
    turkish_id,
)
from offmic.secrets.secret import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offmic.guard.runs import Group

_SSN: Final = [3, 2, 4]
_CPF: Final = [3, 3, 3, 2]
_SIN: Final = [3, 3, 3]
_AHV: Final = [3, 4, 4, 2]
_RRN: Final = [6, 7]
_FODSEL: Final = [6, 5]
_WITH_CENTURY: Final = 12


def kind_by_shape(groups: Sequence[Group], digits: str) -> Kind | None:
    """Return what a number is whatever stands around it; none where that does not tell.

    Args:
        groups: its groups as they were written, with what stands between them.
        digits: all of its digits.
    """
    sizes = [len(g.digits) for g in groups]
    gaps = {g.gap for g in list(groups)[1:]}
    if sizes == _SSN and len(gaps) == 1 and gaps <= {"-", ".", " "}:
        if digits[0] == "9" and digits[3:5] >= "50":
            return Kind.GOV_ID
        return Kind.SSN if social_security(digits) else None
    return Kind.GOV_ID if _is_personal(sizes, gaps, digits) else None


def _is_personal(sizes: list[int], gaps: set[str], digits: str) -> bool:
    if len(sizes) == 1:
        checks = _SOLID.get(len(digits), ())
        return any(check(digits) for check in checks)
    if sizes == _CPF:
        return gaps == {".", "-"} and cpf(digits)
    if sizes == _SIN:
        return gaps == {"-"} and luhn(digits)
    if sizes == _AHV:
        return gaps == {"."} and swiss_id(digits)
    if sizes == _RRN:
        return gaps == {"-"} and _has_date(digits) and digits[6] in "12345678"
    if sizes == _FODSEL:
        return gaps == {" "} and norwegian_id(digits)
    return sizes in ([6, 4], [8, 4]) and gaps == {"-"} and personnummer(digits)


def _has_date(digits: str) -> bool:
    return 1 <= int(digits[2:4]) <= 12 and 1 <= int(digits[4:6]) <= 31


_SOLID: Final = {
    11: (pesel, turkish_id, norwegian_id),
    _WITH_CENTURY: (personnummer,),
    15: (french_id,),
    18: (chinese_id,),
}
