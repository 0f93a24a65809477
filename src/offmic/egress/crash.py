"""What a process writes when it breaks; no value may stand in it, nor in a dump of memory."""

from __future__ import annotations

import os
import resource
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any

from offmic.metrics import Sink

if TYPE_CHECKING:
    from offmic.egress.redactor import Redactor

_DUMP: str = "LK_DUMP_STACK_TRACES"
"""Makes the framework write the texts of exceptions to files, on a signal."""


def install(redactor: Redactor) -> None:
    """Look through uncaught exceptions of every thread; let no dump of memory be written."""

    def report(kind: Any, error: Any, trace: Any) -> None:
        lines = traceback.format_exception(kind, error, trace)
        sys.stderr.write(redactor.text("".join(lines), Sink.STDERR).rstrip("\n") + "\n")

    def report_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_type is not SystemExit:
            report(args.exc_type, args.exc_value, args.exc_traceback)

    def report_unraisable(args: Any) -> None:
        report(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = report
    threading.excepthook = report_thread
    sys.unraisablehook = report_unraisable
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    os.environ[_DUMP] = "0"
