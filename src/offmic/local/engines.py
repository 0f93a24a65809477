"""Where the models run: in this process, or in the one that all jobs of a worker share.

Nothing else of `offmic.local` may ask a model directly.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol, cast

from offmic.local import chat, recogniser, voice
from offmic.local.wire import Caller
from offmic.meeting_place import KEY, SOCKET

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Collection

    import numpy as np
    from numpy.typing import NDArray

_READY_S: Final = 90.0
_CHATS: Final = 4


class ChatModel(Protocol):
    """What the brain asks of a chat model; `offmic.local.chat.ChatModel` says how."""

    threads: ThreadPoolExecutor

    def reply(
        self, messages: chat.Messages, emit: Callable[[str], None], stop: threading.Event
    ) -> chat.Spent:
        """Stream a short reply."""


@cache
def shared() -> Caller | None:
    """Return the way to the shared models, or None where they are in this process."""
    path, key = os.environ.get(SOCKET), os.environ.get(KEY)
    return Caller(path, bytes.fromhex(key)) if path and key else None


def load(roles: Collection[str]) -> None:
    """Load the models of these parts, or wait until the process that shares them has.

    Args:
        roles: of `stt`, `llm` and `tts` those that run on the device.

    Raises:
        MissingPartError: a file or package is missing.
        ModelsGoneError: the process that shares them did not get ready.
    """
    if (models := shared()) is not None:
        models.wait(_READY_S)
        return
    if "stt" in roles:
        recogniser.load()
    if "tts" in roles:
        voice.load()
    if "llm" in roles:
        chat.load_chat_model()


def holds_speech(samples: NDArray[np.int16], sample_rate: int) -> bool:
    """Tell speech from noise; see `recogniser.holds_speech`."""
    if (models := shared()) is None:
        return recogniser.holds_speech(samples, sample_rate)
    return bool(models.call("holds_speech", samples, sample_rate))


def transcribe(samples: NDArray[np.int16], sample_rate: int) -> str:
    """Write down what is said; see `recogniser.transcribe`."""
    if (models := shared()) is None:
        return recogniser.transcribe(samples, sample_rate)
    return str(models.call("transcribe", samples, sample_rate))


def speak(text: str) -> NDArray[np.int16]:
    """Return what is to be heard for a text; see `voice.speak`."""
    if (models := shared()) is None:
        return voice.speak(text)
    return cast("NDArray[np.int16]", models.call("speak", text))


def chat_model() -> ChatModel:
    """Return the chat model."""
    models = shared()
    return chat.load_chat_model() if models is None else _shared_chat(models)


@cache
def _shared_chat(models: Caller) -> ChatModel:
    return _SharedChat(models)


class _SharedChat:
    def __init__(self, models: Caller) -> None:
        self._models = models
        self.threads = ThreadPoolExecutor(_CHATS, thread_name_prefix="offmic-chat")

    def reply(
        self, messages: chat.Messages, emit: Callable[[str], None], stop: threading.Event
    ) -> chat.Spent:
        spent = self._models.call("reply", messages, emit=emit, stop=stop)
        return spent if isinstance(spent, chat.Spent) else chat.Spent(0, 0, 0)
