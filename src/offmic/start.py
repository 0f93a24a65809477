"""What happens before the framework's command line: settings, parts and server are looked at first.

Whatever is wrong gets one line and exit code 2; a traceback here is a defect.
"""

from __future__ import annotations

import itertools
import os
import sys
from typing import TYPE_CHECKING, Final

from offmic.errors import OffmicError, ServerUnreachableError
from offmic.settings import apply_to_environ, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from livekit.agents import Agent, AgentServer

    from offmic.call import Call
    from offmic.settings import Settings

_OPTIONS: Final = {
    "--url": "LIVEKIT_URL",
    "--api-key": "LIVEKIT_API_KEY",
    "--api-secret": "LIVEKIT_API_SECRET",
}
_SERVING: Final = frozenset({"dev", "start", "connect"})
_COMMANDS: Final = _SERVING | {"console"}


def prepare(arguments: list[str], make_agent: Callable[[Call], Agent] | None = None) -> AgentServer:
    """Check everything that can be wrong before a start, and make the worker.

    Args:
        arguments: the command line without the program's name.
        make_agent: makes the agent of a call, such as a class of yours; the front desk where it
            is None.

    Returns:
        The worker, for `cli.run_app`.

    Raises:
        SystemExit: with code 2, after one line that says what is wrong and the mend.
    """
    try:
        settings = load_settings({**os.environ, **_options(arguments)})
        apply_to_environ(settings)
        runs = bool(_COMMANDS.intersection(arguments)) and "--help" not in arguments
        serves = runs and bool(_SERVING.intersection(arguments))
        if serves:
            _begin(settings, arguments)
        elif runs:
            _check(settings, arguments)
        return _build(settings, make_agent, arguments, serves=serves)
    except OffmicError as error:
        print(f"offmic: {error}", file=sys.stderr)  # noqa: T201 - this is the command line
    raise SystemExit(2)


def _check(settings: Settings, arguments: list[str]) -> None:
    from offmic import providers
    from offmic.console import check_sound
    from offmic.egress.report import recording
    from offmic.preflight import check_server
    from offmic.secrets.sources import load_secrets

    if "--record" in arguments:
        recording({"audio": True})
    check_sound(arguments)
    load_secrets(settings)
    providers.check(settings)
    if "console" in arguments and "LIVEKIT_URL" not in settings.given:
        return  # the console talks to no server; one that was named must be there all the same
    try:
        check_server(settings)
    except ServerUnreachableError as error:
        if "start" not in arguments:
            raise
        print(f"offmic: {error}; trying on", file=sys.stderr)  # noqa: T201 - as above


def _begin(settings: Settings, arguments: list[str]) -> None:
    """Start the worker's other processes, which load while this one checks and imports."""
    from offmic import fork_server, metrics, providers

    place = providers.choose_place(settings)
    metrics.share_folder()
    fork_server.begin(providers.preloads(settings), dev="dev" in arguments)
    try:
        _check(settings, arguments)
    except BaseException:
        fork_server.end()
        raise
    if place is not None:
        providers.share_models(settings, place)


def _build(
    settings: Settings,
    make_agent: Callable[[Call], Agent] | None,
    arguments: list[str],
    *,
    serves: bool,
) -> AgentServer:
    # Late: the framework's import is most of a start, and a wrong setting must not wait for it.
    from offmic.fork_server import load_certificates
    from offmic.sight import show_turns
    from offmic.worker import build_server

    if "dev" in arguments:
        show_turns()
    server = build_server(settings, make_agent) if make_agent else build_server(settings)
    if serves:
        # While the others still load: before registering, the loop would stand still for it.
        load_certificates()
    return server


def _options(arguments: list[str]) -> dict[str, str]:
    given = dict(itertools.pairwise(arguments))
    given |= dict(a.split("=", 1) for a in arguments if "=" in a)  # --url=...
    return {name: given[option] for option, name in _OPTIONS.items() if option in given}
