"""A caller's screen in a process of its own, to be killed and stopped; values are only compared.

`python -m tests.fakes.screen` reads its first line from stdin, a JSON object with `url`, `token`,
`value`, `speaks`, `seed` and `faults`, then one command a line: `leave`, `return` (another
connection, with another key) or `calm` (no more faults). It writes one JSON object a line.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from typing import TYPE_CHECKING, Any

from livekit import rtc

from tests.fakes.unreliable import Faults, UnreliableReceiver

if TYPE_CHECKING:
    from offmic.receiver import SecretReceived


class _Screen:
    def __init__(self, order: dict[str, Any]) -> None:
        self._url: str = order["url"]
        self._token: str = order["token"]
        self._value: str = order["value"]
        self._speaks: bool = order["speaks"]
        self._faults = Faults(**order["faults"])
        self._chance = random.Random(order["seed"])
        self._connection = 0
        self._room = rtc.Room()
        self._receiver: UnreliableReceiver | None = None

    async def obey(self, command: str) -> None:
        match command:
            case "leave":
                await self._leave()
            case "return":
                await self._come()
            case "calm":
                for name in ("drop", "delay", "duplicate", "mute", "deaf"):
                    setattr(self._faults, name, 0.0)
                self._tell("calm")

    async def _come(self) -> None:
        self._connection += 1
        self._room = rtc.Room()
        await self._room.connect(self._url, self._token)
        if self._speaks:
            microphone = rtc.LocalAudioTrack.create_audio_track("mic", rtc.AudioSource(48_000, 1))
            await self._room.local_participant.publish_track(microphone)
        self._receiver = UnreliableReceiver(
            self._room, self._on_secret, self._faults, self._chance, self._tell
        )
        await self._receiver.start()
        self._tell("up", key=self._receiver.key)

    async def _leave(self) -> None:
        if self._receiver is not None:
            await self._receiver.aclose()
            self._receiver = None
        await self._room.disconnect()
        self._tell("down")

    def _on_secret(self, secret: SecretReceived) -> None:
        right = secret.value == self._value
        self._tell("card", id=secret.id, once=secret.once, right=right, ttl_s=secret.ttl_s)

    def _tell(self, event: str, **more: Any) -> None:
        line = json.dumps({"event": event, "connection": self._connection, **more})
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


async def main() -> None:
    """Serve until stdin ends."""
    loop = asyncio.get_running_loop()
    screen = _Screen(json.loads(await loop.run_in_executor(None, sys.stdin.readline)))
    await screen.obey("return")
    while command := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        await screen.obey(command)
    await screen.obey("leave")


if __name__ == "__main__":
    asyncio.run(main())
