"""Settings → STT, LLM, TTS, VAD, turn detection, noise cancellation: one table, one entry each.

Nothing is imported here before a setting names it, and nothing that a setting calls local may open
a connection.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from offmic import meeting_place
from offmic.errors import MissingPartError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livekit import rtc
    from livekit.agents import llm, stt, tts, vad
    from livekit.agents.voice.background_audio import AudioConfig, BuiltinAudioClip
    from livekit.agents.voice.turn import EndpointingOptions, TurnDetectionMode

    from offmic.endpointing import Patience
    from offmic.meeting_place import MeetingPlace
    from offmic.settings import Settings

Role = Literal["stt", "llm", "tts"]
_Make = Callable[[Any, str], Any]

_MODEL: Final = r"[\w.:@/+-]{1,128}"
SPEECH_TO_SPEECH: Final = r"realtime|gpt-live|gpt-audio|native-audio|sonic"
"""What stands in the names of models that hear the microphone themselves, past the guard."""
_TYPING_VOLUME: Final = 0.6
"""The clip is much louder than the office behind it."""
_GRAPH: Final = r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*"


@dataclass(frozen=True, slots=True)
class Provider:
    """A row of the table.

    Args:
        module: what is imported; a livekit plugin registers itself by that.
        stt: makes its recogniser from the module and a model's name, None where it has none.
        llm: makes its model, likewise.
        tts: makes its voice, likewise.
        example: a value to show in messages.
        key: the environment variable of its key, None where it needs none.
        base_url: the variable that points it at a server of one's own, where no key is needed.
        model: a pattern that its whole model name must match, None where it takes no model.
    """

    module: str
    example: str
    stt: _Make | None = None
    llm: _Make | None = None
    tts: _Make | None = None
    key: str | None = None
    base_url: str | None = None
    model: str | None = _MODEL

    @property
    def roles(self) -> tuple[Role, ...]:
        """The parts that it can play."""
        makes: dict[Role, _Make | None] = {"stt": self.stt, "llm": self.llm, "tts": self.tts}
        return tuple(role for role, make in makes.items() if make is not None)


def _key(name: str) -> str:
    # A server of one's own needs no key; the clients insist on a string.
    return os.environ.get(name) or "none"


def _deepgram(path: str) -> dict[str, str]:
    at = os.environ.get("DEEPGRAM_BASE_URL")
    found = {"api_key": _key("DEEPGRAM_API_KEY")}
    return found | {"base_url": f"{at.rstrip('/')}/{path}"} if at else found


def _cartesia() -> dict[str, str]:
    at = os.environ.get("CARTESIA_BASE_URL")
    found = {"api_key": _key("CARTESIA_API_KEY")}
    return found | {"base_url": at.rstrip("/")} if at else found


PROVIDERS: Final[Mapping[str, Provider]] = {
    "local": Provider(
        "offmic.local.parts",
        example="local",
        model=None,
        stt=lambda local, _: local.STT(),
        llm=lambda local, _: local.LLM(),
        tts=lambda local, _: local.TTS(),
    ),
    "deepgram": Provider(
        "livekit.plugins.deepgram",
        example="deepgram/nova-3",
        key="DEEPGRAM_API_KEY",
        base_url="DEEPGRAM_BASE_URL",
        # Deepgram may keep what it hears for training unless it is told not to.
        stt=lambda deepgram, model: deepgram.STT(
            model=model, mip_opt_out=True, **_deepgram("listen")
        ),
        tts=lambda deepgram, model: deepgram.TTS(
            model=model, mip_opt_out=True, **_deepgram("speak")
        ),
    ),
    "openai": Provider(
        "livekit.plugins.openai",
        example="openai/gpt-4.1-mini",
        key="OPENAI_API_KEY",
        base_url="OPENAI_BASE_URL",
        stt=lambda openai, model: openai.STT(model=model, api_key=_key("OPENAI_API_KEY")),
        llm=lambda openai, model: openai.LLM(
            model=model, api_key=_key("OPENAI_API_KEY"), store=False
        ),
        tts=lambda openai, model: openai.TTS(model=model, api_key=_key("OPENAI_API_KEY")),
    ),
    "cartesia": Provider(
        "livekit.plugins.cartesia",
        example="cartesia/sonic-3",
        key="CARTESIA_API_KEY",
        base_url="CARTESIA_BASE_URL",
        stt=lambda cartesia, model: cartesia.STT(model=model, **_cartesia()),
        tts=lambda cartesia, model: cartesia.TTS(model=model, **_cartesia()),
    ),
    "langgraph": Provider(
        "offmic.graph",
        example="langgraph/package.module:graph",
        llm=lambda graph, path: graph.make(path),
        model=_GRAPH,
    ),
}
"""Every provider that a setting may name. A new one is one entry here."""

PREFERRED: Final[Mapping[Role, str]] = {
    "stt": "deepgram/nova-3",
    "llm": "openai/gpt-4.1-mini",
    "tts": "cartesia/sonic-3",
}
"""What a part is when nothing names it and this provider's key is set; `local` otherwise."""


