"""The worker: an `AgentServer`, what a process loads once, and what a job does in a room.

A job must never take down another one, and no value may leave it but through its channel.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web
from livekit.agents import (
    AgentServer,
    AutoSubscribe,
    BackgroundAudioPlayer,
    JobContext,
    JobExecutorType,
    JobProcess,
)
from livekit.agents.types import APIConnectOptions
from livekit.agents.voice.agent_session import SessionConnectOptions
from livekit.agents.voice.room_io import AudioInputOptions, RoomOptions
from livekit.agents.worker import ServerEnvOption

from offmic import console, egress, endpoints, fork_server, metrics, providers, sight, tracing
from offmic.agent import ConfidentialAgent
from offmic.apology import apologise_on_failure
from offmic.assistant import FrontDesk
from offmic.call import Call
from offmic.delivery import RoomChannel, TerminalChannel
from offmic.ear import Ear
from offmic.errors import SecretsFileError
from offmic.fleet.health import add_health
from offmic.fleet.server import FleetServer
from offmic.fleet.shift import Shift, ignore_hand_over
from offmic.keypad import listen_to_keys
from offmic.secrets.sources import SecretsFile, load_secrets
from offmic.session import ConfidentialSession
from offmic.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from livekit import rtc
    from livekit.agents import Agent

    from offmic.endpointing import Patience
    from offmic.secrets import Secret
    from offmic.settings import Settings

_log = logging.getLogger("offmic")

_INPUT_RATE_HZ: Final = 16_000
_INPUT_FRAME_MS: Final = 20
"""The recogniser hears in blocks of 20 ms; half of that costs each call 0.02 of a core more."""
_BARGE_IN_S: Final = 0.2
"""So much speech of the caller stops the agent's."""
_FALSE_ALARM_S: Final = 0.35
"""So much silence after a noise lets the agent speak on."""
_PAUSES_PER_TURN: Final = 8
"""So often a reply is begun ahead; each pause of the caller's makes a new one."""
_KEEP_TRYING: Final = 1_000_000
_CONNECT: Final = SessionConnectOptions(
    llm_conn_options=APIConnectOptions(max_retry=1, retry_interval=0.5, timeout=8.0),
    # A part that fails again and again may be mended yet; hanging up would not help the caller.
    max_unrecoverable_errors=_KEEP_TRYING,
)


def build_server(
    settings: Settings, make_agent: Callable[[Call], Agent] = FrontDesk
) -> AgentServer:
    """Make the worker that registers with the SFU and takes room jobs in processes of their own.

    Args:
        settings: the checked settings of this process.
        make_agent: makes the agent of a call; a class or function at the top of a module, since
            job processes look it up by name.
    """
    providers.load_plugins(settings)
    metrics.share_folder()
    endpoints.add_routes(web.get("/metrics", metrics.serve))
    server = FleetServer(
        host=settings.host,
        port=ServerEnvOption(dev_default=0, prod_default=settings.port),
        num_idle_processes=ServerEnvOption(dev_default=1, prod_default=2),
        initialize_process_timeout=60.0,  # two cold starts side by side on two slow cores
        max_retry=_KEEP_TRYING,
        setup_fnc=prewarm,
        # Imported once, before job processes are forked off: they share what it loads.
        preload_modules=providers.preloads(settings),
    )
    add_health(server)
    server.rtc_session(partial(entrypoint, make_agent=make_agent), agent_name=settings.agent_name)
    return server


def prewarm(process: JobProcess) -> None:
    """Load what is heavy, once a process, before any job is assigned to it."""
    ignore_hand_over()
    fork_server.catch_up()
    # In a thread, as `console` has it, the terminal is where the one who asked reads secrets.
    egress.install(own_streams=process.executor_type is JobExecutorType.PROCESS)
    tracing.begin()
    settings = load_settings()
    providers.load_plugins(settings)
    providers.warm(settings)
    process.userdata["settings"] = settings


