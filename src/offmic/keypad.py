"""Keys of a caller's phone, as telephone gateways send them; they are never logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livekit import rtc

    from offmic.call import Call
    from offmic.ear import Ear


def listen_to_keys(room: rtc.Room, call: Call, ear: Ear) -> None:
    """Take the keys (DTMF) of the participant who is listened to, and of nobody else.

    Args:
        room: of the call, connected.
        call: where a number may be asked for.
        ear: knows who is listened to.
    """

    def on_key(event: rtc.SipDTMF) -> None:
        if event.participant is not None and event.participant.identity == ear.identity:
            call.hearing.press(event.digit)

    room.on("sip_dtmf_received", on_key)
