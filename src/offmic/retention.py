"""Forgets what was made in a call when nobody needs it; it must never forget what may yet be shown.

A value is needed while a delivery of it is open, and while its time runs: until then a screen may
show it, a reloaded page is sent it again, "say it again" means it, and the caller may read it
aloud, which only a guard that knows it can catch. What the caller told and what stands in the file
of secrets stays until the call is over.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from offmic.delivery import Delivery
    from offmic.secrets import Secret, Vault

_AGAIN_S: Final = 1.0


class Retention:
    """Watches over the deliveries of one call.

    Args:
        vault: of the call.
        on_forget: called with each value that the vault has just forgotten.
    """

    def __init__(self, vault: Vault, on_forget: Callable[[str], None]) -> None:
        self._vault = vault
        self._on_forget = on_forget
        self._running: defaultdict[str, set[asyncio.TimerHandle]] = defaultdict(set)

    def note(self, secret: Secret, delivery: Delivery) -> None:
        """Count the time of a delivery that has just begun; call it on the event loop."""
        if not self._vault.keeps(secret.reveal()):
            self._look_after(secret.ttl_s, secret.reveal(), delivery)

    def close(self) -> None:
        """Forget nothing more; the vault is cleared with its call."""
        for timers in self._running.values():
            for timer in timers:
                timer.cancel()
        self._running.clear()

    def _look_after(self, delay_s: float, value: str, delivery: Delivery) -> None:
        def look() -> None:
            self._running[value].discard(timer)
            if not delivery.final:
                # Its own clock began a moment earlier; a busy machine may still have to read it.
                self._look_after(_AGAIN_S, value, delivery)
            elif not self._running[value]:
                del self._running[value]
                self._forget(value)

        timer = asyncio.get_running_loop().call_later(delay_s, look)
        self._running[value].add(timer)

    def _forget(self, value: str) -> None:
        # The caller may have said it since.
        if not self._vault.keeps(value):
            self._vault.forget(value)
            self._on_forget(value)
