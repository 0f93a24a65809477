"""Over a real server: what the holder of a page's token can do, and what not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from livekit import rtc

from tests.fakes.rooms import joined
from tests.fakes.waiting import eventually
from tests.fakes.worker import sfu_settings
from tests.web.endpoint import KEY, endpoint, tab_name

if TYPE_CHECKING:
    from tests.fakes.sfu import Sfu

pytestmark = pytest.mark.sfu

OTHER_KEY = "WGmv9FBUlzLLqu1eXfmzCm2jHLDldCutWtShp2jxpns"


async def test_the_key_is_the_tokens_and_its_holder_cannot_change_it(sfu: Sfu) -> None:
    async with endpoint(sfu_settings(sfu)) as page:
        _, answer = await page.ask({"tab": tab_name(), "key": KEY, "room": "bound"})
    room = rtc.Room()
    async with joined(sfu, "agent", kind="agent", room="bound") as agent:
        await room.connect(answer["url"], answer["token"])
        try:
            await eventually(lambda: agent.remote_participants, 10, "the caller is seen")
            caller = agent.remote_participants[answer["identity"]]
            assert caller.attributes["offmic.key"] == KEY
            assert not caller.permissions.can_update_metadata
            await room.local_participant.set_attributes({"offmic.key": OTHER_KEY})
            # What the server passes on in order would have come by now.
            got: list[str] = []
            agent.register_text_stream_handler("test", lambda _, who: got.append(who))
            await room.local_participant.send_text("here", topic="test")
            await eventually(lambda: got, 10, "what was sent after it")
            assert caller.attributes["offmic.key"] == KEY
        finally:
            await room.disconnect()


async def test_a_caller_may_publish_a_microphone_and_is_in_the_one_room(sfu: Sfu) -> None:
    async with endpoint(sfu_settings(sfu)) as page:
        _, answer = await page.ask({"tab": tab_name(), "room": "mine"})
    room = rtc.Room()
    await room.connect(answer["url"], answer["token"])
    try:
        assert room.name == "mine"
        assert room.local_participant.identity == answer["identity"]
        allowed = room.local_participant.permissions
        assert list(allowed.can_publish_sources) == [rtc.TrackSource.SOURCE_MICROPHONE]
        assert allowed.can_subscribe
        assert allowed.can_publish_data
        assert not allowed.can_update_metadata
        assert not allowed.hidden
    finally:
        await room.disconnect()
