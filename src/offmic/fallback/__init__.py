"""Providers in a row: when one fails the next takes over, in the same turn; each is tried again.

Nothing here may say what was held back, nor keep a caller's sound longer than it takes to hear it.
"""

from offmic.fallback.answer import Sign, patience_for, persevere
from offmic.fallback.brain import FallbackBrain
from offmic.fallback.ear import FallbackEar
from offmic.fallback.row import Row
from offmic.fallback.voice import FallbackVoice

__all__ = [
    "FallbackBrain",
    "FallbackEar",
    "FallbackVoice",
    "Row",
    "Sign",
    "patience_for",
    "persevere",
]
