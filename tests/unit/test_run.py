"""`python -m offmic.run` in a folder of its own, with a stand-in for the worker."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil
import pytest

from tests.fakes.ports import release_port, reserve_port
from tests.fakes.sfu import _binary, running_sfu

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[2]
TIMEOUT_S: Final = 60

# Starts a process that does not care for SIGTERM, tells its id, registers, and stays.
WORKER: Final = """
import subprocess, sys, time, signal
stubborn = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", stubborn])
print("grandchild", child.pid, flush=True)
print("INFO livekit.agents registered worker", flush=True)
time.sleep(600)
"""
ENDS: Final = """
import sys
print("INFO livekit.agents registered worker", flush=True)
sys.stdin.read()
sys.exit(7)
"""


class Run:
    """One `make run`, without make."""

    def __init__(self, folder: Path, worker: str, environ: dict[str, str]) -> None:
        shutil.copy(ROOT / "livekit.yaml", folder)
        (folder / "main.py").write_text(worker)
        server = Path(_binary()).parent
        clean = {n: v for n, v in os.environ.items() if not n.startswith(("OFFMIC_", "LIVEKIT_"))}
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "offmic.run"],
            cwd=folder,
            env={**clean, "PATH": f"{server}:{clean['PATH']}", **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def read_until(self, wanted: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if wanted in line:
                return
        pytest.fail(f"{wanted!r} never came:\n" + "".join(self.lines))

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def finish(self) -> int:
        rest, _ = self.process.communicate(timeout=TIMEOUT_S)
        self.lines.append(rest)
        return self.process.returncode

    @property
    def output(self) -> str:
        return "".join(self.lines)


def assert_gone(family: list[psutil.Process]) -> None:
    """Nothing of it runs; what has ended and waits for a parent to take note of it is gone too."""
    end = time.monotonic() + TIMEOUT_S
    while left := [one for one in family if _runs(one)]:
        assert time.monotonic() < end, f"left running: {left}"
        time.sleep(0.01)


def _runs(one: psutil.Process) -> bool:
    try:
        return one.is_running() and one.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def environ() -> Iterator[dict[str, str]]:
    port = reserve_port()
    yield {"LIVEKIT_URL": f"ws://127.0.0.1:{port}"}
    release_port(port)


@pytest.fixture
def runs() -> Iterator[list[Run]]:
    started: list[Run] = []
    yield started
    for run in started:
        if run.process.poll() is None:
            for one in [*run.family(), psutil.Process(run.process.pid)]:
                one.kill()
        run.process.wait()
        if run.process.stdout is not None:
            run.process.stdout.close()


@pytest.mark.sfu
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_and_leaves_nothing_running(
    tmp_path: Path, environ: dict[str, str], runs: list[Run], number: signal.Signals
) -> None:
    run = Run(tmp_path, WORKER, environ)
    runs.append(run)
    run.read_until("Ctrl-C stops everything")
    family = run.family()
    assert {"livekit-server"} < {one.name() for one in family}
    assert len(family) == 3, "the server, the worker and what the worker started"
    run.process.send_signal(number)
    assert run.finish() == 0
    assert_gone(family)
    assert "Traceback" not in run.output


@pytest.mark.sfu
def test_it_prints_how_to_call_after_the_worker_has_registered(
    tmp_path: Path, environ: dict[str, str], runs: list[Run]
) -> None:
    run = Run(tmp_path, WORKER, environ)
    runs.append(run)
    run.read_until("Ctrl-C stops everything")
    registered = run.output.index("worker | INFO livekit.agents registered worker")
    call = 'offmic call --room demo --say "What is the Wi-Fi password?"'
    assert registered < run.output.index(call) < run.output.index("say: what is the wifi password?")
    run.process.send_signal(signal.SIGTERM)
    assert run.finish() == 0


@pytest.mark.sfu
def test_the_page_is_served_on_this_machine_alone_and_gone_at_the_end(
    tmp_path: Path, environ: dict[str, str], runs: list[Run]
) -> None:
    run = Run(tmp_path, WORKER, environ)
    runs.append(run)
    run.read_until("Ctrl-C stops everything")
    address = next(line.strip() for line in run.lines if line.strip().startswith("http://127.0"))
    assert run.output.index(address) < run.output.index("offmic call --room demo")
    with urllib.request.urlopen(address, timeout=TIMEOUT_S) as page:  # noqa: S310 - http, as said
        assert b"<title>offmic</title>" in page.read()
    run.process.send_signal(signal.SIGTERM)
    assert run.finish() == 0
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address, timeout=TIMEOUT_S)  # noqa: S310


@pytest.mark.sfu
@pytest.mark.parametrize("victim", ["livekit-server", "python"])
def test_the_death_of_one_part_ends_the_others_with_one_line(
    tmp_path: Path, environ: dict[str, str], runs: list[Run], victim: str
) -> None:
    run = Run(tmp_path, WORKER, environ)
    runs.append(run)
    run.read_until("Ctrl-C stops everything")
    family = run.family()
    next(one for one in family if one.name().startswith(victim)).kill()
    assert run.finish() == 1
    assert_gone(family)
    part = "sfu" if victim == "livekit-server" else "worker"
    assert f"offmic: the {part} ended (signal 9)" in run.output
    assert "Traceback" not in run.output


@pytest.mark.sfu
def test_a_worker_that_ends_before_it_registers_is_told(
    tmp_path: Path, environ: dict[str, str], runs: list[Run]
) -> None:
    run = Run(tmp_path, "raise SystemExit(2)\n", environ)
    runs.append(run)
    assert run.finish() == 1
    assert "offmic: the worker ended (exit code 2)" in run.output
    assert "offmic call" not in run.output


@pytest.mark.sfu
async def test_a_server_that_takes_the_keys_is_used_and_left_running(
    tmp_path: Path, runs: list[Run]
) -> None:
    async with running_sfu() as sfu:
        keys = {"LIVEKIT_API_KEY": sfu.api_key, "LIVEKIT_API_SECRET": sfu.api_secret}
        run = Run(tmp_path, ENDS, {"LIVEKIT_URL": sfu.url, **keys})
        runs.append(run)
        assert run.finish() == 1
        assert f"using the server at {sfu.url}" in run.output
        assert "starting the sfu" not in run.output
        wrong = Run(tmp_path, WORKER, {"LIVEKIT_URL": sfu.url})
        runs.append(wrong)
        assert wrong.finish() == 2
        assert "refuses the key" in wrong.output


def test_a_port_that_something_else_holds_is_one_line_and_exit_code_2(
    tmp_path: Path, runs: list[Run]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        run = Run(tmp_path, WORKER, {"LIVEKIT_URL": f"ws://127.0.0.1:{silent.getsockname()[1]}"})
        runs.append(run)
        assert run.finish() == 2
    assert run.output.splitlines()[-1].startswith("offmic: no LiveKit server answers at")
    assert "starting the worker" not in run.output


@pytest.mark.parametrize(
    "wrong", [{"OFFMIC_RETURN_S": "soon"}, {"OFFMIC_SECRETS": "/no/such/file.toml"}]
)
def test_a_wrong_setting_is_one_line_and_exit_code_2(
    tmp_path: Path, environ: dict[str, str], runs: list[Run], wrong: dict[str, str]
) -> None:
    run = Run(tmp_path, WORKER, {**environ, **wrong})
    runs.append(run)
    assert run.finish() == 2
    assert len(run.output.splitlines()) == 1
    assert run.output.startswith("offmic: ")
