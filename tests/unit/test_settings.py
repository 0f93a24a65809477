from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from offmic.errors import SettingError
from offmic.providers import PROVIDERS
from offmic.settings import LOCAL_SERVER, NAMES, Settings, apply_to_environ, load_settings

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-never-to-be-shown-0123456789"


def load(**environ: str) -> Settings:
    return load_settings(environ, dotenv=None)


def problem(**environ: str) -> str:
    with pytest.raises(SettingError) as caught:
        load(**environ)
    return str(caught.value)


def test_nothing_set_gives_a_local_assistant_on_the_local_server() -> None:
    settings = load()
    assert (settings.stt, settings.llm, settings.tts) == (("local",), ("local",), ("local",))
    assert settings.turn_detection == "local"
    assert settings.noise_cancellation == "auto"
    assert settings.background == "off"
    assert settings.plain_clients == "refuse"
    assert not settings.require_bound_key
    assert (settings.return_s, settings.secret_ttl_s, settings.port) == (15, 120, 8081)
    assert (settings.agent_name, settings.redis_url) == ("", None)
    assert settings.secrets_path == Path("secrets.toml")
    assert settings.given == frozenset()
    assert settings.is_local_server


def test_the_local_server_is_the_one_of_livekit_yaml() -> None:
    config = yaml.safe_load((ROOT / "livekit.yaml").read_text())
    url, key, secret = LOCAL_SERVER
    assert url == f"ws://{config['bind_addresses'][0]}:{config['port']}"
    assert config["keys"] == {key: secret}


def test_the_example_names_every_setting_and_every_key_and_changes_none() -> None:
    text = (ROOT / ".env.example").read_text()
    named = {line.lstrip("# ").partition("=")[0] for line in text.splitlines() if "=" in line}
    keys = {rule.key for rule in PROVIDERS.values() if rule.key}
    assert named == NAMES | keys
    example = load_settings({}, dotenv=ROOT / ".env.example")
    assert example == load()


def test_the_readme_names_every_setting() -> None:
    text = (ROOT / "README.md").read_text()
    assert [name for name in sorted(NAMES) if f"`{name}`" not in text] == []


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("OFFMIC_RETURN_S=3\nexport OFFMIC_PORT='0'\nOPENAI_API_KEY=from-file\n")
    settings = load_settings({"OFFMIC_RETURN_S": "4"}, dotenv)
    assert (settings.return_s, settings.port) == (4, 0)
    assert settings.llm == ("openai/gpt-4.1-mini",)
    assert settings.given == {"OFFMIC_RETURN_S", "OFFMIC_PORT"}


def test_a_switch_is_on_with_1() -> None:
    assert load(OFFMIC_REQUIRE_BOUND_KEY="1").require_bound_key


