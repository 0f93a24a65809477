"""The guard: a pure, incremental scanner; it must never emit what it might yet have to take back."""

from offmic.guard.model import Direction, Knowledge, Said, SecretDiverted, Segment, Via

__all__ = ["Direction", "Knowledge", "Said", "SecretDiverted", "Segment", "Via"]
