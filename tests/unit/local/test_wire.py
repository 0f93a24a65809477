"""Calls to the models' process: answers, pieces, failures, and its end."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from offmic.local.wire import Caller, ModelsGoneError, OperationError, Server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TypeAlias

    Emit: TypeAlias = Callable[[Any], bool]


def _add(_: Emit, one: int, two: int) -> int:
    return one + two


def _count(emit: Emit, most: int) -> str:
    for number in range(most):
        emit(number)
        time.sleep(0.001)
    return "counted"


def _fail(_: Emit, said: str) -> None:
    raise ValueError(said)


def _end(_: Emit) -> None:
    os._exit(3)


KEY = os.urandom(32)


def start(path: Path, operations: dict[str, Any] | None = None) -> Caller:
    table = operations or {"add": _add, "count": _count, "fail": _fail, "end": _end}
    server = Server(str(path), KEY, table)
    threading.Thread(target=server.serve, daemon=True).start()
    caller = Caller(str(path), KEY)
    caller.wait(30.0)
    return caller


def test_a_result_comes_back(tmp_path: Path) -> None:
    caller = start(tmp_path / "s")
    assert caller.call("add", 2, 3) == 5
    assert caller.call("add", 4, 3) == 7


def test_pieces_come_as_they_are_made_and_the_result_behind_them(tmp_path: Path) -> None:
    caller = start(tmp_path / "s")
    got: list[int] = []
    assert caller.call("count", 5, emit=got.append) == "counted"
    assert got == [0, 1, 2, 3, 4]


def test_many_threads_ask_at_once(tmp_path: Path) -> None:
    caller = start(tmp_path / "s")
    results: list[int] = []
    threads = [
        threading.Thread(target=lambda n=n: results.append(caller.call("add", n, n)))
        for n in range(30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [2 * n for n in range(30)]


def test_an_operation_that_is_stopped_ends_at_its_next_piece(tmp_path: Path) -> None:
    ended = threading.Event()

    def endless(emit: Emit) -> None:
        while emit("x"):
            time.sleep(0.001)
        ended.set()

    caller = start(tmp_path / "s", {"endless": endless})
    stop = threading.Event()
    got: list[str] = []

    def take(piece: str) -> None:
        got.append(piece)
        stop.set()

    assert caller.call("endless", emit=take, stop=stop) is None
    assert got == ["x"]
    assert ended.wait(30.0)


def test_a_failure_says_its_kind_and_nothing_of_what_was_asked(tmp_path: Path) -> None:
    caller = start(tmp_path / "s")
    with pytest.raises(OperationError) as caught:
        caller.call("fail", "hunter2-hunter2")
    assert "ValueError" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caller.call("add", 1, 1) == 2


def test_who_does_not_know_the_key_gets_no_answer_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    caller = start(tmp_path / "s")
    with pytest.raises(ModelsGoneError):
        Caller(str(tmp_path / "s"), os.urandom(32)).call("add", 1, 1)
    assert caller.call("add", 1, 1) == 2


def test_only_who_knows_the_key_has_found_it(tmp_path: Path) -> None:
    server = Server(str(tmp_path / "s"), KEY, {})
    threading.Thread(target=server.serve, daemon=True).start()
    with pytest.raises(ModelsGoneError):
        Caller(str(tmp_path / "s"), os.urandom(32)).call("add", 1, 1)
    assert not server.found.is_set()
    Caller(str(tmp_path / "s"), KEY).wait(30.0)
    assert server.found.wait(30.0)


def test_a_process_that_ends_is_noticed_and_its_successor_is_found(tmp_path: Path) -> None:
    path = tmp_path / "s"
    child = os.fork()
    if child == 0:
        Server(str(path), KEY, {"add": _add, "end": _end}).serve()
    caller = Caller(str(path), KEY)
    caller.wait(30.0)
    assert caller.call("add", 1, 2) == 3
    with pytest.raises(ModelsGoneError):
        caller.call("end")
    os.waitpid(child, 0)
    with pytest.raises(ModelsGoneError):
        caller.call("add", 1, 2)
    path.unlink()
    start(path)
    assert caller.call("add", 1, 2) == 3
