"""The guard, pure and incremental; it must never emit what it might yet have to take back."""

from offmic.guard.guard import Guard
from offmic.guard.model import Direction, Knowledge, Said, SecretDiverted, Segment, Via
from offmic.guard.phrasing import Phrased, Phrasing
from offmic.guard.policy import Policy, Treatment

__all__ = [
    "Direction",
    "Guard",
    "Knowledge",
    "Phrased",
    "Phrasing",
    "Policy",
    "Said",
    "SecretDiverted",
    "Segment",
    "Treatment",
    "Via",
]
