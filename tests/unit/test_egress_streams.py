"""What a process writes to its standard output and error, natively too, holds no value."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from offmic.audit.renderings import leaks
from offmic.egress.redactor import WITHHELD, Redactor
from offmic.egress.streams import TextFilter
from offmic.metrics import Sink
from offmic.secrets import Vault
from tests.fakes.planted import PIN, REGISTERED, SPOKEN, UNREGISTERED
from tests.fakes.worker import PROJECT, environment

if TYPE_CHECKING:
    from collections.abc import Iterable

PROGRAM = """
import os, sys
from offmic import egress
from offmic.secrets import Vault
from tests.fakes.planted import *
egress.install(own_streams=True)
vault = Vault()
vault.hold(REGISTERED, "vault word", "password")
vault.hold(PIN, "pin", "code")
egress.watch(vault)
"""


@pytest.fixture
def redactor() -> Redactor:
    vault, one = Vault(), Redactor()
    vault.hold(REGISTERED, "vault word", "password")
    vault.hold(PIN, "pin", "code")
    one.watch(vault)
    return one


def _run(program: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM + program],
        cwd=PROJECT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.decode(errors="replace")


def _through(redactor: Redactor, chunks: Iterable[bytes]) -> str:
    text = TextFilter(redactor, Sink.STDOUT)
    return (b"".join(map(text.feed, chunks)) + text.flush()).decode()


def test_a_job_that_prints_and_writes_natively_lets_no_value_out() -> None:
    code, output = _run("write_everything(REGISTERED); write_everything(PIN); os._exit(7)")
    assert code == 7
    for word in ("printed", "to stderr", "descriptor", "native", "a thread had"):
        assert output.count(word) >= 2, (word, output)
    assert not leaks(REGISTERED, output)
    assert not leaks(PIN, output)


def test_an_exception_that_nobody_caught_is_reported_without_its_value() -> None:
    code, output = _run('raise CarelessError(f"cannot use {REGISTERED}")')
    assert code == 1
    assert "CarelessError: cannot use" in output
    assert not leaks(REGISTERED, output)


def test_what_a_crash_in_native_code_leaves_is_frames_alone() -> None:
    crash = "import ctypes\ndef read(value):\n    ctypes.string_at(0)\nread(REGISTERED)"
    code, output = _run(f"print(REGISTERED)\nsys.stdout.flush()\n{crash}")
    assert code < 0
    assert "Segmentation fault" in output
    assert "in read" in output
    assert not leaks(REGISTERED, output)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 64])
def test_the_cuts_between_writes_do_not_matter(redactor: Redactor, size: int) -> None:
    written = f"one\nit is {REGISTERED} and\n{SPOKEN}, ümlaut\nkey {UNREGISTERED}\nlast".encode()
    pieces = [written[i : i + size] for i in range(0, len(written), size)]
    text = _through(redactor, pieces)
    for value in (REGISTERED, PIN, UNREGISTERED):
        assert not leaks(value, text)
    for word in ("one\n", "it is [vault word] and\n", "ümlaut\n", "key [api_key]\n", "last"):
        assert word in text, text


def test_a_value_broken_over_lines_is_found(redactor: Redactor) -> None:
    text = _through(redactor, [b"7\n", b"3\n", b"9 1\n", b"0\n", b"5\n", b"end\n"])
    assert not leaks(PIN, text)
    assert "end" in text


def test_what_is_no_text_passes_byte_for_byte(redactor: Redactor) -> None:
    text = TextFilter(redactor, Sink.STDOUT)
    data = b"\xff\xfe raw \x80\n"
    assert text.feed(data) + text.flush() == data


def test_a_prompt_without_a_line_break_does_not_wait_for_ever(redactor: Redactor) -> None:
    text = TextFilter(redactor, Sink.STDOUT)
    assert text.feed(b"name: ") == b""
    assert text.flush() == b"name: "


def test_what_cannot_be_looked_through_is_withheld(
    redactor: Redactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> str:
        raise RuntimeError

    monkeypatch.setattr(redactor, "escapes", fail)
    assert _through(redactor, [f"it is {PIN}\n".encode()]) == f"{WITHHELD}\n"


def test_no_memory_and_no_text_of_an_exception_is_dumped_to_disk() -> None:
    program = "import resource\nprint(resource.getrlimit(resource.RLIMIT_CORE)[0])\n"
    code, output = _run(program + "print('dumps:', os.environ['LK_DUMP_STACK_TRACES'])")
    assert code == 0
    assert output.splitlines() == ["0", "dumps: 0"]


def test_what_one_line_announces_does_not_stand_in_the_next(redactor: Redactor) -> None:
    text = _through(redactor, [b"what follows is the new password:\n", b"Restart7 of worker\n"])
    assert "Restart7 of worker" in text
