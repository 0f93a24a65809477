"""The front desk that tests call: a server, a worker, and the secrets of the sample file."""

from __future__ import annotations

import re
import tomllib
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.fakes.sfu import Sfu, running_sfu
from tests.fakes.worker import PROJECT, Worker, running_worker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from tests.fakes.openai_server import ScriptedModel

SECRETS_FILE: Final = PROJECT / "secrets.example.toml"
SETTINGS: Final = {"OFFMIC_SECRETS": str(SECRETS_FILE)}
_TABLES: Final = tomllib.loads(SECRETS_FILE.read_text())

VALUES: Final[dict[str, str]] = {name: table["value"] for name, table in _TABLES.items()}
LABELS: Final[dict[str, str]] = {name: table["label"] for name, table in _TABLES.items()}
WIFI: Final = VALUES["wifi-password"]
DOOR: Final = VALUES["door-code"]
MAGIC: Final = VALUES["magic-word"]


@dataclass(frozen=True)
class Desk:
    """A worker that serves every room of a server of its own."""

    sfu: Sfu
    worker: Worker

    def job_process(self, room: str) -> int:
        """Return the process id of the job that serves a room, as the worker's log names it."""
        lines = [line for line in self.worker.output.splitlines() if f'"room": "{room}"' in line]
        pids = {int(found[1]) for line in lines if (found := re.search(r'"pid": (\d+)', line))}
        pids.discard(self.worker.pid)
        assert len(pids) == 1, (room, pids)
        return pids.pop()


@asynccontextmanager
async def running_desk(
    settings: Mapping[str, str] | None = None, program: str = "main.py"
) -> AsyncIterator[Desk]:
    """Run a server and a worker with the sample secrets.

    Args:
        settings: what is set beside the server's address and the file of secrets.
        program: whose worker it is, from the project's root.
    """
    settings = SETTINGS | dict(settings or {})
    async with running_sfu() as sfu, running_worker(sfu, settings, program=program) as worker:
        yield Desk(sfu, worker)


def model_settings(model: ScriptedModel, more: str = "") -> dict[str, str]:
    """Return the settings that make a scripted model the assistant's.

    Args:
        model: what answers.
        more: what takes over when it fails, such as ",local".
    """
    return {"OFFMIC_LLM": f"openai/scripted{more}", "OPENAI_BASE_URL": model.url}
