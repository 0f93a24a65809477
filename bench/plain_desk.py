"""A front desk as one puts it together first, without offmic: no guard, and its models in each job.

Run by `bench.capacity` in the place of `main.py`, to be compared with it. It must never be used for
anything else: it says every secret aloud.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from livekit.agents import Agent, AgentServer, AgentSession, JobContext, JobProcess, cli, inference
from livekit.agents.llm import function_tool
from livekit.plugins import silero

import offmic.local as device
from offmic.local import parts

server = AgentServer(
    host="127.0.0.1",
    num_idle_processes=1,
    initialize_process_timeout=60.0,
    # The framework's own counts CPU and turns callers away: here it is to show what it carries.
    load_fnc=lambda _: 0.0,
)


class Desk(Agent):
    """Greets, and tells secrets."""

    def __init__(self) -> None:
        self._records = tomllib.loads(Path(os.environ["OFFMIC_SECRETS"]).read_text())
        labels = "; ".join(
            f"{r['label']} ({', '.join(r.get('aliases', []))})" for r in self._records.values()
        )
        tool = function_tool(
            self.look_up,
            name="look_up_secret",
            description=f"Look up a secret by what it is called.\nKnown names: {labels}",
        )
        super().__init__(instructions="You are the voice of a front desk. Be brief.", tools=[tool])

    async def on_enter(self) -> None:
        self.session.say("Hello, this is the front desk. How can I help you?")

    async def look_up(self, name: str) -> str:
        """Look up a secret.

        Args:
            name: what the caller calls it.
        """
        wanted = name.lower()
        for record in self._records.values():
            names = [record["label"], *record.get("aliases", [])]
            if wanted in (n.lower() for n in names):
                return f"{record['label']}: {record['value']}"
        return "I do not know that one."


def prewarm(process: JobProcess) -> None:
    """Load every model, as each job does."""
    device.warm({"stt", "llm", "tts"})
    process.userdata["vad"] = silero.VAD.load()


server.setup_fnc = prewarm


@server.rtc_session()
async def entrypoint(job: JobContext) -> None:
    """Serve one room."""
    session: AgentSession[None] = AgentSession(
        stt=parts.STT(),
        llm=parts.LLM(),
        tts=parts.TTS(),
        vad=job.proc.userdata["vad"],
        turn_handling={
            "turn_detection": inference.TurnDetector(version="v1-mini"),
            "interruption": {"mode": "vad"},
        },
    )
    await session.start(Desk(), room=job.room, record=False)


if __name__ == "__main__":
    cli.run_app(server)
