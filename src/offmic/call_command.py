"""`offmic call`: a caller from the terminal; it must never print a secret without marking it."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from offmic.caller import Caller
    from offmic.settings import Settings

_ANSWER_TIMEOUT_S: Final = 60.0
_GREETING_TIMEOUT_S: Final = 4.0


@dataclass(frozen=True)
class Say:
    """Speak a text."""

    text: str


@dataclass(frozen=True)
class Play:
    """Play a WAV file."""

    path: str


@dataclass(frozen=True)
class Type:
    """Type a text."""

    text: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `offmic call` takes; `acts` keeps the order in which they were given."""
    parser.add_argument("--room", required=True, type=_word, help="the room to join")
    parser.add_argument("--identity", type=_word, help="who to be (made up unless given)")
    for option, act, shown, does in (
        ("--say", Say, "TEXT", "speak this"),
        ("--wav", Play, "FILE", "play this WAV file"),
        ("--type", Type, "TEXT", "type this to the agent"),
    ):
        parser.add_argument(
            option, dest="acts", action="append", type=act, metavar=shown, help=does, default=[]
        )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument(
        "--save-audio", type=Path, metavar="FILE", help="write what the agent said as WAV"
    )
    parser.add_argument(
        "--wait", type=_seconds, default=30.0, metavar="S", help="how long to wait for an agent"
    )


def run(arguments: argparse.Namespace) -> int:
    """Make the call.

    Returns:
        0, or 1 where no agent came, it did not answer, or it left.

    Raises:
        OffmicError: a file, a setting or the server is wrong.
    """
    # Late, here and below: these take a while to load, and `--help` needs none of them.
    import numpy as np

    from offmic.caller_audio import EAR_HZ, read_wav, write_wav
    from offmic.preflight import check_server
    from offmic.settings import load_settings

    for act in arguments.acts:
        if isinstance(act, Play):
            read_wav(Path(act.path))
    if arguments.save_audio is not None:
        write_wav(arguments.save_audio, np.zeros(0, np.int16), EAR_HZ)
    settings = load_settings()
    check_server(settings)
    # The client's own log would stand between the lines of the call.
    logging.getLogger("livekit").addHandler(logging.NullHandler())
    logging.getLogger("livekit").propagate = False
    try:
        return asyncio.run(_call(arguments, settings))
    except KeyboardInterrupt:
        return 0


async def _call(arguments: argparse.Namespace, settings: Settings) -> int:
    from offmic.caller import Caller, CallerError
    from offmic.caller_audio import EAR_HZ, write_wav

    acts = arguments.acts
    speaks = not acts or any(isinstance(act, Say | Play) for act in acts)
    caller = Caller(
        settings.livekit_url,
        settings.livekit_api_key,
        settings.livekit_api_secret,
        arguments.room,
        identity=arguments.identity,
        agent_name=settings.agent_name,
        microphone=speaks,
        record=arguments.save_audio is not None,
        on_event=_print_json if arguments.json else _print_line,
    )
    try:
        await caller.connect()
        await _converse(caller, acts, arguments.wait)
    except _UnansweredError as unanswered:
        caller.report(str(unanswered))
        return 1
    except CallerError:
        # Its event, already printed, says why; without one the call was never made.
        if not caller.events:
            raise
        return 1
    finally:
        await caller.aclose()
        if arguments.save_audio is not None:
            write_wav(arguments.save_audio, caller.agent_audio, EAR_HZ)
    return 0


async def _converse(caller: Caller, acts: list[Say | Play | Type], wait_s: float) -> None:
    try:
        await caller.wait_for_agent(wait_s)
    except TimeoutError:
        raise _UnansweredError(
            f"no agent came within {wait_s:g} s: is a worker running (`make run`), and is its "
            "OFFMIC_AGENT_NAME the one set here?"
        ) from None
    if not acts:
        await caller.wait_until_over()
        return
    await _let_greet(caller)
    for act in acts:
        since = len(caller.events)
        match act:
            case Say(text=text):
                await caller.say(text)
            case Play(path=path):
                await caller.play(Path(path))
            case Type(text=text):
                await caller.type(text)
        try:
            await caller.wait_until_answered(since, _ANSWER_TIMEOUT_S)
        except TimeoutError:
            raise _UnansweredError(f"no answer within {_ANSWER_TIMEOUT_S:g} s") from None


async def _let_greet(caller: Caller) -> None:
    # An agent that does not greet is spoken to after a moment.
    with suppress(TimeoutError):
        await caller.wait_for(caller.has_spoken, _GREETING_TIMEOUT_S)
    with suppress(TimeoutError):
        await caller.wait_until_idle(_ANSWER_TIMEOUT_S)


class _UnansweredError(Exception):
    pass


def _print_json(event: dict[str, Any]) -> None:
    _write(json.dumps(event, ensure_ascii=False))


def _print_line(event: dict[str, Any]) -> None:
    match event["event"]:
        case "transcript":
            _write(f"{_printable(event['who']):>7}: {_printable(event['text'])}")
        case "spoke" if event["by"] == "keyboard":
            # What was spoken comes back as the agent heard it; what was typed does not.
            _write(f"    you: {_printable(event['text'])}")
        case "secret":
            often = "shown once" if event["once"] else f"for {event['ttl_s']:.0f} s"
            _write(f" SECRET: {_printable(event['label'])} ({often}, on this screen only)")
            for line in event["value"].split("\n"):
                _write(f"       | {_printable(line)}")
        case "error":
            _write(f"  error: {_printable(event['text'])}")


def _printable(text: str) -> str:
    """Return the text with what could move the cursor or change colours made visible."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _word(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("must not be empty")
    return text


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError("must be a number of seconds above 0")
    return seconds
