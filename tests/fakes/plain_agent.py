"""An agent that takes values out before the voice, and only there; others must catch it leaking."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from livekit.agents import Agent

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable

    from livekit import rtc
    from livekit.agents import ModelSettings

_SECRET: Final = re.compile(r"\w*\d\w*|\w+-\w+\S*")


class PlainAgent(Agent):
    """Overrides `tts_node` and nothing else."""

    def __init__(self) -> None:
        super().__init__(instructions="You help visitors.")

    async def on_enter(self) -> None:
        self.session.say("Hello.")

    async def tts_node(
        self, text: AsyncIterable[str], model_settings: ModelSettings
    ) -> AsyncGenerator[rtc.AudioFrame, None]:
        async def without() -> AsyncGenerator[str, None]:
            said = "".join([chunk async for chunk in text])
            yield _SECRET.sub("something secret", said)

        async for frame in Agent.default.tts_node(self, without(), model_settings):
            yield frame
