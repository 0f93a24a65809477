"""`offmic serve`: where it listens, what it asks for first, and what stands in its answers."""

from __future__ import annotations

import gzip
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from yarl import URL

from offmic.cli import main
from offmic.errors import MissingPartError, OffmicError
from offmic.serve import Place, ServeError, serving
from offmic.serve_page import load_page
from offmic.settings import load_settings
from tests.fakes.worker import environment
from tests.web.endpoint import KEYS, PASSWORD, endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

BUILT = Path(__file__).resolve().parents[2] / "web" / "dist"
ELSEWHERE = "https://desk.example.org"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - what is refused
LARGEST_PAGE_BYTES = 150_000


async def problem(place: Place, settings: Mapping[str, str] | None = None) -> str:
    made = load_settings({**KEYS, **(settings or {})}, dotenv=None)
    with pytest.raises(OffmicError) as caught:
        async with serving(made, place):
            pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def listening() -> set[tuple[str, int]]:
    """Return where this process listens."""
    return {
        (one.laddr.ip, one.laddr.port)
        for one in psutil.Process().net_connections("tcp")
        if one.status == psutil.CONN_LISTEN
    }


async def test_it_listens_on_loopback_alone() -> None:
    before = listening()
    async with endpoint():
        assert [host for host, _ in listening() - before] == ["127.0.0.1"]


async def test_others_are_let_in_only_with_https_and_a_password() -> None:
    assert "--origin https://HOST" in await problem(Place(EVERYWHERE, 0))
    for place in (Place(EVERYWHERE, 0, ELSEWHERE), Place(port=0, origin=ELSEWHERE)):
        assert "OFFMIC_SERVE_PASSWORD" in await problem(place)


async def test_behind_a_proxy_it_answers_under_that_name() -> None:
    before = listening()
    async with endpoint(
        {"OFFMIC_SERVE_PASSWORD": PASSWORD}, Place(port=0, origin=ELSEWHERE)
    ) as page:
        assert page.address == ELSEWHERE
        ((host, port),) = listening() - before
        async with page.http.post(
            f"http://{host}:{port}/token",
            json={"tab": "a" * 22, "password": PASSWORD},
            headers={"Host": "desk.example.org", "Origin": ELSEWHERE},
        ) as answer:
            assert answer.status == 200
            assert "Secure" in answer.headers["Set-Cookie"].split("; ")


async def test_a_taken_port_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert "stop what uses that port" in await problem(Place(port=other.getsockname()[1]))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--host", "desk.example.org"],
        ["--port", "70000"],
        ["--origin", "http://desk.example.org"],
        ["--origin", "https://desk.example.org/page"],
        ["--origin", "https://user@desk.example.org"],
    ],
)
def test_a_wrong_argument_is_one_line_and_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", *arguments])
    assert ended.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_page_that_was_not_built_is_named_with_its_mend(tmp_path: Path) -> None:
    with pytest.raises(MissingPartError, match="make setup"):
        load_page(tmp_path)


async def test_no_request_leads_out_of_the_page(tmp_path: Path) -> None:
    async with endpoint() as page:
        for path in ("/../package.json", "/..%2fpackage.json", "/assets/", "/assets/..", "//"):
            async with page.http.get(URL(f"{page.address}{path}", encoded=True)) as answer:
                assert answer.status == 404, path


async def test_every_answer_carries_the_strict_headers() -> None:
    async with endpoint({"LIVEKIT_URL": "wss://sfu.example.org"}) as page:
        for path in ("/", "/health", "/token", "/nothing"):
            async with page.http.get(f"{page.address}{path}") as answer:
                policy = dict(
                    rule.split(" ", 1)
                    for rule in answer.headers["Content-Security-Policy"].split("; ")
                )
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert answer.headers["X-Frame-Options"] == "DENY"
                assert "aiohttp" not in answer.headers["Server"]
            assert policy["default-src"] == "'none'"
            assert policy["script-src"] == policy["style-src"] == "'self'"
            assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
            assert policy["connect-src"] == ("'self' wss://sfu.example.org https://sfu.example.org")
            assert "unsafe" not in str(policy)


async def test_a_servers_own_regions_may_be_reached() -> None:
    async with (
        endpoint({"LIVEKIT_URL": "wss://desk.livekit.cloud"}) as page,
        page.http.get(page.address) as answer,
    ):
        assert "wss://*.livekit.cloud" in answer.headers["Content-Security-Policy"]


def test_the_page_is_small() -> None:
    sizes = {path: len(gzip.compress(file.content)) for path, file in load_page(BUILT).items()}
    assert "/" in sizes
    assert sum(sizes.values()) <= LARGEST_PAGE_BYTES, sizes


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_says_where_the_page_is_and_ends_with_a_signal(
    tmp_path: Path, number: signal.Signals
) -> None:
    with subprocess.Popen(
        [str(Path(sys.executable).with_name("offmic")), "serve", "--port", "0"],
        cwd=tmp_path,
        env=environment(KEYS),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("offmic: the page is at http://127.0.0.1:")
            process.send_signal(number)
            assert process.stdout.read() == ""
            assert process.wait(30) == 0
        finally:
            process.kill()


def test_without_a_password_the_command_refuses_others_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OFFMIC_SERVE_PASSWORD", raising=False)
    assert main(["serve", "--host", EVERYWHERE, "--origin", ELSEWHERE]) == 2
    said = capsys.readouterr().err
    assert said.startswith("offmic: ")
    assert "OFFMIC_SERVE_PASSWORD" in said
    assert len(said.splitlines()) == 1
    assert issubclass(ServeError, OffmicError)
