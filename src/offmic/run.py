"""`make run`: SFU, worker and page on one machine; it must leave nothing running when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from offmic.children import Child, Program
from offmic.errors import MissingPartError, OffmicError
from offmic.preflight import check_server, is_listening, server_address
from offmic.secrets.sources import load_secrets
from offmic.serve import Place, serving
from offmic.settings import Settings, apply_to_environ, load_settings

if TYPE_CHECKING:
    from collections.abc import Coroutine

_SERVER_START_S: Final = 15.0
_WORKER_START_S: Final = 120.0
_REGISTERED: Final = "registered worker"
_ROUTINE: Final = re.compile(r"(DEBUG|INFO|WARNING)\b.* livekit|in-process auto-reload|^dev mode")
"""What the framework tells its developers; the newest lines are shown where a part ends."""
_ENDED: Final = 1
_UNUSABLE: Final = 2

HOW_TO_CALL: Final = """
offmic is listening. Open the page:

    {page}

or call from a second terminal:

    .venv/bin/offmic call --room demo --say "What is the Wi-Fi password?"

    say: what is the wifi password?
    say: I need the door code
    say: what is the magic word?

Ctrl-C stops everything."""


def main() -> int:
    """Run everything until a signal comes or a part ends.

    Returns:
        The exit code: 0 after a signal, 1 where a part ended by itself, 2 where it cannot start.
    """
    try:
        settings = load_settings()
        apply_to_environ(settings)
        load_secrets(settings)
        asyncio.run(_until_signal(settings))
    except ChildEndedError as error:
        return _fail(error, _ENDED)
    except OffmicError as error:
        return _fail(error, _UNUSABLE)
    return 0


class ChildEndedError(OffmicError):
    """A part of the whole ended by itself, or did not become ready in time."""


async def _until_signal(settings: Settings) -> None:
    signalled = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, signalled.set)
    running = asyncio.create_task(_run(settings))
    waiting = asyncio.create_task(signalled.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if signalled.is_set():
        _say("stopping")
        running.cancel()
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def _run(settings: Settings) -> None:
    async with contextlib.AsyncExitStack() as stack:
        watched: list[Child] = []
        if settings.is_local_server and not await asyncio.to_thread(is_listening, settings):
            server = await _start(stack, server_program(settings))
            watched.append(server)
            await _ready(server, _until_listening(settings), _SERVER_START_S)
        else:
            _say(f"using the server at {settings.livekit_url}")
        await asyncio.to_thread(check_server, settings)
        registered = asyncio.Event()
        worker = await _start(stack, worker_program(), registered)
        watched.append(worker)
        await _ready(worker, registered.wait(), _WORKER_START_S)
        page = await _serve_page(stack, settings)
        _say(HOW_TO_CALL.format(page=page))
        endings = [asyncio.create_task(child.ended()) for child in watched]
        try:
            done, _ = await asyncio.wait(endings, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for ending in endings:
                ending.cancel()
        ended = watched[endings.index(done.pop())]
        raise _ended(ended, await ended.ended())


async def _serve_page(stack: contextlib.AsyncExitStack, settings: Settings) -> str:
    # On this machine alone, whatever is set for `offmic serve`.
    try:
        return await stack.enter_async_context(serving(settings, Place()))
    except MissingPartError as error:
        # A call from the terminal needs no page.
        return f"({error})"


async def _start(
    stack: contextlib.AsyncExitStack, program: Program, registered: asyncio.Event | None = None
) -> Child:
    def print_line(line: str) -> None:
        if registered is not None and _REGISTERED in line:
            registered.set()
        if _REGISTERED in line or not _ROUTINE.search(line):
            _say(f"{program.name} | {line}")

    _say(f"starting the {program.name}")
    child = await Child.start(program, print_line)
    stack.push_async_callback(child.stop)
    return child


async def _ready(child: Child, condition: Coroutine[Any, Any, object], timeout_s: float) -> None:
    ended = asyncio.create_task(child.ended())
    ready = asyncio.create_task(condition)
    try:
        await asyncio.wait({ended, ready}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            raise _ended(child, ended.result())
        if not ready.done():
            raise ChildEndedError(f"the {child.name} was not ready after {timeout_s:g} seconds")
    finally:
        ended.cancel()
        ready.cancel()


def _ended(child: Child, how: str) -> ChildEndedError:
    for line in child.last_lines:
        _say(f"{child.name} | {line}")
    return ChildEndedError(how)


async def _until_listening(settings: Settings) -> None:
    while not await asyncio.to_thread(is_listening, settings, 1.0):  # noqa: ASYNC110 - no event
        await asyncio.sleep(0.1)


def server_program(settings: Settings) -> Program:
    """Say how the local server is started: by `livekit.yaml`, at the settings' port, with its keys.

    Raises:
        MissingPartError: the program or its configuration is missing.
    """
    program = find_server()
    if program is None:
        raise MissingPartError("livekit-server is missing: build it with `make setup`")
    if not Path("livekit.yaml").is_file():
        raise MissingPartError("livekit.yaml is missing: run this from the project's root")
    _, port = server_address(settings)
    command = [program, "--config", "livekit.yaml", "--port", str(port)]
    # The media port keeps its distance from the signal port, so that two servers can run.
    command += ["--udp-port", str(port + 2)]
    keys = f"{settings.livekit_api_key}: {settings.livekit_api_secret}"
    return Program("sfu", command, {**os.environ, "LIVEKIT_KEYS": keys})


def find_server() -> str | None:
    """Return the path of livekit-server: on the PATH, else the one that `make setup` built."""
    built = Path(".tools/bin/livekit-server").resolve()
    return shutil.which("livekit-server") or (str(built) if os.access(built, os.X_OK) else None)


def worker_program() -> Program:
    """Say how the worker is started."""
    command = [sys.executable, "main.py", "dev", "--log-level", "INFO"]
    return Program("worker", command, os.environ)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - this is what the user of `make run` reads


def _fail(error: OffmicError, code: int) -> int:
    print(f"offmic: {error}", file=sys.stderr, flush=True)  # noqa: T201 - as above
    return code


if __name__ == "__main__":
    sys.exit(main())
