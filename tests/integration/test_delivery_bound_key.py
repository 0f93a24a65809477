"""OFFMIC_REQUIRE_BOUND_KEY in the real worker: who is served, and what the other is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from livekit import rtc

from offmic.audit.bystander import bystander
from offmic.delivery.channel import TOPIC_CHAT, TOPIC_SECRET
from tests.fakes.desk import LABELS, WIFI, running_desk
from tests.fakes.visitor import visitor
from tests.fakes.waiting import eventually

if TYPE_CHECKING:
    from offmic.audit.bystander import Bystander

pytestmark = pytest.mark.sfu

_ASKED: Final = "What is the Wi-Fi password?"
_ANSWER_TIMEOUT_S: Final = 60.0
_MOST_LINES: Final = 8


def _listening_agent(one: Bystander) -> str:
    for participant in one.room.remote_participants.values():
        is_agent = participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        if is_agent and participant.attributes.get("lk.agent.state") == "listening":
            return participant.identity
    return ""


def _lines(one: Bystander) -> list[str]:
    return [got.text for got in one.on_topic("lk.transcription")]


async def _ask(one: Bystander) -> None:
    """Ask, and wait for an answer."""
    agent = await eventually(lambda: _listening_agent(one), _ANSWER_TIMEOUT_S, "it listens")
    before = len(_lines(one))
    await one.room.local_participant.send_text(
        _ASKED, topic=TOPIC_CHAT, destination_identities=[agent]
    )
    await eventually(lambda: len(_lines(one)) > before, _ANSWER_TIMEOUT_S, "it answers")


async def test_a_bound_key_is_served_and_one_of_free_choice_is_told_why_not() -> None:
    async with running_desk({"OFFMIC_REQUIRE_BOUND_KEY": "1"}) as desk:
        async with visitor(desk.sfu, "bound", microphone=False) as caller:
            await caller.greeted()
            await caller.caller.type(_ASKED)
            await caller.caller.wait_for(lambda: caller.shown, _ANSWER_TIMEOUT_S)
            assert caller.shown == [(LABELS["wifi-password"], WIFI)]
        async with bystander(desk.sfu, "free", "ann") as ann:
            await eventually(lambda: _lines(ann), _ANSWER_TIMEOUT_S, "the agent greets")
            # It is seen late, having no microphone; three seconds pass from then on.
            while "cannot be sure of your screen" not in ann.everything:
                assert len(_lines(ann)) < _MOST_LINES, ann.everything
                await _ask(ann)
            assert ann.on_topic(TOPIC_SECRET) == []
            assert WIFI not in ann.everything
