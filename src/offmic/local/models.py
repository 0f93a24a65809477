"""The process that holds the models of the device for all jobs of a worker: `Models` starts it.

It must never outlive its worker, nor stop before it: jobs that drain still need it.
"""

from __future__ import annotations

import atexit
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from offmic import egress
from offmic.errors import OffmicError
from offmic.local import chat, engines, recogniser, voice
from offmic.local.wire import Server
from offmic.meeting_place import KEY_BYTES, SOCKET

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    import numpy as np
    from numpy.typing import NDArray

    from offmic.meeting_place import MeetingPlace

_log = logging.getLogger("offmic")

_AGAIN_S: Final = 0.5


class Models:
    """A child process with the models, started again where it ends.

    Args:
        roles: of `stt`, `llm` and `tts` those that run on the device.
        place: where jobs look for it.
    """

    def __init__(self, roles: Collection[str], place: MeetingPlace) -> None:
        self._roles = sorted(roles)
        self._place = place
        self._closing = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process; jobs were told before where it will be."""
        self._launch()
        threading.Thread(target=self._watch, name="offmic-models", daemon=True).start()
        atexit.register(self.close)

    def close(self) -> None:
        """End the process."""
        self._closing.set()
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait()

    def _launch(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this module itself
            [sys.executable, "-m", __name__, self._place.socket, *self._roles],
            stdin=subprocess.PIPE,
            # Ctrl-C in a terminal is for the worker, which drains.
            process_group=0,
        )
        assert self._process.stdin is not None  # noqa: S101 - asked for above
        self._process.stdin.write(self._place.key)
        self._process.stdin.flush()

    def _watch(self) -> None:
        while self._process is not None:
            code = self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()
            if self._closing.wait(_AGAIN_S):
                return
            _log.error(
                "the process that holds the models has ended and is started again",
                extra={"exit_code": code},
            )
            self._launch()


def main(arguments: list[str]) -> int:
    """Load the models and answer until standard input ends, as it does with the worker.

    Args:
        arguments: the socket's path, then the roles.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # It hears the callers of all calls and has no vault: what has a secret's form is kept back.
    egress.install(own_streams=True, framework=False)
    path, *roles = arguments
    key = sys.stdin.buffer.read(KEY_BYTES)
    os.environ.pop(SOCKET, None)  # these are the models themselves
    try:
        engines.load(roles)
    except OffmicError as error:
        print(f"offmic: {error}", file=sys.stderr)  # noqa: T201 - the worker's own output
        return 2
    Path(path).unlink(missing_ok=True)
    server = Server(path, key, _OPERATIONS)
    threading.Thread(target=server.serve, daemon=True).start()
    if "llm" in roles:
        threading.Thread(target=_learn, args=(server.found,), daemon=True).start()
    sys.stdin.buffer.read()
    os._exit(0)  # threads of native code are not waited for


def _learn(found: threading.Event) -> None:
    # It takes both cores for a second, which the worker and its jobs need until they have loaded.
    found.wait()
    chat.load_chat_model().learn_instructions()


def _holds_speech(_: object, samples: NDArray[np.int16], sample_rate: int) -> bool:
    return recogniser.holds_speech(samples, sample_rate)


def _transcribe(_: object, samples: NDArray[np.int16], sample_rate: int) -> str:
    return recogniser.transcribe(samples, sample_rate)


def _speak(_: object, text: str) -> NDArray[np.int16]:
    return voice.speak(text)


def _reply(emit: Callable[[str], bool], messages: chat.Messages) -> chat.Spent:
    stop = threading.Event()

    def pass_on(text: str) -> None:
        if not emit(text):
            stop.set()

    return chat.load_chat_model().reply(messages, pass_on, stop)


_OPERATIONS: Final[dict[str, Callable[..., Any]]] = {
    "holds_speech": _holds_speech,
    "transcribe": _transcribe,
    "speak": _speak,
    "reply": _reply,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
