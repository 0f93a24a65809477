"""The settings, read from the environment and `.env`; a message must never hold a key's value."""

from __future__ import annotations

import contextlib
import io
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, cast, get_args
from urllib.parse import urlsplit

from dotenv.parser import parse_stream

from offmic import setting_values as check
from offmic.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

TurnDetection = Literal["local", "multilingual", "vad", "stt"]
NoiseCancellation = Literal["auto", "bvc", "bvc-telephony", "off"]
PlainClients = Literal["refuse", "chat"]

LOCAL_SERVER: Final = (
    "ws://127.0.0.1:7880",
    "offmic-local",
    "for-one-machine-alone-never-a-server",
)
"""URL, key and secret of the local server; `livekit.yaml` says the same, as a test shows."""

NAMES: Final = frozenset(
    {
        "LIVEKIT_URL",
        "LIVEKIT_API_KEY",
        "LIVEKIT_API_SECRET",
        "OFFMIC_AGENT_NAME",
        "OFFMIC_STT",
        "OFFMIC_LLM",
        "OFFMIC_TTS",
        "OPENAI_BASE_URL",
        "DEEPGRAM_BASE_URL",
        "CARTESIA_BASE_URL",
        "OFFMIC_TURN_DETECTION",
        "OFFMIC_MCP",
        "OFFMIC_NOISE_CANCELLATION",
        "OFFMIC_BACKGROUND",
        "OFFMIC_SECRETS",
        "OFFMIC_RETURN_S",
        "OFFMIC_PLAIN_CLIENTS",
        "OFFMIC_REQUIRE_BOUND_KEY",
        "OFFMIC_HOST",
        "OFFMIC_PORT",
        "OFFMIC_REDIS_URL",
        "OFFMIC_SECRET_TTL_S",
        "OFFMIC_SERVE_PASSWORD",
    }
)
"""Every setting there is; the providers' keys stand in `offmic.providers`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process, checked; the README says what each of them means.

    Args:
        given: the names that were set by hand, in the environment or in `.env`.
        from_dotenv: all that `.env` holds, keys among it.
    """

    livekit_url: str
    livekit_api_key: str = field(repr=False)
    livekit_api_secret: str = field(repr=False)
    agent_name: str
    stt: tuple[str, ...]
    llm: tuple[str, ...]
    tts: tuple[str, ...]
    mcp: tuple[str, ...] = field(repr=False)
    turn_detection: TurnDetection
    noise_cancellation: NoiseCancellation
    background: str
    secrets_path: Path
    return_s: float
    plain_clients: PlainClients
    require_bound_key: bool
    host: str
    port: int
    redis_url: str | None = field(repr=False)
    secret_ttl_s: float
    serve_password: str = field(repr=False)
    given: frozenset[str]
    from_dotenv: Mapping[str, str] = field(repr=False)

    @property
    def is_local_server(self) -> bool:
        """Whether the SFU is on this machine."""
        return check.is_loopback(urlsplit(self.livekit_url).hostname or "")


def load_settings(
    environ: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")
) -> Settings:
    """Read and check all settings: the environment first, then `.env`.

    A variable that is set but empty counts as not set, and hides the same name in `.env`.

    Args:
        environ: the environment; this process's own where it is None.
        dotenv: the file of settings, which need not exist; None reads none.

    Returns:
        The settings, with every default filled in.

    Raises:
        SettingError: a value is wrong or missing; one line says which and what is allowed.
    """
    outer = os.environ if environ is None else environ
    inner = _read_dotenv(dotenv)
    values = {name: text.strip() for name, text in {**inner, **outer}.items() if text.strip()}
    livekit_url, api_key, api_secret = check.server(values, LOCAL_SERVER)
    for name in ("OPENAI_BASE_URL", "DEEPGRAM_BASE_URL", "CARTESIA_BASE_URL"):
        check.url(values, name, ("http", "https"))
    return Settings(
        livekit_url=livekit_url,
        livekit_api_key=api_key,
        livekit_api_secret=api_secret,
        agent_name=check.agent_name(values),
        stt=check.providers(values, "stt"),
        llm=check.providers(values, "llm"),
        tts=check.providers(values, "tts"),
        mcp=check.mcp_servers(values),
        turn_detection=cast(
            "TurnDetection",
            check.word(values, "OFFMIC_TURN_DETECTION", "local", get_args(TurnDetection)),
        ),
        noise_cancellation=cast(
            "NoiseCancellation",
            check.word(values, "OFFMIC_NOISE_CANCELLATION", "auto", get_args(NoiseCancellation)),
        ),
        background=check.background(values),
        secrets_path=Path(values.get("OFFMIC_SECRETS", "secrets.toml")).expanduser(),
        return_s=check.number(values, "OFFMIC_RETURN_S", 15, low=0, high=3600),
        plain_clients=cast(
            "PlainClients",
            check.word(values, "OFFMIC_PLAIN_CLIENTS", "refuse", get_args(PlainClients)),
        ),
        require_bound_key=check.switch(values, "OFFMIC_REQUIRE_BOUND_KEY"),
        host=check.address(values, "OFFMIC_HOST", "127.0.0.1"),
        port=check.port(values, "OFFMIC_PORT", 8081),
        redis_url=check.url(values, "OFFMIC_REDIS_URL", ("redis", "rediss")),
        secret_ttl_s=check.number(values, "OFFMIC_SECRET_TTL_S", 120, low=1, high=86400),
        serve_password=check.password(values, "OFFMIC_SERVE_PASSWORD"),
        given=frozenset(NAMES & values.keys()),
        from_dotenv=inner,
    )


def apply_to_environ(settings: Settings, environ: MutableMapping[str, str] | None = None) -> None:
    """Put the SFU's settings and what `.env` holds where the framework and its plugins look.

    Args:
        settings: what `load_settings` returned.
        environ: where to put them; this process's own environment where it is None.
    """
    target = os.environ if environ is None else environ
    for name, text in settings.from_dotenv.items():
        target.setdefault(name, text)
    target["LIVEKIT_URL"] = settings.livekit_url
    target["LIVEKIT_API_KEY"] = settings.livekit_api_key
    target["LIVEKIT_API_SECRET"] = settings.livekit_api_secret


def _read_dotenv(path: Path | None) -> dict[str, str]:
    if path is None or not path.is_file():
        return {}
    text: str | None = None
    with contextlib.suppress(OSError, UnicodeDecodeError):
        text = path.read_text(encoding="utf-8-sig")
    if text is None:  # raised here, where no exception that quotes the file hangs on it
        raise SettingError(f"{path} cannot be read: make it a readable UTF-8 text file")
    found: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(text)):
        if binding.error or (binding.key is not None and binding.value is None):
            raise SettingError(
                f"{path} line {binding.original.line} is not a setting: write NAME=value"
            )
        if binding.key is not None and binding.value is not None:
            found[binding.key] = binding.value
    return found
