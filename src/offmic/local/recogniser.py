"""The speech recogniser on the device: Moonshine tiny-en, loaded once a process.

It must never fetch anything: only the model that is inside the installed package is used.
"""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from offmic.errors import MissingPartError, OffmicError
from offmic.local.audio import resample

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RATE: Final = 16_000
_MODEL: Final = "tiny-en"
_MODEL_FILES: Final = ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin")
_LEAST_SPEECH_S: Final = 0.3
_SETTLE_S: Final = 0.5
"""The finder of speech remembers the call before; so much silence makes it forget."""
_TAIL_S: Final = 0.3
_FOREIGN: Final = re.compile(r"[\u3000-\u9fff\uac00-\ud7af]+")
"""Chinese, Japanese and Korean: an English model that writes it has lost its way."""
_WIFI: Final = re.compile(r"\bwi[- ]?fi(?:\b|(?=[a-z]))", re.IGNORECASE)
"""Written in many ways, and run into the next word; no other English word begins so."""

_lock = threading.Lock()


class RecogniserError(OffmicError):
    """The engine gave an error for audio that was well formed."""


class _Engines(NamedTuple):
    words: Any
    """Writes down whatever it is given, as one line; invents a word for noise."""
    speech: Any
    """Only finds where speech is, in some 10 ms for a second."""


_loaded: _Engines | None = None


def find_model() -> Path:
    """Return the folder of the model's files, without loading anything.

    Raises:
        MissingPartError: when the package or its model is not installed.
    """
    try:
        from moonshine_voice import get_model_path
    except ImportError as error:
        raise MissingPartError(
            "The on-device recogniser is not installed (package moonshine-voice): run `make setup`."
        ) from error
    folder = Path(get_model_path(_MODEL))
    for name in _MODEL_FILES:
        if not (folder / name).is_file():
            raise MissingPartError(
                f"The on-device recogniser's model file {_MODEL}/{name} is missing: "
                "run `make setup`."
            )
    return folder


def load() -> None:
    """Load the recogniser, unless this process has it already; takes about half a second.

    Raises:
        MissingPartError: when the package or its model is not installed.
    """
    with _lock:
        _engines()


def holds_speech(samples: NDArray[np.int16], sample_rate: int) -> bool:
    """Tell speech from noise; blocks.

    Args:
        samples: mono.
        sample_rate: in Hz.

    Raises:
        MissingPartError: when the recogniser is not installed.
        RecogniserError: when the engine fails.
    """
    settle = np.zeros(int(sample_rate * _SETTLE_S), np.int16)
    with _lock:
        lines = _lines(_engines().speech, np.concatenate([samples, settle]), sample_rate)
    return bool(sum(line.duration for line in lines) >= _LEAST_SPEECH_S)


def transcribe(samples: NDArray[np.int16], sample_rate: int) -> str:
    """Write down what is said; blocks, some 50 ms for a second of speech.

    Args:
        samples: mono, known to hold speech: for noise the model invents a word.
        sample_rate: in Hz.

    Returns:
        The words, in one line; empty when there are none.

    Raises:
        MissingPartError: when the recogniser is not installed.
        RecogniserError: when the engine fails.
    """
    text = _write_down(samples, sample_rate)
    if _FOREIGN.search(text):
        # The model stumbled, which a moment more of silence mends.
        tail = np.zeros(int(sample_rate * _TAIL_S), np.int16)
        text = _FOREIGN.sub("", _write_down(np.concatenate([samples, tail]), sample_rate))
    return _WIFI.sub(_name_wifi, text)


def _write_down(samples: NDArray[np.int16], sample_rate: int) -> str:
    with _lock:
        lines = _lines(_engines().words, samples, sample_rate)
    return " ".join(line.text.strip() for line in lines if line.text.strip())


def _name_wifi(match: re.Match[str]) -> str:
    return "Wi-Fi " if match.string[match.end() : match.end() + 1].isalpha() else "Wi-Fi"


def _lines(engine: Any, samples: NDArray[np.int16], sample_rate: int) -> list[Any]:
    from moonshine_voice.errors import MoonshineError

    audio = resample(samples, sample_rate, _RATE).astype(np.float32) / 32768
    try:
        lines: list[Any] = engine.transcribe_without_streaming(audio.tolist(), _RATE).lines
    except MoonshineError as error:
        raise RecogniserError(
            "The on-device recogniser failed on a piece of audio; `offmic doctor` tests it."
        ) from error
    return lines


def _engines() -> _Engines:
    global _loaded  # noqa: PLW0603 (once a process, shared by every stream)
    if _loaded is None:
        folder = find_model()
        from moonshine_voice import ModelArch, Transcriber

        # One thread is as fast as two that spin, costs half the CPU, and survives a fork.
        os.environ.setdefault("MOONSHINE_ORT_SINGLE_THREAD", "1")

        def start(**options: str) -> Any:
            return Transcriber(
                str(folder), ModelArch.TINY, options={"return_audio_data": "false", **options}
            )

        # The package's own cutting into lines loses words at the cuts: the stream cuts instead.
        engines = _Engines(words=start(vad_threshold="0"), speech=start(skip_transcription="true"))
        for engine in engines:
            engine.transcribe_without_streaming([0.0] * _RATE, _RATE)
        _loaded = engines
    return _loaded
