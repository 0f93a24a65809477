"""The guard, pure and incremental; it must never emit what it might yet have to take back."""

from offmic.guard.engine import Guard
from offmic.guard.model import Direction, Knowledge, Said, SecretDiverted, Segment, Via
from offmic.guard.phrasing import Phrased, Phrasing

__all__ = [
    "Direction",
    "Guard",
    "Knowledge",
    "Phrased",
    "Phrasing",
    "Said",
    "SecretDiverted",
    "Segment",
    "Via",
]
