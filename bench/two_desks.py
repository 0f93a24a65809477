"""The front desk, and the same one without guard, vault and delivery; the room's name says which.

Run by `bench.pairs` in the place of `main.py`. It must never be used for anything else: in a room
for the unguarded one every secret is said aloud.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Final

from livekit.agents import Agent, AgentSession, AutoSubscribe, cli, stt
from livekit.agents.llm import function_tool

from offmic.assistant import GREETING, INSTRUCTIONS, FrontDesk
from offmic.call import Call
from offmic.endpointing import Patience
from offmic.secrets.sources import load_secrets
from offmic.start import prepare
from offmic.worker import entrypoint, room_options, session_options

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable

    from livekit import rtc
    from livekit.agents import JobContext, ModelSettings

    from offmic.secrets.sources import SecretsFile

UNGUARDED: Final = "unguarded"
"""What the name of a room begins with that gets the one without a guard."""


class Unguarded(Agent):
    """Greets, and tells secrets; what it is told and what it offers are the front desk's.

    Args:
        secrets: what it may look up.
        patience: what is known of the words of this call.
        description: of its tool.
    """

    def __init__(self, secrets: SecretsFile, patience: Patience, description: str) -> None:
        self._secrets = secrets
        self._patience = patience
        tool = function_tool(self.look_up, name="look_up_secret", description=description)
        super().__init__(instructions=INSTRUCTIONS, tools=[tool])

    async def on_enter(self) -> None:
        self.session.say(GREETING)

    async def look_up(self, name: str) -> str:
        """Look up a secret.

        Args:
            name: what the caller calls it.
        """
        record = self._secrets.find(name)
        return "I do not know that one." if record is None else record.value

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncGenerator[stt.SpeechEvent | str, None]:
        """Recognise speech; the words end turns here as they do in the other one."""
        async for event in Agent.default.stt_node(self, audio, model_settings):
            if not isinstance(event, str) and event.alternatives:
                final = event.type is stt.SpeechEventType.FINAL_TRANSCRIPT
                settled = final or event.type is stt.SpeechEventType.PREFLIGHT_TRANSCRIPT
                self._patience.note(
                    event.alternatives[0].text,
                    is_final=final,
                    settled_s=time.monotonic() if settled else None,
                )
            yield event


async def serve(job: JobContext) -> None:
    """Serve one room."""
    if not job.room.name.startswith(UNGUARDED):
        await entrypoint(job)
        return
    settings = job.proc.userdata["settings"]
    secrets, patience = load_secrets(settings), Patience()
    desk = FrontDesk(Call(secrets, settings.secret_ttl_s))
    description = next(t.info.description for t in _tools(desk) if t.id == "look_up_secret")
    session: AgentSession[None] = AgentSession(**session_options(settings, patience))
    await job.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
    await session.start(
        Unguarded(secrets, patience, description),
        room=job.room,
        room_options=room_options(settings),
        record=False,
    )


def _tools(agent: Agent) -> list[Any]:
    return list(agent.tools)


if __name__ == "__main__":
    server = prepare(sys.argv[1:])
    server._entrypoint_fnc = serve  # noqa: SLF001 - a server takes one, and has the desk's
    cli.run_app(server)
