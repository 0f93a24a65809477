"""A caller pays by card over the real SFU, with parts on the device: by voice and by phone keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from offmic.audit.bystander import bystander
from offmic.audit.renderings import leaks
from tests.fakes.visitor import visitor

if TYPE_CHECKING:
    from tests.fakes.desk import Desk
    from tests.fakes.visitor import Answer, Visitor

pytestmark = pytest.mark.sfu

_NUMBER: Final = "4539148803436467"
_DTMF: Final = {key: code for code, key in enumerate("0123456789*#")}


async def _press(caller: Visitor, keys: str) -> None:
    for key in keys:
        await caller.caller.room.local_participant.publish_dtmf(code=_DTMF[key], digit=key)


async def _writes(caller: Visitor, words: str, since: int = 0) -> None:
    await caller.caller.wait_for(lambda: words in str(caller.caller.events[since:]), 30.0)


async def _reads(caller: Visitor, *parts: str, until: str) -> Answer:
    """Read a number out, and once more where it was misheard, as the agent asks for."""
    for _ in range(3):
        for part in parts[:-1]:
            await caller.ask(part, until="Go on", within_s=15.0)
        answer = await caller.ask(parts[-1], until=until, within_s=15.0)
        if until in answer.written:
            break
    return answer


async def test_a_card_is_taken_by_voice_and_no_digit_is_written_anywhere(desk: Desk) -> None:
    async with bystander(desk.sfu, "pay") as other, visitor(desk.sfu, "pay") as caller:
        await caller.greeted()
        asked = await caller.ask("I would like to pay by card.")
        assert "card number" in asked.written
        number = (
            "four five three nine, one four eight eight.",
            "zero three four three, six four six seven.",
        )
        expiry = await _reads(caller, *number, until="expire")
        assert "[card number]" in expiry.understood
        code = await _reads(caller, "oh four twenty nine.", until="security code")
        assert "[expiry date]" in code.understood
        paid = await _reads(caller, "four two nine.", until="payment")
        assert "[security code]" in paid.understood
        assert "payment went through" in paid.heard.casefold()
        for sink in (desk.worker.output, other.everything, str(caller.caller.transcripts)):
            assert not leaks(_NUMBER, sink)


async def test_a_card_is_typed_and_pressed_by_the_caller_alone(desk: Desk) -> None:
    async with (
        bystander(desk.sfu, "keys") as other,
        visitor(desk.sfu, "keys") as caller,
    ):
        await caller.greeted()
        seen = len(caller.caller.events)
        await caller.caller.type("I would like to pay by card.")
        await _writes(caller, "card number", seen)
        # Somebody else in the room has no part in it.
        await other.room.local_participant.publish_dtmf(code=9, digit="9")
        await _press(caller, f"{_NUMBER}#")
        await _writes(caller, "expire", seen)
        await caller.caller.type("04/29")
        await _writes(caller, "security code", seen)
        await _press(caller, "737")
        await _writes(caller, "payment went through", seen)
        for sink in (desk.worker.output, other.everything, str(caller.caller.transcripts)):
            assert not leaks(_NUMBER, sink)
            assert "04/29" not in sink