def _make(role: Role, choices: tuple[str, ...]) -> list[Any]:
    parts = []
    for choice in choices:
        name, _, model = choice.partition("/")
        make = getattr(PROVIDERS[name], role)
        parts.append(make(importlib.import_module(PROVIDERS[name].module), model))
    return parts


def load_plugins(settings: Settings) -> None:
    """Import what the settings name; plugins register themselves, which needs the main thread."""
    for module in _modules(settings):
        importlib.import_module(module)
    if settings.turn_detection == "multilingual":
        importlib.import_module("livekit.plugins.turn_detector.multilingual")
    if _noise_cancellation_choice(settings) != "off":
        importlib.import_module("livekit.plugins.noise_cancellation")


def _modules(settings: Settings) -> list[str]:
    named = {choice.partition("/")[0] for choice in (*settings.stt, *settings.llm, *settings.tts)}
    return sorted(PROVIDERS[name].module for name in named)


def check(settings: Settings) -> None:
    """Look whether the models' files are there, without loading them.

    Raises:
        MissingPartError: one is not; the message holds the command that adds it.
        SettingError: a graph is not where its setting says.
    """
    if roles := _local_roles(settings):
        importlib.import_module("offmic.local").check(roles)
    for path in _graphs(settings):
        importlib.import_module("offmic.graph").load(path)
    if settings.turn_detection == "multilingual":
        from huggingface_hub import try_to_load_from_cache
        from livekit.plugins.turn_detector.models import HG_MODEL, MODEL_REVISIONS

        revision = MODEL_REVISIONS["multilingual"]
        if try_to_load_from_cache(HG_MODEL, "languages.json", revision=revision) is None:
            raise MissingPartError(
                "the multilingual turn detector's files are not on this machine: "
                "run `python main.py download-files`, or set OFFMIC_TURN_DETECTION=local"
            )


def warm(settings: Settings) -> None:
    """Load the models of the local parts and the graphs, once a process.

    Raises:
        MissingPartError: a model's file is not there.
        SettingError: a graph cannot be loaded.
    """
    if roles := _local_roles(settings):
        importlib.import_module("offmic.local").warm(roles)
    for path in _graphs(settings):
        importlib.import_module("offmic.graph").make(path)


def preloads(settings: Settings) -> list[str]:
    """Return the modules whose import loads what forked job processes can share."""
    intents = ["offmic.local.preload"] if "llm" in _local_roles(settings) else []
    return ["offmic.worker", "offmic.fleet.lease", *_modules(settings), *intents]


def choose_place(settings: Settings) -> MeetingPlace | None:
    """Say to jobs where they will find the local parts' models; None where no part is local."""
    if not _local_roles(settings):
        return None
    place = meeting_place.choose()
    place.announce()
    return place


def share_models(settings: Settings, place: MeetingPlace) -> None:
    """Start the process in which all jobs of this worker find the local parts' models.

    Args:
        settings: the checked settings of this process.
        place: what `choose_place` returned.
    """
    importlib.import_module("offmic.local.models").Models(_local_roles(settings), place).start()


def _local_roles(settings: Settings) -> frozenset[str]:
    return frozenset(r for r in ("stt", "llm", "tts") if "local" in getattr(settings, r))


def _graphs(settings: Settings) -> list[str]:
    named = [choice.partition("/") for choice in settings.llm]
    return [path for provider, _, path in named if provider == "langgraph"]


