"""The front desk, noting when each part of a turn begins and ends; it must never note a word.

Run by `bench.waterfall` in the place of `main.py`; BENCH_MARKS names the file of the marks.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livekit.agents import cli

from offmic.assistant import FrontDesk
from offmic.start import prepare

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable

    from livekit import rtc


class TracedDesk(FrontDesk):
    """Notes the times of its nodes and of its session's events."""

    async def on_enter(self) -> None:
        self.session.on("user_state_changed", lambda e: _mark(f"caller {e.new_state}"))
        self.session.on("agent_state_changed", lambda e: _mark(f"agent {e.new_state}"))
        self.session.on("conversation_item_added", self._on_item)
        await super().on_enter()

    def _on_item(self, event: Any) -> None:
        if getattr(event.item, "role", "") == "user":
            _mark("turn over", stopped_s=event.item.metrics.get("stopped_speaking_at"))

    async def stt_node(self, audio: Any, model_settings: Any) -> AsyncGenerator[Any, None]:
        async for event in super().stt_node(audio, model_settings):
            if not isinstance(event, str):
                _mark(f"words {event.type.value}")
            yield event

    async def llm_node(
        self, chat_ctx: Any, tools: Any, model_settings: Any
    ) -> AsyncGenerator[Any, None]:
        _mark("model asked")
        begun = False
        async for chunk in super().llm_node(chat_ctx, tools, model_settings):
            if not begun:
                _mark("model answers")
            begun = True
            yield chunk

    async def tts_node(
        self, text: AsyncIterable[str], model_settings: Any
    ) -> AsyncGenerator[rtc.AudioFrame, None]:
        _mark("voice asked")
        begun = False
        async for frame in super().tts_node(text, model_settings):
            if not begun:
                _mark("voice sounds")
            begun = True
            yield frame


def _mark(name: str, **more: float | None) -> None:
    with Path(os.environ["BENCH_MARKS"]).open("a") as file:
        file.write(json.dumps({"mark": name, "at_s": time.time(), **more}) + "\n")


if __name__ == "__main__":
    cli.run_app(prepare(sys.argv[1:], TracedDesk))
