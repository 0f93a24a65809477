"""The front desk, and the same one without guard, vault and delivery; the room's name says which.

Run by `bench.pairs` in the place of `main.py`. Unguarded it says the same words, with nothing
behind them: it must never be used for anything else.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final

from livekit.agents import Agent, AgentSession, AutoSubscribe, cli, stt
from livekit.agents.llm import function_tool

from offmic.assistant import GREETING, INSTRUCTIONS, FrontDesk
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
ADDED: Final = "added to a turn:"
"""Begins a line with two times, in milliseconds: of guard and vault, and of delivery."""


class Stamped(FrontDesk):
    """Writes what stood between the decision that a turn may be over and the answer's first sound.

    What was computed while the caller spoke delayed nothing.
    """

    async def on_enter(self) -> None:
        before_s = [0.0, 0.0]

        def note() -> list[float]:
            return [self.call.spent.guard_s, self.call.spent.delivery_s]

        def on_user(state: str) -> None:
            if state == "listening":
                before_s[:] = note()

        def on_agent(state: str) -> None:
            if state == "speaking":
                guard_s, delivery_s = (b - a for a, b in zip(before_s, note(), strict=True))
                print(f"{ADDED} {guard_s * 1000:.2f} {delivery_s * 1000:.2f}", flush=True)

        self.session.on("user_state_changed", lambda e: on_user(e.new_state))
        self.session.on("agent_state_changed", lambda e: on_agent(e.new_state))
        await super().on_enter()


class Unguarded(Agent):
    """What it is told, what it offers and what it says are the front desk's.

    Args:
        secrets: whose labels it knows.
        patience: what is known of the words of this call.
    """

    def __init__(self, secrets: SecretsFile, patience: Patience) -> None:
        self._secrets = secrets
        self._patience = patience
        names = "; ".join(f"{r.label} ({', '.join(r.aliases)})" for r in secrets.records)
        tool = function_tool(
            self.look_up,
            name="look_up_secret",
            description=f"Look up a secret by what it is called.\nKnown names: {names}",
        )
        super().__init__(instructions=INSTRUCTIONS, tools=[tool])

    async def on_enter(self) -> None:
        self.session.say(GREETING)

    async def look_up(self, name: str) -> str:
        """Look up a secret.

        Args:
            name: what the caller calls it.
        """
        record = self._secrets.find(name)
        if record is None:
            return "I do not know that one."
        return f"The {record.label} is on your screen."

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
    if not job.job.room.name.startswith(UNGUARDED):
        await entrypoint(job, Stamped)
        return
    settings = job.proc.userdata["settings"]
    secrets, patience = load_secrets(settings), Patience()
    session: AgentSession[None] = AgentSession(**session_options(settings, patience))
    await job.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
    await session.start(
        Unguarded(secrets, patience),
        room=job.room,
        room_options=room_options(settings),
        record=False,
        session_host=False,
    )


if __name__ == "__main__":
    server = prepare(sys.argv[1:])
    server._entrypoint_fnc = serve  # noqa: SLF001 - a server takes one, and has the desk's
    cli.run_app(server)