def make_stt(settings: Settings) -> stt.STT[Any]:
    """Make the recogniser; of several, the later ones take over when the earlier fail."""
    parts: list[stt.STT[Any]] = _make("stt", settings.stt)
    if settings.stt == ("local",):
        # Where the recogniser is to end turns itself, nobody flushes it.
        parts[0].is_flushed = settings.turn_detection != "stt"  # type: ignore[attr-defined]
        return parts[0]
    from livekit.agents import stt

    from offmic.fallback import FallbackEar

    ears = [
        ear if ear.capabilities.streaming else stt.StreamAdapter(stt=ear, vad=make_vad())
        for ear in parts
    ]
    return FallbackEar(ears, make_vad())


def make_llm(settings: Settings) -> llm.LLM[Any]:
    """Make the model; of several, the later ones take over when the earlier fail."""
    parts: list[llm.LLM[Any]] = _make("llm", settings.llm)
    if len(parts) == 1:
        return parts[0]
    from offmic.fallback import FallbackBrain

    return FallbackBrain(parts)


def make_tts(settings: Settings) -> tts.TTS[Any]:
    """Make the voice; of several, the later ones take over when the earlier fail."""
    parts: list[tts.TTS[Any]] = _make("tts", settings.tts)
    if settings.tts == ("local",):
        return parts[0]
    from offmic.fallback import FallbackVoice

    return FallbackVoice(parts)


def make_vad() -> vad.VAD:
    """Make a voice activity detector: Silero, its weights shared by all jobs of a worker."""
    from livekit.agents import inference

    return inference.VAD(model="silero")


def make_endpointing(settings: Settings, patience: Patience) -> tuple[vad.VAD, EndpointingOptions]:
    """Make the voice activity detector that goes with the turn detection, and its least delay.

    Args:
        settings: the checked settings of this process.
        patience: what is known of the caller's turn in this call.
    """
    if settings.turn_detection != "local":
        return make_vad(), {}
    from offmic.endpointing import LEAST_S
    from offmic.voice_activity import QuickVAD

    # The detector decides when; nothing is added.
    return QuickVAD(patience), {"min_delay": LEAST_S}


def make_turn_detection(settings: Settings, patience: Patience) -> TurnDetectionMode:
    """Make what decides that the caller's turn has ended.

    Args:
        settings: the checked settings of this process.
        patience: what is known of the caller's words in this call.
    """
    match settings.turn_detection:
        case "local":
            from offmic.turn_detector import TurnDetector

            return TurnDetector(patience)
        case "multilingual":
            multilingual = importlib.import_module("livekit.plugins.turn_detector.multilingual")
            detector: TurnDetectionMode = multilingual.MultilingualModel()
            return detector
        case mode:
            return mode


def make_noise_cancellation(settings: Settings) -> rtc.NoiseCancellationOptions | None:
    """Make the noise cancellation for the caller's microphone; it works on LiveKit Cloud alone."""
    choice = _noise_cancellation_choice(settings)
    if choice == "off":
        return None
    plugin = importlib.import_module("livekit.plugins.noise_cancellation")
    bvc = plugin.BVCTelephony if choice == "bvc-telephony" else plugin.BVC
    options: rtc.NoiseCancellationOptions = bvc()
    return options


def _noise_cancellation_choice(settings: Settings) -> str:
    if settings.noise_cancellation != "auto":
        return settings.noise_cancellation
    host = urlsplit(settings.livekit_url).hostname or ""
    return "bvc" if host.endswith(".livekit.cloud") else "off"


def find_background(settings: Settings) -> BuiltinAudioClip | str | None:
    """Return the ambient sound to play: a clip of the framework's, a file's path or None."""
    if settings.background == "off":
        return None
    if settings.background == "office":
        from livekit.agents.voice.background_audio import BuiltinAudioClip

        return BuiltinAudioClip.OFFICE_AMBIENCE
    return settings.background


def find_thinking_sound(settings: Settings) -> AudioConfig | None:
    """Return what is heard while the agent thinks; a sound file of one's own comes without one."""
    if settings.background != "office":
        return None
    from livekit.agents.voice.background_audio import AudioConfig, BuiltinAudioClip

    return AudioConfig(BuiltinAudioClip.KEYBOARD_TYPING, volume=_TYPING_VOLUME)
