"""The voice on the device: Hibari, loaded once a process.

It must never fetch anything: only the voice that is inside the installed package is used.
"""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from offmic.errors import MissingPartError
from offmic.local.audio import trim_silence

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLE_RATE: Final = 24_000
"""The rate of what the voice speaks, in Hz."""

_SENTENCE_PAUSE_S: Final = 0.25
_CLAUSE_PAUSE_S: Final = 0.12

# What a model writes for the eye, and the lexicon would read aloud or trip over.
_FOR_THE_EAR: Final = (
    (re.compile(r"\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\bhttps?://"), ""),
    (re.compile(r"^\s*#+\s+", re.MULTILINE), ""),
    (re.compile(r"[\[\]{}<>`]"), " "),
    # One word "wifi" is spoken "wiffy".
    (re.compile(r"\bwi[- ]?fi\b", re.IGNORECASE), "Wi-Fi"),
)

_lock = threading.Lock()
_loaded: Any = None


def find_model() -> Path:
    """Return the voice's model file, without loading anything.

    Raises:
        MissingPartError: when the package or its voice is not installed.
    """
    package = _package()
    model: Path = (
        Path(package.voices.ASSETS) / package.voices.VOICES[package.voices.DEFAULT]["file"]
    )
    if not model.is_file():
        raise MissingPartError(
            f"The on-device voice's model file {model.name} is missing: run `make setup`."
        )
    return model


def load() -> None:
    """Load the voice, unless this process has it already; takes about a second.

    Raises:
        MissingPartError: when the package or its voice is not installed.
    """
    with _lock:
        _engine()


def speak(text: str) -> NDArray[np.int16]:
    """Return what is to be heard for a text; blocks, 10 ms for a second of speech.

    Args:
        text: a sentence or several; what cannot be spoken gives no samples.

    Returns:
        Mono samples at `SAMPLE_RATE`, without silence at either end.

    Raises:
        MissingPartError: when the voice is not installed.
    """
    parts: list[NDArray[np.int16]] = []
    if not any(character.isalnum() for character in text):
        # The voice would hum an ellipsis.
        return np.zeros(0, np.int16)
    with _lock:
        # The lexicon keeps caches: one caller at a time. Seeded, a sentence always sounds the same.
        for waveform in _engine().stream(_rewrite_for_the_ear(text), seed=0):
            samples = (np.clip(waveform, -1.0, 1.0) * 32767).astype(np.int16)
            sound = trim_silence(samples, SAMPLE_RATE)
            if sound.size:
                parts += [pause_after("."), sound] if parts else [sound]
    return np.concatenate(parts) if parts else np.zeros(0, np.int16)


def pause_after(text: str) -> NDArray[np.int16]:
    """Return the silence that belongs after a spoken text, before the next one.

    Args:
        text: what was spoken; its end decides between a sentence's and a clause's pause.
    """
    ended = text.rstrip(" \"'”’)").endswith((".", "!", "?", "…"))  # noqa: RUF001 (closing quotes)
    pause_s = _SENTENCE_PAUSE_S if ended else _CLAUSE_PAUSE_S
    return np.zeros(int(SAMPLE_RATE * pause_s), np.int16)


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text; the last one may be unfinished.

    Raises:
        MissingPartError: when the voice is not installed.
    """
    sentences: list[str] = _package().Hibari.split_sentences(text)
    return sentences


def _rewrite_for_the_ear(text: str) -> str:
    for written, spoken in _FOR_THE_EAR:
        text = written.sub(spoken, text)
    return text


def _package() -> Any:
    try:
        import hibari
    except ImportError as error:
        raise MissingPartError(
            "The on-device voice is not installed (package hibari-tts): run `make setup`."
        ) from error
    return hibari


def _engine() -> Any:
    global _loaded  # noqa: PLW0603 (once a process, shared by every stream)
    if _loaded is None:
        find_model()
        engine = _package().Hibari()
        # The first synthesis reads the lexicons and warms the model.
        engine("Hello.")
        _loaded = engine
    return _loaded
