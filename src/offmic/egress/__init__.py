"""The third line of defence: what leaves a process is looked through; it must hold alone.

Logs, standard output, traces, reports and crash output pass here, whoever wrote them: the project,
the framework, a provider's library or the application. It happens in the job process, because the
vault is there and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from offmic.egress import crash, logs, streams
from offmic.egress.redactor import Redactor

if TYPE_CHECKING:
    from offmic.secrets import Vault

_REDACTORS: list[Redactor] = []


def install(*, own_streams: bool, framework: bool = True) -> Redactor:
    """Look through all that leaves this process from now on; done once, however often asked.

    Args:
        own_streams: standard output and error are this process's alone. They are not where a
            terminal shows secrets to the one who asked.
        framework: livekit-agents runs in this process, and so its traces and reports are made.

    Returns:
        What looks through it.
    """
    if not _REDACTORS:
        redactor = Redactor()
        logs.install(redactor)
        crash.install(redactor)
        if framework:
            # Late: a process without it need not import it.
            from offmic.egress import report, traces

            traces.install(redactor)
            report.install(redactor)
        if own_streams:
            streams.install(redactor)
        _REDACTORS.append(redactor)
    return _REDACTORS[0]


def watch(vault: Vault) -> None:
    """Keep back every value that this vault holds or will hold, until the process ends."""
    for redactor in _REDACTORS:
        redactor.watch(vault)