async def entrypoint(job: JobContext, make_agent: Callable[[Call], Agent] = FrontDesk) -> None:
    """Serve one room: listen, answer, and show secrets to the participant who asked.

    Args:
        job: the room's.
        make_agent: makes the agent of this call.
    """
    settings: Settings = job.proc.userdata["settings"]
    shift = None if job.is_fake_job() else await Shift.begin(job, settings.redis_url)
    if shift is None and not job.is_fake_job():
        job.shutdown("another agent serves this room")
        return
    resumed = shift is not None and shift.resumed
    call = Call(_read_secrets(settings), settings.secret_ttl_s, resumed=resumed)
    egress.watch(call.vault)
    job.add_shutdown_callback(call.aclose)
    session = make_session(settings, call)
    apologise_on_failure(session)
    sight.watch(session, call.spent)
    session.on("close", lambda _: job.shutdown("the session is closed"))
    if shift is None:
        call.connect(TerminalChannel(console.show))
    else:
        await job.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
        ear = Ear(
            job.room,
            session,
            return_s=settings.return_s,
            on_gone=session.shutdown,
            on_newcomer=lambda: _greet(session),
        )
        call.connect(_room_channel(job, settings, session, ear), ear.listen_to)
    agent = make_agent(call)
    if settings.mcp:
        # Late: the package's import would cost every start.
        from offmic import mcp_tools

        session.tools.extend(await mcp_tools.connect(settings.mcp, {t.id for t in agent.tools}))
    await session.start(
        agent,
        room=job.room,
        room_options=room_options(settings),
    )
    if shift is None:
        return
    ear.attach()
    listen_to_keys(job.room, call, ear)
    job.add_shutdown_callback(ear.aclose)
    shift.serve(session, ear)
    if (sound := providers.find_background(settings)) is not None:
        player = BackgroundAudioPlayer(
            ambient_sound=sound, thinking_sound=providers.find_thinking_sound(settings)
        )
        await player.start(room=job.room, agent_session=session)
        job.add_shutdown_callback(player.aclose)


def _greet(session: ConfidentialSession) -> None:
    if isinstance(agent := session.current_agent, ConfidentialAgent):
        agent.greet()


def _read_secrets(settings: Settings) -> SecretsFile:
    # Read anew for each call; it was good at the start, and may have been edited since.
    try:
        return load_secrets(settings)
    except SecretsFileError as error:
        _log.error("no secret can be looked up: %s", error)
    return SecretsFile(settings.secrets_path, [])


def _room_channel(
    job: JobContext, settings: Settings, session: ConfidentialSession, ear: Ear
) -> RoomChannel:
    async def may_receive(participant: rtc.RemoteParticipant, secret: Secret) -> bool:
        agent = session.current_agent
        return isinstance(agent, ConfidentialAgent) and await agent.may_receive(participant, secret)

    return RoomChannel(
        job.room,
        addressee=lambda: ear.identity,
        plain_clients=settings.plain_clients,
        may_receive=may_receive,
        require_bound_key=settings.require_bound_key,
    )


def make_session(settings: Settings, call: Call) -> ConfidentialSession:
    """Make the session of a call."""
    return ConfidentialSession(call, **session_options(settings, call.patience))


def session_options(settings: Settings, patience: Patience) -> dict[str, Any]:
    """Make what an `AgentSession` takes: VAD, STT, LLM, TTS and turns as the settings say.

    Args:
        settings: the checked settings of this process.
        patience: what is known of the caller's turn in this call.
    """
    voice_activity, endpointing = providers.make_endpointing(settings, patience)
    return {
        "stt": providers.make_stt(settings),
        "llm": providers.make_llm(settings),
        "tts": providers.make_tts(settings),
        "vad": voice_activity,
        "turn_handling": {
            "turn_detection": providers.make_turn_detection(settings, patience),
            "endpointing": endpointing,
            # The adaptive detector is a service of LiveKit's cloud.
            "interruption": {
                "mode": "vad",
                "min_duration": _BARGE_IN_S,
                "false_interruption_timeout": _FALSE_ALARM_S,
            },
            # Delivery happens where speech is made: not before the turn is confirmed.
            "preemptive_generation": {
                "enabled": True,
                "preemptive_tts": False,
                "max_retries": _PAUSES_PER_TURN,
            },
        },
        "conn_options": _CONNECT,
        "use_tts_aligned_transcript": False,
        "aec_warmup_duration": None,
    }


def room_options(settings: Settings) -> RoomOptions:
    """Return what of a room the session hears, and how."""
    return RoomOptions(
        audio_input=AudioInputOptions(
            sample_rate=_INPUT_RATE_HZ,
            frame_size_ms=_INPUT_FRAME_MS,
            noise_cancellation=providers.make_noise_cancellation(settings),
        ),
        audio_output=True,
        video_input=False,
        # `Ear` reads typed text: the framework drops what it cannot place within 3 s.
        text_input=False,
        text_output=True,
        # The caller may come back within OFFMIC_RETURN_S.
        close_on_disconnect=False,
    )
