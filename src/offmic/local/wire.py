"""Calls from jobs to the process that holds the models; nothing of what passes may be kept.

A request is an operation's name and its arguments; the answer is any number of pieces and a
result. Both ends are of one worker: the socket lies in a folder that nobody else can enter, and
who connects has to know a key.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from typing import Any, Final, TypeAlias

from offmic.errors import OffmicError

Operation: TypeAlias = Callable[..., Any]
"""Takes `emit` and then the arguments of the request; `emit` takes a piece, and returns whether
somebody still waits for the rest."""

_POLL_S: Final = 0.01
_RETRY_S: Final = 0.05
_IDLE_MOST: Final = 8


class ModelsGoneError(OffmicError):
    """The process that holds the models does not answer."""


class OperationError(OffmicError):
    """An operation failed there; its own words stay there."""


class Server:
    """Answers requests, each connection on a thread of its own.

    Args:
        path: of the Unix socket.
        key: what clients have to know.
        operations: what may be asked for, by name.

    Attributes:
        found: set once a client that knows the key is there.
    """

    def __init__(self, path: str, key: bytes, operations: Mapping[str, Operation]) -> None:
        self._listener = Listener(path, "AF_UNIX", backlog=64)
        self._key = key
        self._operations = operations
        self.found = threading.Event()

    def serve(self) -> None:
        """Answer until the process ends."""
        while True:
            connection = self._listener.accept()
            threading.Thread(target=self._answer_all, args=(connection,), daemon=True).start()

    def _answer_all(self, connection: Connection) -> None:
        # The challenge is answered here and not where connections are accepted: one that does not
        # answer it keeps nobody else waiting.
        with connection, contextlib.suppress(OSError, EOFError, AuthenticationError):
            _challenge(connection, self._key)
            self.found.set()
            while True:
                name, arguments = connection.recv()
                self._answer(connection, name, arguments)

    def _answer(self, connection: Connection, name: str, arguments: tuple[Any, ...]) -> None:
        def emit(piece: Any) -> bool:
            try:
                connection.send(("piece", piece))
            except OSError:
                return False
            return True

        try:
            answer = ("done", self._operations[name](emit, *arguments))
        except Exception as error:  # noqa: BLE001 - a request must not end the others
            answer = ("failed", type(error).__name__)
        connection.send(answer)


class Caller:
    """Makes requests from any thread; keeps connections for the next ones.

    Args:
        path: of the server's socket.
        key: what the server wants to know.
    """

    def __init__(self, path: str, key: bytes) -> None:
        self._path = path
        self._key = key
        self._idle: list[Connection] = []
        self._lock = threading.Lock()

    def wait(self, timeout_s: float) -> None:
        """Block until the server answers.

        Args:
            timeout_s: how long at most, in seconds.

        Raises:
            ModelsGoneError: it did not in that time.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                self._put_back(self._connect())
            except ModelsGoneError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_RETRY_S)
            else:
                return

    def call(
        self,
        name: str,
        *arguments: Any,
        emit: Callable[[Any], None] | None = None,
        stop: threading.Event | None = None,
    ) -> Any:
        """Ask for an operation and block until its result is there.

        Args:
            name: which one.
            arguments: what it takes, picklable.
            emit: gets its pieces, on this thread.
            stop: once set, the rest is not waited for, and the operation ends at its next piece.

        Returns:
            Its result; None where it was stopped.

        Raises:
            ModelsGoneError: the process is not there, or ended meanwhile.
            OperationError: the operation failed.
        """
        connection = self._take()
        try:
            connection.send((name, arguments))
            while True:
                while stop is not None and (stop.is_set() or not connection.poll(_POLL_S)):
                    if stop.is_set():
                        connection.close()
                        return None
                kind, content = connection.recv()
                if kind != "piece":
                    break
                if emit is not None:
                    emit(content)
        except (OSError, EOFError) as error:
            connection.close()
            raise ModelsGoneError("the process that holds the models has ended") from error
        except BaseException:
            connection.close()
            raise
        self._put_back(connection)
        if kind == "failed":
            raise OperationError(f"the model's process could not do it ({content})")
        return content

    def _take(self) -> Connection:
        with self._lock:
            while self._idle:
                connection = self._idle.pop()
                # What can be read while nothing was asked is the end of the other side.
                if not connection.poll():
                    return connection
                connection.close()
        return self._connect()

    def _put_back(self, connection: Connection) -> None:
        with self._lock:
            if len(self._idle) < _IDLE_MOST:
                self._idle.append(connection)
                return
        connection.close()

    def _connect(self) -> Connection:
        try:
            return Client(self._path, "AF_UNIX", authkey=self._key)
        except (OSError, EOFError, AuthenticationError) as error:
            raise ModelsGoneError("the process that holds the models does not answer") from error


def _challenge(connection: Connection, key: bytes) -> None:
    from multiprocessing.connection import answer_challenge, deliver_challenge

    deliver_challenge(connection, key)
    answer_challenge(connection, key)
