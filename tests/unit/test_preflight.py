from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from offmic.errors import OffmicError, ServerRefusedError, ServerUnreachableError
from offmic.preflight import check_server, is_listening
from offmic.settings import Settings, load_settings
from tests.fakes.sfu import running_sfu

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "never-to-be-shown-in-any-message-0123"


def settings_for(url: str, key: str = "devkey", secret: str = SECRET) -> Settings:
    environ = {"LIVEKIT_URL": url, "LIVEKIT_API_KEY": key, "LIVEKIT_API_SECRET": secret}
    return load_settings(environ, dotenv=None)


@contextmanager
def http_server(status: int, body: bytes, location: str | None = None) -> Iterator[str]:
    """A plain HTTP server that gives every request the same answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(status)
            if location is not None:
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - its base's name; what follows a redirect comes as GET

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its base's name
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def problem(settings: Settings, timeout_s: float = 2.0) -> str:
    with pytest.raises(OffmicError) as caught:
        check_server(settings, timeout_s)
    message = str(caught.value)
    assert "\n" not in message
    assert SECRET not in message
    return message


@pytest.fixture
def dead_port() -> Iterator[int]:
    with socket.socket() as held:  # bound and never listening: refused, and nobody else gets it
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_a_dead_port_is_named_with_the_command_that_starts_a_server(dead_port: int) -> None:
    settings = settings_for(f"ws://127.0.0.1:{dead_port}")
    assert not is_listening(settings)
    with pytest.raises(ServerUnreachableError):
        check_server(settings)
    message = problem(settings)
    assert f"ws://127.0.0.1:{dead_port}" in message
    assert "make run" in message


def test_a_port_that_never_answers_counts_as_no_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = settings_for(f"ws://127.0.0.1:{silent.getsockname()[1]}")
        assert is_listening(settings)
        assert "no LiveKit server answers" in problem(settings, timeout_s=0.2)


def test_a_message_leaves_out_what_a_url_carries_beside_its_host(dead_port: int) -> None:
    assert SECRET not in problem(
        settings_for(f"ws://me:{SECRET}@127.0.0.1:{dead_port}/?t={SECRET}")
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b"no"), (200, b"OK"), (200, b"[]"), (501, b""), (401, b"log in"), (403, b"{}")],
)
def test_another_server_is_told_apart(status: int, body: bytes) -> None:
    with http_server(status, body) as url:
        assert "is not a LiveKit server" in problem(settings_for(url))


def test_the_token_does_not_follow_a_redirect() -> None:
    with (
        http_server(200, b"{}") as elsewhere,
        http_server(302, b"", elsewhere.replace("ws:", "http:")) as url,
    ):
        assert "is not a LiveKit server" in problem(settings_for(url))


def test_something_that_is_not_http_is_told_apart() -> None:
    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"220 mail.example ESMTP\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer, args=(listener,))
        thread.start()
        settings = settings_for(f"ws://127.0.0.1:{listener.getsockname()[1]}")
        assert "is not a LiveKit server" in problem(settings)
        thread.join()


@pytest.mark.sfu
async def test_a_real_server_is_taken_with_its_own_keys_alone() -> None:
    async with running_sfu() as sfu:
        check_server(settings_for(sfu.url, sfu.api_key, sfu.api_secret))
        for key, secret in ((sfu.api_key, SECRET), ("other", sfu.api_secret)):
            with pytest.raises(ServerRefusedError, match="refuses the key") as caught:
                check_server(settings_for(sfu.url, key, secret))
            assert "LIVEKIT_API_SECRET" in str(caught.value)
            assert sfu.api_secret not in str(caught.value)
