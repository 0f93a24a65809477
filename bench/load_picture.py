"""Draws a few lines over a number as SVG; it must never need more than the standard library."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH: Final = 720
_HEIGHT: Final = 400
_LEFT: Final = 60
_RIGHT: Final = 180
_TOP: Final = 20
_BOTTOM: Final = 50
_COLOURS: Final = ("#0b6e99", "#c2410c", "#15803d", "#7e22ce", "#52525b", "#b91c1c")
_STEPS: Final = 5


@dataclass(frozen=True)
class Line:
    """One line of the picture.

    Args:
        name: what it is.
        points: at least one, each the number and the value there.
    """

    name: str
    points: Sequence[tuple[float, float]]


def draw(across: str, up: str, lines: Sequence[Line]) -> str:
    """Return the picture as SVG; both axes begin at 0.

    Args:
        across: what the numbers are.
        up: what the values are, with their units.
        lines: at most six, each with points.
    """
    points = [point for line in lines for point in line.points]
    most_x = max((x for x, _ in points), default=1.0)
    most_y = _round_up(max((y for _, y in points), default=1.0))

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            _LEFT + x / most_x * (_WIDTH - _LEFT - _RIGHT),
            _HEIGHT - _BOTTOM - y / most_y * (_HEIGHT - _TOP - _BOTTOM),
        )

    size = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="12"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
    ]
    for step in range(_STEPS + 1):
        value = most_y * step / _STEPS
        (left, y), (right, _) = place(0, value), place(most_x, value)
        parts.append(f'<path d="M{left:.1f} {y:.1f}H{right:.1f}" stroke="#e4e4e7"/>')
        parts.append(_text(left - 8, y + 4, f"{value:g}", "end"))
    parts += [
        _text(place(x, 0)[0], _HEIGHT - _BOTTOM + 18, f"{x:g}", "middle")
        for x in sorted({x for x, _ in points})
    ]
    parts.append(_text(place(most_x / 2, 0)[0], _HEIGHT - 10, across, "middle"))
    parts.append(_text(_LEFT, _TOP - 6, up, "start"))
    for number, (line, colour) in enumerate(zip(lines, _COLOURS, strict=False)):
        corners = [place(x, y) for x, y in line.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in corners]
        y = _TOP + 16 + 20 * number
        corner = f'x="{_WIDTH - _RIGHT + 16}" y="{y - 9}"'
        parts.append(f'<rect {corner} width="10" height="10" fill="{colour}"/>')
        parts.append(_text(_WIDTH - _RIGHT + 32, y, line.name, "start"))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _text(x: float, y: float, text: str, anchor: str) -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#27272a"'
    return f"<text {where}>{escape(text)}</text>"


def _round_up(value: float) -> float:
    """Return the next 1, 2 or 5 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)
