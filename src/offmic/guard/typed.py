"""A secret as it would be typed, from the way it was written or said."""

from __future__ import annotations

import re
from typing import Final

from offmic.guard.fold import fold_text

_MARKUP: Final = re.compile(r"<[^<>]{0,200}>|[*`]+")


def typed(text: str) -> str:
    """Return a value as its owner would type it.

    Args:
        text: what stood in the place of the value.

    Returns:
        The value without invisible characters and markup; empty where nothing is left.
    """
    return _MARKUP.sub("", fold_text(text)).strip().strip("\"'“”")
