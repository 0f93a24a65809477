"""A worker whose agent asks for one card number after another and writes down, for the test alone,
what its recogniser heard and what was taken down. It stands in a process of its own.

"next" typed ends a number; whatever else is said goes to the model.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from livekit.agents import cli, stt

from offmic.agent import ConfidentialAgent
from offmic.asking import Asking
from offmic.local.stt import LocalStream
from offmic.secrets import Kind
from offmic.start import prepare

if TYPE_CHECKING:
    from offmic.call import Call

_send = LocalStream._send  # noqa: SLF001 - the raw words are nowhere else
_heard: list[str] = []


def _note(stream: LocalStream, kind: stt.SpeechEventType, span_s: tuple[float, float]) -> None:
    if kind is stt.SpeechEventType.FINAL_TRANSCRIPT:
        _heard.append(stream._text)  # noqa: SLF001 - as above
    _send(stream, kind, span_s)


LocalStream._send = _note  # type: ignore[assignment, method-assign]  # noqa: SLF001 - as above


class CardTaker(ConfidentialAgent):
    """Takes down numbers, one after another."""

    def __init__(self, call: Call) -> None:
        super().__init__(call, instructions="You take card numbers.")
        self._asking = Asking("card number", Kind.CARD)
        self._open = ExitStack()
        self._open.enter_context(call.hearing.asking_for(self._asking))

    async def on_enter(self) -> None:
        self.session.say("Please read me your numbers.")

    def answer(self, words: str, *, typed: bool) -> str | None:
        if not typed:
            return None
        line = json.dumps({"heard": list(_heard), "taken": self._asking.digits()})
        with Path(os.environ["CARDS_FOLDER"], f"{os.getpid()}.jsonl").open("a") as file:
            file.write(line + "\n")
        _heard.clear()
        self._asking.clear()
        return "Next."


if __name__ == "__main__":
    cli.run_app(prepare(sys.argv[1:], CardTaker))
