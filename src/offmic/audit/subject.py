"""The worker under audit: the agent's own class, with tools beside its own that try to leak.

It runs in processes of its own; `OFFMIC_AUDIT` names the file that says what to do.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import math
import os
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from livekit.agents import (
    Agent,
    AgentServer,
    AgentSession,
    JobContext,
    JobProcess,
    cli,
    get_job_context,
    inference,
)
from livekit.agents.telemetry import set_tracer_provider
from livekit.agents.voice.room_io import RoomOptions
from livekit.agents.worker import ServerEnvOption

from offmic.agent import ConfidentialAgent
from offmic.audit.errors import AgentClassError
from offmic.audit.probes import Probes
from offmic.settings import load_settings
from offmic.start import prepare

if TYPE_CHECKING:
    from offmic.call import Call

PLAN: Final = "OFFMIC_AUDIT"
CALLER: Final = "audit-caller"
"""The identity of the caller in each room."""
_EXPORT_MS: Final = 200


def find_class(name: str) -> type[Agent]:
    """Import an agent's class.

    Args:
        name: `package.module:Class`.

    Raises:
        AgentClassError: there is no such class, or it is none of an agent.
    """
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise AgentClassError(f"--agent {name} is no class: write package.module:Class")
    problem = ""
    try:
        found = getattr(importlib.import_module(module), attribute)
    except ImportError as error:
        problem = (
            f"cannot be imported ({error}): run this where `python -c 'import {module}'` works"
        )
    except AttributeError:
        problem = f"has no {attribute}: write package.module:Class"
    if problem:
        raise AgentClassError(f"--agent {name}: {module} {problem}")
    if not (isinstance(found, type) and issubclass(found, Agent)):
        raise AgentClassError(f"--agent {name} is not an Agent: name a subclass of livekit's Agent")
    return found


@cache
def plan() -> dict[str, Any]:
    """Return what the audit wrote down for this worker: the class, the values, where to report."""
    found: dict[str, Any] = json.loads(Path(os.environ[PLAN]).read_text("utf-8"))
    return found


def make_agent(call: Call) -> Agent:
    """Make the audited agent of one call of offmic's own worker."""
    agent: Agent = _audited(plan()["agent"])(call)
    return agent


async def serve_plainly(job: JobContext) -> None:
    """Serve a room as LiveKit's documentation does, for agents that are not offmic's."""
    from offmic import providers

    settings = load_settings()
    _trace()
    session: AgentSession[Any] = AgentSession(
        stt=providers.make_stt(settings),
        llm=providers.make_llm(settings),
        tts=providers.make_tts(settings),
        vad=providers.make_vad(),
        # Not the services of LiveKit's cloud, which are the defaults.
        turn_handling={
            "turn_detection": inference.TurnDetector(version="v1-mini"),
            "interruption": {"mode": "vad"},
        },
    )
    await job.connect()
    await session.start(
        _audited(plan()["agent"])(),
        room=job.room,
        room_options=RoomOptions(participant_identity=CALLER),
        record=False,
    )


def main() -> None:
    """Run the worker."""
    from offmic import providers

    if issubclass(find_class(plan()["agent"]), ConfidentialAgent):
        server = prepare(sys.argv[1:], make_agent)
    else:
        settings = load_settings()
        providers.load_plugins(settings)
        server = AgentServer(
            host="127.0.0.1",
            port=0,
            num_idle_processes=ServerEnvOption(dev_default=1, prod_default=1),
            initialize_process_timeout=60.0,
            setup_fnc=_prewarm,
            load_fnc=lambda _: 0.0,
            # Else a call is refused, for good, while the one before it is still being launched.
            load_threshold=math.inf,
        )
        server.rtc_session(serve_plainly, agent_name=settings.agent_name)
    cli.run_app(server)


@cache
def _audited(name: str) -> Any:
    found = find_class(name)
    return type(f"Audited{found.__name__}", (Probes, found), {"plan": staticmethod(plan)})


def _prewarm(_: JobProcess) -> None:
    from offmic import providers

    settings = load_settings()
    providers.load_plugins(settings)
    providers.warm(settings)


def _trace() -> None:
    """Set tracing up as LiveKit's documentation does."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(
        BatchSpanProcessor(OTLPSpanExporter(), schedule_delay_millis=_EXPORT_MS)
    )
    set_tracer_provider(provider)

    async def flush() -> None:
        await asyncio.to_thread(provider.force_flush)

    get_job_context().add_shutdown_callback(flush)


if __name__ == "__main__":
    main()
