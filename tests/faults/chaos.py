"""Delivers to screens that fail at random; it must account for every delivery that it began."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.fakes.deliveries import a_secret
from tests.fakes.unreliable import Faults

if TYPE_CHECKING:
    from random import Random

    from offmic.delivery import Delivery, RoomChannel
    from offmic.secrets import Secret
    from tests.fakes.screen_process import ScreenProcess

FAULTS: Final = Faults(drop=0.2, delay=0.4, duplicate=0.3, mute=0.2, deaf=0.15)
LASTING_S: Final = 600.0
"""Longer than any run: such a secret must be shown in the end."""
_SHORT_S: Final = (0.05, 6.0)
_BETWEEN_S: Final = 0.25
_SETTLE_S: Final = 30.0


@dataclass
class Chaos:
    """One run.

    Args:
        channel: the agent's.
        screens: the callers'; each is asked for in turn by `listen_to`.
        random: decides everything.
    """

    channel: RoomChannel
    screens: list[ScreenProcess]
    random: Random
    deliveries: list[Delivery] = field(default_factory=list)
    secrets: dict[str, Secret] = field(default_factory=dict)
    _calm: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, count: int) -> None:
        """Begin this many deliveries under faults, end the faults, wait for the outcomes."""
        storms = [asyncio.create_task(self._disturb(screen)) for screen in self.screens]
        try:
            while len(self.deliveries) < count:
                self._deliver()
                await asyncio.sleep(self.random.uniform(0, _BETWEEN_S))
        finally:
            self._calm.set()
            await asyncio.gather(*storms)
        # The same connections: what they missed has to be sent again.
        for screen in self.screens:
            await screen.calm()
        await asyncio.gather(*(delivery.settled(_SETTLE_S) for delivery in self.deliveries))

    def _deliver(self) -> None:
        screen = self.random.choice(self.screens)
        lasts = self.random.random() < 0.5
        self.channel._addressee = lambda: screen.identity  # noqa: SLF001 - who asks changes
        secret = a_secret(
            once=self.random.random() < 0.5,
            ttl_s=LASTING_S if lasts else self.random.uniform(*_SHORT_S),
        )
        delivery = self.channel.deliver(secret)
        self.deliveries.append(delivery)
        self.secrets[delivery.id] = secret

    async def _disturb(self, screen: ScreenProcess) -> None:
        while not self._calm.is_set():
            await asyncio.sleep(self.random.uniform(0.2, 2.0))
            await self._strike(screen)

    async def _strike(self, screen: ScreenProcess) -> None:
        pause_s = self.random.uniform(0, 2.0)
        match self.random.choice(["leave", "leave", "freeze", "freeze", "kill"]):
            case "leave":
                await screen.leave()
                await asyncio.sleep(pause_s)
                await screen.come_back()
            case "freeze":
                screen.freeze()
                await asyncio.sleep(pause_s)
                screen.thaw()
            case "kill":
                await screen.kill()
                await asyncio.sleep(pause_s)
                await screen.start()
