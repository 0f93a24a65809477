"""Speech recognition, voice and brain on the device; nothing is fetched.

`offmic.local.parts` has them as plugins of the framework. It must never be imported here: the
process that holds the models starts in half the time without it. No model is loaded by importing
this: `warm` does, once a process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from offmic.local import chat, engines, intents, recogniser, voice

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

_FIND: Final[Mapping[str, Callable[[], object]]] = {
    "stt": recogniser.find_model,
    "llm": chat.model_path,
    "tts": voice.find_model,
}


def check(roles: Collection[str]) -> None:
    """Look whether the models' files are there, without loading them.

    Args:
        roles: of `stt`, `llm` and `tts` those that run on the device.

    Raises:
        MissingPartError: a file or package is missing; the message holds the command that adds it.
    """
    for role in roles:
        _FIND[role]()


def warm(roles: Collection[str]) -> None:
    """Load the models of these parts, once a process.

    Args:
        roles: of `stt`, `llm` and `tts` those that run on the device.

    Raises:
        MissingPartError: a file or package is missing.
        ModelsGoneError: the worker's process for the models does not get ready.
    """
    if "llm" in roles:
        intents.load()
    engines.load(roles)
    if "llm" in roles and engines.shared() is None:
        chat.load_chat_model().learn_instructions()
