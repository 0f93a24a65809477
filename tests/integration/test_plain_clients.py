"""A client without the receiver: what it gets, and that it is told the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offmic.audit.bystander import bystander
from offmic.audit.renderings import leaks
from tests.fakes.desk import WIFI, running_desk
from tests.fakes.visitor import visitor

if TYPE_CHECKING:
    from tests.fakes.desk import Desk

pytestmark = pytest.mark.sfu


async def test_a_plain_client_gets_nothing_and_is_told_so(desk: Desk) -> None:
    async with visitor(desk.sfu, "plain", receiver=False) as caller:
        await caller.greeted()
        answer = await caller.ask("What is the Wi-Fi password?")
        assert "your app cannot show it privately" in answer.written
        assert "app cannot show it" in answer.heard.casefold()
        assert not caller.sealed
        assert not caller.chat
        assert not leaks(WIFI, answer.heard + answer.written)


async def test_in_chat_mode_the_value_comes_unsealed_to_that_client_alone_unconfirmed() -> None:
    async with (
        running_desk({"OFFMIC_PLAIN_CLIENTS": "chat"}) as desk,
        bystander(desk.sfu, "chat") as other,
        visitor(desk.sfu, "chat", receiver=False) as caller,
    ):
        await caller.greeted()
        answer = await caller.ask("What is the Wi-Fi password?")
        assert not caller.sealed
        assert len(caller.chat) == 1
        assert WIFI in caller.chat[0]
        assert "cannot see whether it arrived" in answer.written
        assert not leaks(WIFI, answer.heard + answer.written)
        assert "cannot see whether it arrived" in other.everything
        assert not leaks(WIFI, other.everything)
        assert not leaks(WIFI, desk.worker.output)
