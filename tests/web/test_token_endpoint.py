"""The token endpoint: whom it answers, what its tokens allow, and whose identity is whose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import jwt
import pytest

from offmic.serve_visitor import COOKIE, COOKIE_LIFE_S, Reception
from tests.web.endpoint import KEY, KEYS, PASSWORD, Endpoint, endpoint, tab_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LOCKED = {"OFFMIC_SERVE_PASSWORD": PASSWORD}


@pytest.fixture
async def page() -> AsyncIterator[Endpoint]:
    async with endpoint() as one:
        yield one


@pytest.fixture
async def locked() -> AsyncIterator[Endpoint]:
    async with endpoint(LOCKED) as one:
        yield one


def claims(answer: Any) -> Any:
    return jwt.decode(answer["token"], KEYS["LIVEKIT_API_SECRET"], algorithms=["HS256"])


async def test_a_token_allows_what_a_caller_needs_and_no_more(page: Endpoint) -> None:
    status, answer = await page.ask({"tab": tab_name(), "key": KEY, "room": "lobby"})
    assert status == 200
    assert answer.keys() == {"url", "token", "identity", "room"}
    token = claims(answer)
    assert token["video"] == {
        "roomJoin": True,
        "room": "lobby",
        "canPublish": True,
        "canPublishSources": ["microphone"],
        "canSubscribe": True,
        "canPublishData": True,
        "canUpdateOwnMetadata": False,
    }
    assert token["attributes"] == {"offmic.key": KEY}
    assert token["sub"] == answer["identity"]
    assert token["exp"] - token["nbf"] == 600
    assert token.keys() == {"video", "attributes", "sub", "iss", "nbf", "exp"}


async def test_a_named_agent_is_dispatched_by_the_token() -> None:
    async with endpoint({"OFFMIC_AGENT_NAME": "desk"}) as page:
        _, answer = await page.ask()
    assert claims(answer)["roomConfig"]["agents"][0]["agentName"] == "desk"


async def test_a_tab_stays_who_it_is_and_where_it_is(page: Endpoint) -> None:
    tab = tab_name()
    first = (await page.ask({"tab": tab}))[1]
    again = (await page.ask({"tab": tab}))[1]
    other = (await page.ask())[1]
    assert (again["identity"], again["room"]) == (first["identity"], first["room"])
    assert other["identity"] != first["identity"]
    assert other["room"] != first["room"]


async def test_nobody_else_gets_a_tabs_identity_by_its_name(page: Endpoint) -> None:
    tab = tab_name()
    mine = (await page.ask({"tab": tab}))[1]
    async with aiohttp.ClientSession() as stranger:
        theirs = (await Endpoint(page.address, stranger).ask({"tab": tab}))[1]
    assert theirs["identity"] != mine["identity"]
    assert theirs["room"] != mine["room"]


async def test_scripts_and_other_sites_do_not_get_at_the_cookie(page: Endpoint) -> None:
    async with page.http.post(
        f"{page.address}/token", json={"tab": tab_name()}, headers={"Origin": page.address}
    ) as answer:
        written = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/token"} <= set(written.split("; "))


@pytest.mark.parametrize("change", ["first", "last", "signature", "foreign", "words"])
async def test_a_forged_cookie_is_nobodys(change: str) -> None:
    mine = Reception("a" * 32, "")
    visitor = mine.welcome()
    cookie = mine.write_cookie(visitor)
    assert mine.read_cookie(cookie) == visitor
    forged = {
        "first": "1" + cookie,
        "last": cookie[:-1] + ("A" if cookie[-1] != "A" else "B"),
        "signature": cookie.rpartition(".")[0] + ".",
        "foreign": Reception("b" * 32, "").write_cookie(visitor),
        "words": "käse.käse.käse",
    }[change]
    assert mine.read_cookie(forged) is None


def test_a_cookie_ends_in_time_and_with_another_password() -> None:
    now_s = 1_000_000.0
    reception = Reception("a" * 32, PASSWORD, clock=lambda: now_s)
    cookie = reception.write_cookie(reception.welcome())
    now_s += COOKIE_LIFE_S - 1
    assert reception.read_cookie(cookie) is not None
    assert Reception("a" * 32, PASSWORD + "2", clock=lambda: now_s).read_cookie(cookie) is None
    now_s += 1
    assert reception.read_cookie(cookie) is None


@pytest.mark.parametrize(
    "origin", [None, "null", "https://evil.example", "http://127.0.0.1", "http://127.0.0.1:1"]
)
async def test_another_sites_page_gets_no_token(page: Endpoint, origin: str | None) -> None:
    status, answer = await page.ask(headers={"Origin": origin} if origin else {})
    assert status == 403
    assert "token" not in answer


@pytest.mark.parametrize("path", ["/", "/health", "/token", "/nothing"])
async def test_a_name_that_was_made_to_point_here_is_not_answered(
    page: Endpoint, path: str
) -> None:
    host = page.address.removeprefix("http://")
    port = host.rpartition(":")[2]
    for wrong in (f"evil.example:{port}", "127.0.0.1", f"127.0.0.1.nip.io:{port}"):
        async with page.http.get(f"{page.address}{path}", headers={"Host": wrong}) as answer:
            assert answer.status == 421, wrong
    async with page.http.get(f"{page.address}/health", headers={"Host": f"localhost:{port}"}) as ok:
        assert ok.status == 200


async def test_no_answer_lets_other_sites_read_it(page: Endpoint) -> None:
    for method in ("OPTIONS", "POST", "GET"):
        async with page.http.request(
            method,
            f"{page.address}/token",
            headers={
                "Origin": "https://evil.example",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type",
            },
        ) as answer:
            assert not [name for name in answer.headers if name.startswith("Access-Control")]
            assert answer.status in {403, 405}


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "tab",
        {"tab": "short"},
        {"tab": 7},
        {"tab": "a" * 23},
        {"tab": "a" * 22, "more": "x"},
        {"tab": "a" * 22, "key": "x"},
        {"tab": "a" * 22, "key": "A" * 43},
        {"tab": "a" * 22, "room": ""},
        {"tab": "a" * 22, "room": "../x"},
        {"tab": "a" * 22, "room": "r" * 65},
        {"tab": "a" * 22, "password": "x" * 1025},
    ],
)
async def test_a_wrong_request_is_answered_without_a_token(page: Endpoint, body: object) -> None:
    status, answer = await page.ask(body)
    assert status == 400
    assert answer.keys() == {"error"}


async def test_what_is_no_json_or_too_long_is_refused(page: Endpoint) -> None:
    own = {"Origin": page.address}
    for content, kind, status in (
        (b"{", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b" " * 5000, "application/json", 413),
    ):
        async with page.http.post(
            f"{page.address}/token", data=content, headers={**own, "Content-Type": kind}
        ) as answer:
            assert answer.status == status


async def test_the_password_is_asked_for_once(locked: Endpoint) -> None:
    tab = tab_name()
    assert (await locked.ask({"tab": tab}))[0] == 401
    assert (await locked.ask({"tab": tab, "password": "wrong"}))[0] == 401
    assert COOKIE not in {cookie.key for cookie in locked.http.cookie_jar}
    status, first = await locked.ask({"tab": tab, "password": PASSWORD})
    assert status == 200
    status, again = await locked.ask({"tab": tab})
    assert (status, again["identity"]) == (200, first["identity"])


async def test_half_a_character_is_a_wrong_password(locked: Endpoint) -> None:
    assert (await locked.ask({"tab": tab_name(), "password": "\ud800"}))[0] == 401


async def test_after_ten_wrong_passwords_none_is_looked_at(locked: Endpoint) -> None:
    for _ in range(10):
        assert (await locked.ask({"tab": tab_name(), "password": "wrong"}))[0] == 401
    assert (await locked.ask({"tab": tab_name(), "password": PASSWORD}))[0] == 429


def test_wrong_passwords_are_forgotten_after_a_minute() -> None:
    now_s = 1_000_000.0
    reception = Reception("a" * 32, PASSWORD, clock=lambda: now_s)
    closed = []
    for _ in range(10):
        assert not reception.admits("wrong")
    closed.append(reception.is_closed)
    now_s += 61
    closed.append(reception.is_closed)
    assert closed == [True, False]
    assert reception.admits(PASSWORD)
