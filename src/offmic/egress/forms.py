"""The forms of a value that only programs write; it must never know fewer values than the guard.

The guard reads what people and models write: any case, spacing, spelling and the usual encodings.
Logs and dumps hold escapes and pieces of longer encodings as well.
"""

from __future__ import annotations

import base64
import html
import json
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from offmic.secrets.vault import VaultEntry

_SHORTEST: Final = 4


def machine_forms(value: str) -> set[str]:
    """Return how programs escape a value, and what its bytes look like inside longer base64.

    Args:
        value: as the vault holds it.
    """
    raw = value.encode("utf-8", "surrogatepass")
    forms = {
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        ascii(value)[1:-1],
        repr(raw)[2:-1],
        repr(repr(value)[1:-1])[1:-1],
        json.dumps(json.dumps(value)[1:-1])[1:-1],
        html.escape(value),
        quote(value, safe="", errors="surrogatepass"),
        quote_plus(value, errors="surrogatepass"),
        "".join(f"\\u{ord(c):04x}" for c in value),
        "".join(f"\\x{byte:02x}" for byte in raw),
        " ".join(f"{byte:02x}" for byte in raw),
        ":".join(f"{byte:02x}" for byte in raw),
        ", ".join(str(byte) for byte in raw),
        ",".join(str(byte) for byte in raw),
        *_inside_base64(raw),
    }
    return {form for form in forms if len(form) >= _SHORTEST}


def _inside_base64(raw: bytes) -> Iterable[str]:
    """Yield the characters that stand for these bytes wherever in longer base64 they begin.

    The first and last group of each also depend on what stands beside them, and are left out.
    """
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw + b"\0" * 2).decode("ascii")
        whole = 8 * (before + len(raw)) // 6
        inside = encoded[(8 * before + 5) // 6 : whole]
        if len(inside) > _SHORTEST:
            yield inside
            yield inside.replace("+", "-").replace("/", "_")


def pattern_of(entries: Iterable[VaultEntry]) -> tuple[re.Pattern[str] | None, dict[str, str]]:
    """Return a pattern that finds these forms, longest first, and the label of each form."""
    labels: dict[str, str] = {}
    for entry in entries:
        for form in machine_forms(entry.value):
            labels.setdefault(form.casefold(), entry.label)
    if not labels:
        return None, labels
    longest = sorted(labels, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest)), re.IGNORECASE), labels
