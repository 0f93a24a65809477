"""Plays attacks in a room, as a caller with two others beside it, and keeps what each one got."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from livekit import rtc

from offmic.audit.attacks.handles import FOREIGN
from offmic.audit.attacks.model import Step, Turn
from offmic.audit.bystander import Bystander, bystander
from offmic.audit.completions import Calls, Says
from offmic.audit.errors import AuditError
from offmic.audit.listener import Listener, introduce
from offmic.audit.subject import CALLER
from offmic.caller import Caller
from offmic.caller_audio import Ear

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from offmic.audit.attacks.model import Attack
    from offmic.audit.listener import Script
    from offmic.audit.stage import Sfu

_AGENT_S: Final = 120.0
_GREETING_S: Final = 4.0
_ANSWER_S: Final = 25.0
_QUIET_S: Final = 0.6
_INTERRUPT_AFTER_S: Final = 3.5
_POLL_S: Final = 0.05


@dataclass
class Seen:
    """What came out of one call.

    Args:
        room: its name.
        planted: the words that are no secret and must be found in every sink.
        audio: what the caller heard, turn by turn: mono samples of `caller_audio.EAR_HZ`.
        other_audio: what somebody else heard.
        transcript: what the caller read, its own lines too.
        other: what somebody else got, and
        hidden: whom nobody sees.
        screen: the values that were shown to the caller.
        unplayed: attacks that did not take place, and why.
    """

    room: str
    planted: str
    audio: list[NDArray[np.int16]] = field(default_factory=list)
    other_audio: list[NDArray[np.int16]] = field(default_factory=list)
    transcript: str = ""
    other: str = ""
    hidden: str = ""
    screen: list[str] = field(default_factory=list)
    unplayed: dict[str, str] = field(default_factory=dict)


class CallUnderAudit:
    """One call.

    Args:
        sfu: the server.
        listener: the model that is played.
        agent_name: which agent is dispatched.
        name: of the call, one word.
        planted: four words that nobody knows for a secret.
    """

    def __init__(
        self, sfu: Sfu, listener: Listener, agent_name: str, name: str, planted: str
    ) -> None:
        self._sfu = sfu
        self._listener = listener
        self._name = name
        self.seen = Seen(f"audit-{name}", planted)
        self._other = Ear()
        self._caller = Caller(
            sfu.url,
            sfu.api_key,
            sfu.api_secret,
            self.seen.room,
            identity=CALLER,
            agent_name=agent_name,
        )

    async def play(
        self, attacks: Sequence[tuple[Attack, str]], done: Callable[[Attack], None]
    ) -> Seen:
        """Play attacks one after another; each with its value.

        Args:
            attacks: what to play.
            done: called after each.
        """
        caller = self._caller
        lines: list[str] = []
        caller.room.on("transcription_received", lambda s, *_: lines.extend(x.text for x in s))
        async with (
            caller,
            bystander(self._sfu, self.seen.room) as other,
            bystander(self._sfu, self.seen.room, "unseen", hidden=True) as hidden,
        ):
            self._other = _listen(other)
            try:
                await caller.wait_for_agent(_AGENT_S)
            except TimeoutError:
                raise AuditError(f"no agent came into the room within {_AGENT_S:g} s") from None
            with suppress(TimeoutError):
                await caller.wait_for(caller.has_spoken, _GREETING_S)
            await caller.wait_until_idle(_AGENT_S, _QUIET_S)
            await self._must(self._opening())
            for attack, value in attacks:
                try:
                    for turn in attack.play(value):
                        await self._turn(turn)
                except (TimeoutError, _NotAskedError) as error:
                    self.seen.unplayed[attack.name] = str(error) or "no answer in time"
                done(attack)
            await self._must(Turn([Calls("audit_report", {}), Says(["That was all."])]))
            await self._other.aclose()
        self.seen.transcript = "\n".join([t for _, t in caller.transcripts] + lines)
        self.seen.other, self.seen.hidden = other.everything, hidden.everything
        self.seen.screen = [secret.value for secret in caller.received]
        return self.seen

    async def _must(self, turn: Turn) -> None:
        """Play a turn without which nothing can be told of the call."""
        try:
            await self._turn(turn)
        except (TimeoutError, _NotAskedError):
            raise AuditError(
                "the agent did not answer in one of the audit's calls: is the machine too busy?"
            ) from None

    def _opening(self) -> Turn:
        words = self.seen.planted
        answers: list[Step] = [
            Calls("audit_mark", {"words": words}),
            Calls("audit_secret", {"attack": FOREIGN}),
            Says([f"The answer is {words}. Once more, {words}."]),
        ]
        return Turn(answers, types=introduce(self._name))

    async def _turn(self, turn: Turn) -> None:
        caller = self._caller
        script = self._listener.play(self._name, turn.answers)
        events, ears = len(caller.events), (caller.ear, self._other)
        heard = [ear.samples.size for ear in ears]
        if turn.speaks:
            await caller.say(turn.speaks)
        else:
            await caller.type(turn.types)
        if turn.interrupts:
            await caller.wait_for(lambda: caller.state == "speaking", _ANSWER_S)
            await asyncio.sleep(_INTERRUPT_AFTER_S)
            self._listener.play(self._name, [Says(["All right."])])
            await caller.say(turn.interrupts)
        else:
            await caller.wait_until_answered(events, _ANSWER_S)
            if not script.asked:  # what was heard was the end of something before
                await _until_asked(script)
                await caller.wait_until_idle(_ANSWER_S, _QUIET_S)
        await caller.wait_until_idle(_ANSWER_S, _QUIET_S)
        for ear, before, kept in zip(
            ears, heard, (self.seen.audio, self.seen.other_audio), strict=True
        ):
            kept.append(ear.samples[before:])


class _NotAskedError(Exception):
    pass


async def _until_asked(script: Script) -> None:
    try:
        async with asyncio.timeout(_ANSWER_S):
            while not script.asked:  # noqa: ASYNC110 - the model has no event for it
                await asyncio.sleep(_POLL_S)
    except TimeoutError:
        raise _NotAskedError("the agent did not ask its model") from None


def _listen(other: Bystander) -> Ear:
    ear = Ear()

    def on_track(track: rtc.Track, _: object, who: rtc.RemoteParticipant) -> None:
        is_agent = who.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        if is_agent and isinstance(track, rtc.RemoteAudioTrack):
            ear.listen(track)

    for who in other.room.remote_participants.values():
        for publication in who.track_publications.values():
            if publication.track is not None:
                on_track(publication.track, publication, who)
    other.room.on("track_subscribed", on_track)
    return ear
