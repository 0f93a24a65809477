"""An agent whose tools leak wherever they can, for the tests of egress; never an example.

`python tests/fakes/careless.py dev` is a worker of its own.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from livekit.agents import cli, function_tool, get_job_context
from livekit.agents.telemetry import tracer

from offmic.assistant import FrontDesk
from offmic.secrets import Secret
from offmic.start import prepare
from tests.fakes.planted import REGISTERED, CarelessError, log_everything, write_everything


class Careless(FrontDesk):
    """The front desk with a tool that reveals, prints, logs, traces and breaks."""

    @function_tool
    async def spill(self) -> Secret:
        """Spill everything."""
        secret = Secret(REGISTERED, label="tool word", kind="password")
        values = [REGISTERED, *(s.reveal() for s in self.call.vault)]
        for value in dict.fromkeys(values):
            log_everything(value)
            await asyncio.to_thread(write_everything, value)
            with tracer.start_as_current_span("careless", attributes={"answer": value}) as span:
                span.add_event(f"saw {value}", {"it": [value]})
        loop = asyncio.get_running_loop()
        loop.call_soon(self._break, REGISTERED)
        lost = loop.create_future()
        lost.set_exception(CarelessError(f"never retrieved {REGISTERED}"))
        self._history = self.session.history
        get_job_context().add_shutdown_callback(self._write_report)
        return secret

    @function_tool
    async def stumble(self) -> str:
        """Fail with a value in the exception."""
        raise CarelessError(f"cannot open with {REGISTERED}")

    def _break(self, value: str) -> None:
        raise CarelessError(f"a callback had {value}")

    async def _write_report(self) -> None:
        report = get_job_context().make_session_report()
        Path("report.json").write_text(json.dumps(report.to_dict(), default=str))  # noqa: ASYNC240
        Path("history.json").write_text(json.dumps(self._history.to_dict()))  # noqa: ASYNC240
        logging.getLogger("careless").warning("the end of %s", REGISTERED)


if __name__ == "__main__":
    # Job processes look the agent up by its module's name.
    from tests.fakes.careless import Careless as Agent

    cli.run_app(prepare(sys.argv[1:], Agent))
