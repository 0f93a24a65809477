"""Whether the process that holds the models answers; a frozen one must not hold its worker up."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from contextlib import suppress
from typing import Final

_ANSWER_S: Final = 2.0


class ModelsProbe:
    """Asks the process that `offmic.local.models` started; without one there is nothing to ask."""

    def __init__(self) -> None:
        self._asking: threading.Thread | None = None

    async def answers(self) -> bool:
        """Return whether it answered just now."""
        if "offmic.local.models" not in sys.modules:
            return True
        if self._asking is not None and self._asking.is_alive():
            return False  # the question before this one is still open
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[bool] = loop.create_future()

        def settle(found: bool) -> None:
            if not answered.done():
                answered.set_result(found)

        def ask() -> None:
            found = _is_there()
            # Nobody waits any more where it took too long, or the worker is gone.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, found)

        # A thread of its own: a frozen process holds it for good, and the loop's pool is needed.
        self._asking = threading.Thread(target=ask, name="offmic-models-probe", daemon=True)
        self._asking.start()
        with suppress(TimeoutError):
            return await asyncio.wait_for(answered, _ANSWER_S)
        return False


def _is_there() -> bool:
    from offmic.local.wire import Caller, ModelsGoneError
    from offmic.meeting_place import KEY, SOCKET

    try:
        Caller(os.environ[SOCKET], bytes.fromhex(os.environ[KEY])).wait(0)
    except ModelsGoneError:
        return False
    return True
