"""The console script: what bad input gets, before any server is asked."""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import types
from typing import TYPE_CHECKING

import pytest

from offmic import call_command, cli
from offmic.call_command import Play, Say, Type

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["shout"],
        ["call"],
        ["call", "--room", ""],
        ["call", "--room", "r", "--wait", "0"],
        ["call", "--room", "r", "--wait", "nan"],
        ["call", "--room", "r", "--sing", "x"],
    ],
)
def test_wrong_arguments_are_one_line_and_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    out, err = capsys.readouterr()
    assert ended.value.code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert "--help" in err


@pytest.mark.parametrize("content", [None, b"", b"RIFF", b"no audio at all"])
def test_a_bad_wav_is_one_line_that_names_it_and_code_2(
    content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "question.wav"
    if content is not None:
        file.write_bytes(content)
    assert cli.main(["call", "--room", "r", "--wav", str(file)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert str(file) in err


def test_a_place_that_cannot_be_written_is_found_before_the_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "missing" / "heard.wav"
    assert cli.main(["call", "--room", "r", "--save-audio", str(file)]) == 2
    assert str(file) in capsys.readouterr().err


def test_what_is_said_played_and_typed_keeps_its_order() -> None:
    parser = argparse.ArgumentParser()
    call_command.add_arguments(parser)
    given = ["--room", "r", "--type", "a", "--say", "b", "--wav", "c", "--type", "d"]
    assert parser.parse_args(given).acts == [Type("a"), Say("b"), Play("c"), Type("d")]
    assert parser.parse_args(["--room", "r"]).acts == []


def test_guard_filters_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    line = b'{"direction": "out", "vault": [], "turns": [["Hello."]]}\n'
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(line)))
    monkeypatch.setattr(sys, "stdout", types.SimpleNamespace(buffer=out))
    assert cli.main(["guard"]) == 0
    assert b'"spoken": "Hello."' in out.getvalue()


def test_help_loads_neither_the_client_nor_a_model() -> None:
    program = (
        "import sys\n"
        "from offmic import cli\n"
        "try:\n    cli.main(['call', '--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'livekit', 'numpy', 'cryptography'} & set(sys.modules)\n"
        "sys.exit(len(heavy))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_watch_says_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OFFMIC_REDIS_URL", raising=False)
    assert cli.main(["watch"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "OFFMIC_REDIS_URL is missing" in line
