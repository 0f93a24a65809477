"""What `/ready` and `/live` answer with one thing missing, and what the server says of itself."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from offmic import endpoints
from offmic.fleet import health
from offmic.fleet import server as fleet_server
from offmic.fleet.models_probe import ModelsProbe
from offmic.fleet.server import FleetServer

GOOD = {
    "has_models": True,
    "is_registered": True,
    "draining": False,
    "has_room": True,
    "infers": True,
}


@pytest.fixture
def routes(monkeypatch: pytest.MonkeyPatch) -> list[web.RouteDef]:
    kept: list[web.RouteDef] = []
    monkeypatch.setattr(endpoints, "add_routes", lambda *new: kept.extend(new))
    say_of_models(monkeypatch, there=True)
    return kept


def say_of_models(monkeypatch: pytest.MonkeyPatch, *, there: bool) -> None:
    async def answers(_: object) -> bool:
        return there

    monkeypatch.setattr(ModelsProbe, "answers", answers)


async def ask(routes: list[web.RouteDef], path: str, **changed: bool) -> tuple[int, dict[str, Any]]:
    reached = changed.pop("reaches_sfu", True)

    async def reaches_sfu() -> bool:
        return reached

    server = SimpleNamespace(**(GOOD | changed), reaches_sfu=reaches_sfu)
    health.add_health(cast("FleetServer", server))
    app = web.Application()
    app.add_routes(routes)
    async with TestClient(TestServer(app)) as client, client.get(path) as answer:
        return answer.status, await answer.json()


async def test_a_worker_that_has_all_is_ready(routes: list[web.RouteDef]) -> None:
    assert await ask(routes, "/ready") == (
        200,
        {"models": True, "sfu": True, "staying": True, "room": True},
    )


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ({"has_models": False}, {"models": False, "room": False}),
        ({"is_registered": False}, {"sfu": False}),
        ({"reaches_sfu": False}, {"sfu": False}),
        ({"draining": True}, {"staying": False}),
        ({"has_room": False}, {"room": False}),
    ],
)
async def test_a_worker_that_lacks_one_thing_is_not_ready_and_names_it(
    routes: list[web.RouteDef], missing: dict[str, bool], named: dict[str, bool]
) -> None:
    status, said = await ask(routes, "/ready", **missing)
    assert status == 503
    assert {name: value for name, value in said.items() if not value} == named


async def test_models_that_do_not_answer_are_not_there(
    routes: list[web.RouteDef], monkeypatch: pytest.MonkeyPatch
) -> None:
    say_of_models(monkeypatch, there=False)
    assert (await ask(routes, "/ready"))[0] == 503


async def test_a_full_worker_lives(routes: list[web.RouteDef]) -> None:
    assert (await ask(routes, "/live", has_room=False, is_registered=False))[0] == 200


async def test_a_worker_whose_inference_died_does_not_live(routes: list[web.RouteDef]) -> None:
    assert (await ask(routes, "/live", infers=False))[0] == 503


def of_calls(count: int, *, loaded: bool = True) -> Any:
    """A server in `start` on two cores with so many calls, its processes loaded or failed."""
    server: Any = FleetServer()
    ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    if loaded:
        ready.set_result(None)
    else:
        ready.set_exception(RuntimeError("no model"))
        ready.exception()
    process = SimpleNamespace(running_job="a job", _initialize_fut=ready)
    idle = SimpleNamespace(running_job=None, _initialize_fut=ready)
    server._proc_pool = SimpleNamespace(processes=[process] * count + [idle])  # noqa: SLF001
    server._devmode, server._reserved_slots = False, 0  # noqa: SLF001 - what `run` sets
    return server


async def test_there_is_room_for_a_call_until_the_last_one_that_it_carries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cores = SimpleNamespace(cpu_count=lambda: 2.0)
    monkeypatch.setattr(fleet_server, "get_cpu_monitor", lambda: cores)
    assert of_calls(11).has_room
    assert not of_calls(12).has_room


async def test_a_process_that_failed_to_load_has_no_models_and_no_room() -> None:
    failed = of_calls(0, loaded=False)
    assert not failed.has_models
    assert not failed.has_room


async def test_a_process_that_still_loads_has_no_models() -> None:
    server = of_calls(0)
    server._proc_pool.processes[0]._initialize_fut = asyncio.get_running_loop().create_future()  # noqa: SLF001
    assert not server.has_models


async def test_a_worker_is_registered_while_its_connection_stands() -> None:
    server = of_calls(0)
    server._id, server._connecting = "AW_1", False  # noqa: SLF001 - what the SFU's answer sets
    assert server.is_registered
    server._connecting = True  # noqa: SLF001 - what a lost connection sets
    assert not server.is_registered


@pytest.mark.parametrize(("status", "reached"), [(200, True), (404, True), (503, False)])
async def test_an_sfu_is_reached_when_it_answers(status: int, reached: bool) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.add_routes([web.get("/", answer)])
    server = of_calls(0)
    async with TestServer(app) as there, aiohttp.ClientSession() as http:
        server._http_session = http  # noqa: SLF001 - what `run` makes
        server._ws_url = f"ws://127.0.0.1:{there.port}"  # noqa: SLF001
        assert await server.reaches_sfu() is reached
    async with aiohttp.ClientSession() as http:
        server._http_session = http  # noqa: SLF001
        assert not await server.reaches_sfu(), "it is gone"
