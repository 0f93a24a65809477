"""Checksums of numbers that people and banks carry; each says where its rule comes from."""

from __future__ import annotations

import re
from typing import Final

_IBAN_SHAPE: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


def luhn(digits: str) -> bool:
    """Tell whether the check digit is right (ISO/IEC 7812-1, annex B)."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if at % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def iban(text: str) -> bool:
    """Tell whether an IBAN's check digits are right (ISO 13616, ISO 7064 MOD 97-10)."""
    if not _IBAN_SHAPE.fullmatch(text):
        return False
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def social_security(digits: str) -> bool:
    """Tell whether nine digits can be a US social security number (SSA, POMS RM 10201.035)."""
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"


def weighted(digits: str, weights: str, modulus: int) -> int:
    """Return the sum of digits times their weights, modulo a number."""
    return sum(int(d) * int(w) for d, w in zip(digits, weights, strict=False)) % modulus


def nric(text: str) -> bool:
    """Tell whether a Singapore NRIC or FIN has the right letter (ICA)."""
    total = sum(int(d) * w for d, w in zip(text[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    total += {"T": 4, "G": 4, "M": 3}.get(text[0], 0)
    table = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK"}
    letters = table.get(text[0], "KLJNPQRTUWX")
    at = total % 11
    return letters[10 - at if text[0] == "M" else at] == text[8]


def spanish_id(text: str) -> bool:
    """Tell whether a Spanish NIF or NIE has the right letter (Real Decreto 1553/2005)."""
    digits = text[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23] == text[-1]


def pesel(digits: str) -> bool:
    """Tell whether a Polish PESEL has the right check digit (Ministry of the Interior)."""
    if not (1 <= int(digits[2:4]) % 20 <= 12 and 1 <= int(digits[4:6]) <= 31):
        return False
    return (10 - weighted(digits, "1379137913", 10)) % 10 == int(digits[-1])


def personnummer(digits: str) -> bool:
    """Tell whether 10 or 12 digits are a Swedish personal identity number (SKV 704)."""
    if len(digits) == 12 and digits[:2] not in {"18", "19", "20"}:
        return False
    month, day = int(digits[-8:-6]), int(digits[-6:-4])
    return 1 <= month <= 12 and 1 <= day % 60 <= 31 and luhn(digits[-10:])


def turkish_id(digits: str) -> bool:
    """Tell whether a Turkish identity number has the right check digits (NVI)."""
    d = [int(c) for c in digits]
    tenth = (sum(d[0:9:2]) * 7 - sum(d[1:8:2])) % 10
    return d[0] > 0 and d[9] == tenth and d[10] == sum(d[:10]) % 10


def nhs(digits: str) -> bool:
    """Tell whether an English NHS number has the right check digit (NHS Data Dictionary)."""
    rest = 11 - sum(int(d) * w for d, w in zip(digits, range(10, 1, -1), strict=False)) % 11
    return rest % 11 == int(digits[9]) and rest != 10


def finnish_id(text: str) -> bool:
    """Tell whether a Finnish personal identity code has the right control character (DVV)."""
    number = int(text[:6] + text[7:10])
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[number % 31] == text[10]


def cpf(digits: str) -> bool:
    """Tell whether a Brazilian CPF has the right check digits (Receita Federal)."""
    first = 11 - sum(int(d) * w for d, w in zip(digits[:9], range(10, 1, -1), strict=True)) % 11
    second = 11 - sum(int(d) * w for d, w in zip(digits[:10], range(11, 1, -1), strict=True)) % 11
    return digits[9:] == f"{first % 11 % 10}{second % 11 % 10}"


def norwegian_id(digits: str) -> bool:
    """Tell whether a Norwegian birth number has the right check digits (Skatteetaten)."""
    if not (1 <= int(digits[2:4]) % 40 <= 12 and 1 <= int(digits[:2]) % 40 <= 31):
        return False
    first = sum(int(d) * w for d, w in zip(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1), strict=False))
    second = sum(int(d) * w for d, w in zip(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), strict=True))
    return first % 11 == 0 and second % 11 == 0


def french_id(digits: str) -> bool:
    """Tell whether a French NIR has the right key (INSEE)."""
    born = digits[0] in "12" and (1 <= int(digits[3:5]) <= 12 or int(digits[3:5]) >= 20)
    return born and int(digits[13:]) == 97 - int(digits[:13]) % 97


def chinese_id(digits: str) -> bool:
    """Tell whether a Chinese resident identity number of digits alone is right (GB 11643)."""
    dated = digits[6:8] in {"19", "20"} and 1 <= int(digits[10:12]) <= 12
    return dated and sum(int(d) * (2 ** (17 - at) % 11) for at, d in enumerate(digits)) % 11 == 1


def swiss_id(digits: str) -> bool:
    """Tell whether a Swiss AHV number has the right check digit (EAN-13, ZAS)."""
    total = sum(int(d) * (3 if at % 2 else 1) for at, d in enumerate(digits))
    return digits.startswith("756") and total % 10 == 0
