"""Settings become parts: one table, several in a row fall back, nothing local asks a cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from livekit.agents.voice.background_audio import BuiltinAudioClip

from offmic import local, providers
from offmic.endpointing import Patience
from offmic.errors import MissingPartError
from offmic.fallback import FallbackBrain, FallbackEar, FallbackVoice
from offmic.settings import Settings, load_settings
from offmic.turn_detector import TurnDetector

if TYPE_CHECKING:
    from pathlib import Path

KEYS = {
    "DEEPGRAM_API_KEY": "k",
    "OPENAI_API_KEY": "k",
    "CARTESIA_API_KEY": "k",
    "LIVEKIT_API_KEY": "k",
    "LIVEKIT_API_SECRET": "s",
}


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


def settings(**values: str) -> Settings:
    return load_settings({**KEYS, **values}, dotenv=None)


def labels(**values: str) -> tuple[str, str, str]:
    chosen = settings(**values)
    parts = (
        providers.make_stt(chosen),
        providers.make_llm(chosen),
        providers.make_tts(chosen),
    )
    return tuple(type(part).__module__ for part in parts)  # type: ignore[return-value]


def test_local_parts_are_the_projects_own() -> None:
    assert labels(OFFMIC_STT="local", OFFMIC_LLM="local", OFFMIC_TTS="local") == (
        "offmic.local.stt",
        "offmic.local.llm",
        "offmic.local.tts",
    )


async def test_where_keys_are_set_the_cloud_is_the_default() -> None:
    chosen = settings()
    ear, voice = providers.make_stt(chosen), providers.make_tts(chosen)
    assert isinstance(ear, FallbackEar)
    assert isinstance(voice, FallbackVoice)
    parts = (*ear.row.parts, providers.make_llm(chosen), *voice.row.parts)
    assert [type(part).__module__ for part in parts] == [
        "livekit.plugins.deepgram.stt",
        "livekit.plugins.openai.llm",
        "livekit.plugins.cartesia.tts",
    ]


async def test_several_in_a_row_fall_back_in_order() -> None:
    chosen = settings(
        OFFMIC_STT="deepgram/nova-3,local",
        OFFMIC_LLM="openai/gpt-4.1-mini,local",
        OFFMIC_TTS="cartesia/sonic-3,local",
    )
    ear, voice = providers.make_stt(chosen), providers.make_tts(chosen)
    assert isinstance(ear, FallbackEar)
    assert isinstance(voice, FallbackVoice)
    assert [part.provider for part in ear.row.parts] == ["Deepgram", "local"]
    assert [part.provider for part in voice.row.parts] == ["Cartesia", "local"]
    assert isinstance(providers.make_llm(chosen), FallbackBrain)


async def test_a_server_of_ones_own_is_asked_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DEEPGRAM_API_KEY", "CARTESIA_API_KEY"):
        monkeypatch.delenv(name)
    at = {"DEEPGRAM_BASE_URL": "http://ears:1/v1/", "CARTESIA_BASE_URL": "http://voices:2"}
    for name, url in at.items():
        monkeypatch.setenv(name, url)
    parts = {"OFFMIC_STT": "deepgram/nova-3", "OFFMIC_TTS": "cartesia/sonic-3"}
    chosen = load_settings({**at, **parts, "OFFMIC_LLM": "local"}, dotenv=None)
    ear, voice = providers.make_stt(chosen), providers.make_tts(chosen)
    assert isinstance(ear, FallbackEar)
    assert isinstance(voice, FallbackVoice)
    assert vars(ear.row.first())["_opts"].endpoint_url == "http://ears:1/v1/listen"
    assert vars(voice.row.first())["_opts"].base_url == "http://voices:2"


async def test_the_model_that_a_setting_names_is_the_one_that_is_asked() -> None:
    model = providers.make_llm(settings(OFFMIC_LLM="openai/gpt-5-nano"))
    assert model.model == "gpt-5-nano"


def test_local_turn_detection_does_not_ask_a_cloud_first() -> None:
    detector = providers.make_turn_detection(settings(), Patience())
    assert isinstance(detector, TurnDetector)
    assert detector.model == "turn-detector-v1-mini"


@pytest.mark.parametrize("mode", ["vad", "stt"])
def test_turn_detection_may_be_left_to_another_part(mode: str) -> None:
    assert providers.make_turn_detection(settings(OFFMIC_TURN_DETECTION=mode), Patience()) == mode


@pytest.mark.parametrize(
    ("url", "choice", "model"),
    [
        ("ws://127.0.0.1:7880", "auto", None),
        ("wss://mine.example.org", "auto", None),
        ("wss://x.livekit.cloud", "auto", "c6.f.m"),
        ("wss://evil.example.org/x.livekit.cloud", "auto", None),
        ("ws://127.0.0.1:7880", "bvc", "c6.f.m"),
        ("wss://x.livekit.cloud", "bvc-telephony", "inb.bvc"),
        ("wss://x.livekit.cloud", "off", None),
    ],
)
def test_noise_is_cancelled_where_the_sfu_can(url: str, choice: str, model: str | None) -> None:
    chosen = settings(LIVEKIT_URL=url, OFFMIC_NOISE_CANCELLATION=choice)
    made = providers.make_noise_cancellation(chosen)
    if model is None:
        assert made is None
    else:
        assert made is not None
        assert model in made.options["modelPath"]


def test_a_turn_detector_whose_files_are_missing_is_named_with_the_mend(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(MissingPartError, match=r"python main\.py download-files"):
        providers.check(settings(OFFMIC_TURN_DETECTION="multilingual"))


def test_ambient_sound_is_a_clip_a_file_or_none() -> None:
    assert providers.find_background(settings()) is None
    office = providers.find_background(settings(OFFMIC_BACKGROUND="office"))
    assert office is BuiltinAudioClip.OFFICE_AMBIENCE
    assert providers.find_background(settings(OFFMIC_BACKGROUND=__file__)) == __file__


def test_only_an_office_is_heard_to_type_while_it_thinks() -> None:
    assert providers.find_thinking_sound(settings()) is None
    assert providers.find_thinking_sound(settings(OFFMIC_BACKGROUND=__file__)) is None
    office = providers.find_thinking_sound(settings(OFFMIC_BACKGROUND="office"))
    assert office is not None
    assert office.source is BuiltinAudioClip.KEYBOARD_TYPING


def test_each_row_of_the_table_names_a_module_with_a_role() -> None:
    for name, provider in providers.PROVIDERS.items():
        assert provider.roles, name
        assert provider.example.startswith(name)


def test_only_local_parts_are_loaded_before(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[object] = []
    monkeypatch.setattr(local, "warm", loaded.append)
    providers.warm(settings())
    assert loaded == []
    providers.warm(settings(OFFMIC_STT="local", OFFMIC_TTS="cartesia/sonic-3,local"))
    assert loaded == [{"stt", "tts"}]
