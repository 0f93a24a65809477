"""The console script `offmic`; it must never print a traceback for what its user can mend."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, NoReturn

from offmic.errors import OffmicError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand.

    Args:
        argv: the arguments; the process's own where None.

    Returns:
        The exit code: 0, 1 where the command found something amiss, 2 for bad input.
    """
    parser = _Parser(prog="offmic", description="A voice assistant that never says a secret.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    # Each command is imported when it is called: most of them load a lot.
    from offmic import call_command, serve
    from offmic.audit import command as audit_command
    from offmic.fleet import watch_command

    call_command.add_arguments(
        commands.add_parser("call", help="join a room, speak or type, print what comes back")
    )
    serve.add_arguments(
        commands.add_parser("serve", help="the web page and its token endpoint, on this machine")
    )
    commands.add_parser("guard", help="the guard as a filter: JSON lines in, JSON lines out")
    watch_command.add_arguments(
        commands.add_parser(
            "watch", help="where an agent died in mid-call, dispatch another one (needs Redis)"
        )
    )
    audit_command.add_arguments(
        commands.add_parser("audit", help="play leak attacks on an agent and search every sink")
    )
    commands.add_parser("doctor", help="say what is missing and the command that mends it")
    arguments = parser.parse_args(argv)
    try:
        if arguments.command == "call":
            return call_command.run(arguments)
        if arguments.command == "serve":
            return serve.run(arguments)
        if arguments.command == "audit":
            return audit_command.run(arguments)
        if arguments.command == "guard":
            from offmic import filter as guard_filter

            return guard_filter.run(sys.stdin.buffer, sys.stdout.buffer)
        if arguments.command == "watch":
            return watch_command.run(arguments)
        from offmic import doctor

        return doctor.run([])
    except OffmicError as error:
        sys.stderr.write(f"offmic: {error}\n")
        return 2


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; subcommands' parsers are made of the same class."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")
