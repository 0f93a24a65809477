"""What the integration tests measure with works: it notices what it is there to notice."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import aiohttp
import psutil
import pytest

from bench.hearing import word_errors
from offmic.audit.completions import Calls, Says
from tests.fakes.connections import ConnectionWatch
from tests.fakes.openai_server import Step, scripted_model
from tests.fakes.ports import is_free, release_port, reserve_port
from tests.fakes.waiting import eventually
from tests.fakes.worker import PROJECT, environment

if TYPE_CHECKING:
    from pathlib import Path

CONNECT = """
import socket, sys
s = socket.socket(); s.settimeout(1)
try: s.connect(("127.0.0.1", int(sys.argv[1])))
except OSError: pass
"""
LOOK_UP = """
import socket
try: socket.getaddrinfo("a.invalid", 1)
except OSError: pass
"""
TAKE_PORT = """
import random, sys
wanted = iter([*map(int, sys.argv[1:]), 20_000])
random.randint = lambda first, last: next(wanted, first)
from tests.fakes.ports import reserve_port
print(reserve_port())
"""
NATIVE_CONNECT = 'exec 3<>"/dev/tcp/127.0.0.1/$0"; read -r _'


def watch(process: subprocess.Popen[bytes], file: Path) -> ConnectionWatch:
    return ConnectionWatch(lambda: [psutil.Process(process.pid)], file)


@pytest.mark.parametrize("allowed", [True, False])
def test_the_watch_sees_a_connection_that_python_code_tries(tmp_path: Path, allowed: bool) -> None:
    audit, port = tmp_path / "audit", reserve_port()
    subprocess.run(
        [sys.executable, "-c", CONNECT, str(port)],
        check=True,
        env=environment(ConnectionWatch.settings(audit)),
    )
    outside = ConnectionWatch(list, audit).outside([port] if allowed else [])
    assert bool(outside) is not allowed
    release_port(port)


def test_the_watch_sees_a_name_that_is_looked_up(tmp_path: Path) -> None:
    audit = tmp_path / "audit"
    subprocess.run(
        [sys.executable, "-c", LOOK_UP],
        check=True,
        env=environment(ConnectionWatch.settings(audit)),
    )
    assert "a.invalid" in "".join(ConnectionWatch(list, audit).outside([]))


async def test_the_watch_sees_a_connection_of_native_code(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        process = subprocess.Popen(  # noqa: ASYNC220 - it runs beside the watch
            ["/bin/bash", "-c", NATIVE_CONNECT, str(port)], stdin=subprocess.PIPE
        )
        with watch(process, tmp_path / "audit") as seen:
            await eventually(lambda: seen.outside([]), 30, "the planted connection")
            assert not seen.outside([port])
        process.communicate()


def test_a_reserved_port_is_nobody_elses_until_it_is_released() -> None:
    first, second = reserve_port(), reserve_port()
    assert first != second
    assert is_free(first)
    release_port(second)
    other_run = [sys.executable, "-c", TAKE_PORT, str(first), str(second)]
    taken = subprocess.run(other_run, check=True, capture_output=True, text=True, cwd=PROJECT)
    assert int(taken.stdout) == second
    release_port(first)


async def ask(url: str, text: str) -> tuple[int, str]:
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": text}]}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{url}/chat/completions", json=body) as answer,
    ):
        return answer.status, await answer.text()


async def test_the_scripted_model_answers_by_the_request_and_keeps_it() -> None:
    calls = Step("calls", lambda r: "look" in r.last_text, Calls("look_up", {"name": "x"}))
    says = Step("says", lambda r: "hello" in r.last_text, Says(["good ", "day"]))
    async with scripted_model(calls, says) as model:
        assert "good " in (await ask(model.url, "hello"))[1]
        assert "look_up" in (await ask(model.url, "look it up"))[1]
        assert "look it up" in model.everything


async def test_a_step_that_was_never_asked_for_fails() -> None:
    with pytest.raises(AssertionError, match="never asked"):
        async with scripted_model(Step("idle", lambda _: True, Says(["x"]))):
            await asyncio.sleep(0)


async def test_a_request_that_no_step_answers_fails() -> None:
    with pytest.raises(AssertionError, match="no step"):
        async with scripted_model() as model:
            assert (await ask(model.url, "anything"))[0] == 400


@pytest.mark.parametrize(
    ("heard", "errors"),
    [
        ("Open the gate, please!", 0),
        ("open a gate please", 1),
        ("open gate please", 1),
        ("so open the gate please now", 2),
        ("", 4),
    ],
)
def test_word_errors_are_words_replaced_left_out_or_put_in(heard: str, errors: int) -> None:
    assert word_errors("Open the gate, please.", heard) == (errors, 4)
