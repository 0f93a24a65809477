"""`offmic watch`: runs a watcher until a signal; two of them are one too many for no room."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from offmic.errors import SettingError
from offmic.preflight import check_server
from offmic.settings import load_settings

if TYPE_CHECKING:
    import argparse

    from offmic.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `offmic watch` takes."""
    parser.add_argument(
        "--webhooks",
        type=int,
        metavar="PORT",
        help="take the SFU's webhooks on this port: agents that leave are missed sooner",
    )


def run(arguments: argparse.Namespace) -> int:
    """Watch the rooms of OFFMIC_REDIS_URL.

    Returns:
        The exit code: 0 after a signal.

    Raises:
        SettingError: there is no Redis to watch.
        OffmicError: no SFU answers, or it refuses the key.
    """
    settings = load_settings()
    if settings.redis_url is None:
        raise SettingError(
            "OFFMIC_REDIS_URL is missing: set it, here and for every worker, to the Redis where "
            "they agree who serves a room, such as redis://127.0.0.1:6379"
        )
    check_server(settings)
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    asyncio.run(_watch(settings, settings.redis_url, arguments.webhooks))
    return 0


async def _watch(settings: Settings, redis_url: str, webhooks: int | None) -> None:
    # Late: other commands need none of it.
    from livekit import api

    from offmic.fleet.register import open_register
    from offmic.fleet.watch import Watcher
    from offmic.fleet.webhooks import receiving

    log = logging.getLogger("offmic.watch")
    async with AsyncExitStack() as stack:
        register = await stack.enter_async_context(open_register(redis_url))
        livekit = await stack.enter_async_context(
            api.LiveKitAPI(
                settings.livekit_url, settings.livekit_api_key, settings.livekit_api_secret
            )
        )
        watcher = Watcher(register, livekit)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, watcher.stop)
        if webhooks is not None:
            port = await stack.enter_async_context(receiving(settings, webhooks, watcher.suspect))
            log.info("taking webhooks on port %d", port)
        log.info("watching")
        await watcher.run()