def test_an_empty_variable_hides_the_one_of_the_file(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("OFFMIC_RETURN_S=3\n")
    settings = load_settings({"OFFMIC_RETURN_S": ""}, dotenv)
    assert settings.return_s == 15
    assert settings.given == frozenset()


@pytest.mark.parametrize("text", ["what\n", "A=1\n'half=2\n", 'OPENAI_API_KEY="' + KEY + "\n"])
def test_a_broken_line_of_the_file_is_named_by_its_number(tmp_path: Path, text: str) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(text)
    with pytest.raises(SettingError, match=r"\.env line [12] is not a setting") as caught:
        load_settings({}, dotenv)
    assert KEY not in str(caught.value)


def test_a_file_that_is_no_text_is_refused_without_its_bytes(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_bytes(KEY.encode() + b"\xff")
    with pytest.raises(SettingError, match="cannot be read") as caught:
        load_settings({}, dotenv)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("environ", "stt", "llm", "tts"),
    [
        ({"DEEPGRAM_API_KEY": KEY}, "deepgram/nova-3", "local", "local"),
        ({"OPENAI_API_KEY": KEY}, "local", "openai/gpt-4.1-mini", "local"),
        ({"CARTESIA_API_KEY": KEY}, "local", "local", "cartesia/sonic-3"),
        ({"CARTESIA_API_KEY": KEY, "OFFMIC_TTS": "local"}, "local", "local", "local"),
        ({"OPENAI_API_KEY": " "}, "local", "local", "local"),
    ],
)
def test_a_part_is_local_unless_its_cloud_key_is_set(
    environ: dict[str, str], stt: str, llm: str, tts: str
) -> None:
    settings = load(**environ)
    assert (settings.stt, settings.llm, settings.tts) == ((stt,), (llm,), (tts,))


def test_several_providers_keep_their_order() -> None:
    settings = load(OFFMIC_LLM="openai/gpt-4.1-mini, local", OPENAI_API_KEY=KEY)
    assert settings.llm == ("openai/gpt-4.1-mini", "local")


def test_a_server_of_ones_own_needs_no_openai_key() -> None:
    settings = load(OFFMIC_LLM="openai/llama3.2:3b", OPENAI_BASE_URL="http://127.0.0.1:8000/v1")
    assert settings.llm == ("openai/llama3.2:3b",)


WRONG = [
    ({"LIVEKIT_URL": "127.0.0.1:7880"}, "LIVEKIT_URL", "ws://HOST:PORT"),
    ({"LIVEKIT_URL": "ws://127.0.0.1:99999"}, "LIVEKIT_URL", "ws://HOST:PORT"),
    ({"LIVEKIT_URL": "ftp://example.org"}, "LIVEKIT_URL", "ws or wss or http or https"),
    ({"LIVEKIT_URL": "wss://example.org"}, "LIVEKIT_API_KEY", "set the key and secret"),
    ({"LIVEKIT_API_KEY": "k"}, "LIVEKIT_API_SECRET", "set both or neither"),
    ({"LIVEKIT_API_SECRET": KEY}, "LIVEKIT_API_KEY", "set both or neither"),
    ({"OFFMIC_AGENT_NAME": "two words"}, "OFFMIC_AGENT_NAME", "letters, digits"),
    ({"OFFMIC_STT": "whisper"}, "OFFMIC_STT", "deepgram/nova-3"),
    ({"OFFMIC_STT": "local,"}, "OFFMIC_STT (entry 2)", "local"),
    ({"OFFMIC_STT": "local,local"}, "OFFMIC_STT", "once"),
    ({"OFFMIC_STT": "local/tiny"}, "OFFMIC_STT", "use local"),
    ({"OFFMIC_STT": "deepgram", "DEEPGRAM_API_KEY": KEY}, "OFFMIC_STT", "deepgram/MODEL"),
    ({"OFFMIC_STT": "deepgram/nova-3"}, "DEEPGRAM_API_KEY", "OFFMIC_STT=local"),
    ({"OFFMIC_LLM": "openai/gpt-4.1-mini"}, "OPENAI_API_KEY", "OPENAI_BASE_URL"),
    ({"OFFMIC_LLM": "openai/", "OPENAI_API_KEY": KEY}, "OFFMIC_LLM", "openai/MODEL"),
    ({"OFFMIC_LLM": "cartesia/sonic-3", "CARTESIA_API_KEY": KEY}, "OFFMIC_LLM", "openai/"),
    ({"OFFMIC_TTS": "cartesia/sonic-3"}, "CARTESIA_API_KEY", "OFFMIC_TTS=local"),
    ({"OPENAI_BASE_URL": "localhost:8000"}, "OPENAI_BASE_URL", "http://HOST:PORT"),
    ({"OFFMIC_TURN_DETECTION": "magic"}, "OFFMIC_TURN_DETECTION", "local, multilingual, vad, stt"),
    ({"OFFMIC_MCP": "ftp://one.example"}, "OFFMIC_MCP", "http://HOST:PORT/mcp"),
    ({"OFFMIC_MCP": "http://one.example/mcp,no-such-program x"}, "OFFMIC_MCP (entry 2)", "program"),
    ({"OFFMIC_LLM": "langgraph/my.agent"}, "OFFMIC_LLM", "package.module:graph"),
    (
        {"OFFMIC_LLM": "openai/gpt-realtime", "OPENAI_API_KEY": KEY},
        "OFFMIC_LLM",
        "openai/gpt-4.1-mini",
    ),
    ({"OFFMIC_NOISE_CANCELLATION": "on"}, "OFFMIC_NOISE_CANCELLATION", "auto, bvc"),
    ({"OFFMIC_BACKGROUND": "/no/such/file.wav"}, "OFFMIC_BACKGROUND", "office, off"),
    ({"OFFMIC_RETURN_S": "soon"}, "OFFMIC_RETURN_S", "from 0 to 3600"),
    ({"OFFMIC_RETURN_S": "-1"}, "OFFMIC_RETURN_S", "from 0 to 3600"),
    ({"OFFMIC_RETURN_S": "nan"}, "OFFMIC_RETURN_S", "from 0 to 3600"),
    ({"OFFMIC_PLAIN_CLIENTS": "yes"}, "OFFMIC_PLAIN_CLIENTS", "refuse, chat"),
    ({"OFFMIC_REQUIRE_BOUND_KEY": "yes"}, "OFFMIC_REQUIRE_BOUND_KEY", "0, 1"),
    ({"OFFMIC_PORT": "65536"}, "OFFMIC_PORT", "65535"),
    ({"OFFMIC_PORT": "80.5"}, "OFFMIC_PORT", "65535"),
    ({"OFFMIC_REDIS_URL": "127.0.0.1:6379"}, "OFFMIC_REDIS_URL", "redis://HOST:PORT"),
    ({"OFFMIC_SECRET_TTL_S": "0"}, "OFFMIC_SECRET_TTL_S", "from 1 to 86400"),
    ({"OFFMIC_SERVE_PASSWORD": "too short"}, "OFFMIC_SERVE_PASSWORD", "at least 12"),
    ({"OFFMIC_SECRET_TTL_S": "inf"}, "OFFMIC_SECRET_TTL_S", "from 1 to 86400"),
]


@pytest.mark.parametrize(("environ", "name", "allowed"), WRONG)
def test_a_wrong_value_gets_one_line_with_its_name_and_what_is_allowed(
    environ: dict[str, str], name: str, allowed: str
) -> None:
    message = problem(**environ)
    assert message.startswith(name) or f" {name}" in message
    assert allowed in message
    assert "\n" not in message


# These take any text: it is theirs to hold.
FREE = {"OFFMIC_SECRETS", "LIVEKIT_API_SECRET", "OFFMIC_SERVE_PASSWORD"}


@pytest.mark.parametrize("name", sorted(NAMES - FREE))
def test_a_key_pasted_into_the_wrong_setting_is_not_repeated(name: str) -> None:
    message = problem(**{name: f"{KEY} {KEY}"})
    assert KEY not in message


def test_no_key_stands_in_the_settings_representation() -> None:
    settings = load(
        LIVEKIT_URL="wss://example.org",
        LIVEKIT_API_KEY=f"{KEY}a",
        LIVEKIT_API_SECRET=f"{KEY}b",
        OFFMIC_REDIS_URL=f"redis://:{KEY}@127.0.0.1/0",
        OPENAI_API_KEY=KEY,
    )
    assert KEY not in repr(settings)


def test_settings_cannot_be_changed() -> None:
    settings: Any = load()
    for field in fields(settings):
        with pytest.raises(AttributeError):
            setattr(settings, field.name, None)


def test_the_framework_finds_the_server_and_the_keys_of_the_file(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("DEEPGRAM_API_KEY=from-file\nLIVEKIT_URL=ws://127.0.0.1:1\n")
    environ: dict[str, str] = {"DEEPGRAM_API_KEY": "outer"}
    apply_to_environ(load_settings({}, dotenv), environ)
    assert environ == {
        "DEEPGRAM_API_KEY": "outer",
        "LIVEKIT_URL": "ws://127.0.0.1:1",
        "LIVEKIT_API_KEY": LOCAL_SERVER[1],
        "LIVEKIT_API_SECRET": LOCAL_SERVER[2],
    }


def test_the_address_to_listen_on_is_loopback_until_another_is_set() -> None:
    assert load_settings({}, dotenv=None).host == "127.0.0.1"
    assert load_settings({"OFFMIC_HOST": "0.0.0.0"}, dotenv=None).host == "0.0.0.0"  # noqa: S104
    with pytest.raises(SettingError, match="OFFMIC_HOST is not an address"):
        load_settings({"OFFMIC_HOST": "somewhere"}, dotenv=None)
