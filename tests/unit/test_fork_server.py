"""What job processes are forked off: begun early, it must give them what they would have had."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from livekit.agents.utils import http_context

from offmic import fork_server

if TYPE_CHECKING:
    import pytest

_FORKED = """
import multiprocessing, os, sys
from offmic import fork_server

def look(found):
    has_module = "email.mime.audio" in sys.modules
    found.put((has_module, os.environ["SAID"], os.environ["LIVEKIT_DEV_MODE"]))

if __name__ == "__main__":
    os.environ["SAID"] = "before"
    fork_server.begin(["email.mime.audio"], dev=True)
    context = multiprocessing.get_context("forkserver")
    # What the framework does later; it must not start another one.
    context.set_forkserver_preload([])
    found = context.Queue()
    job = context.Process(target=look, args=(found,))
    job.start()
    print(*found.get())
    job.join()
"""

_ENDLESS = """
import time
print("loads", end="", flush=True)
time.sleep(600)
"""

_ENDED = """
import os
from offmic import fork_server

if __name__ == "__main__":
    read_end, write_end = os.pipe()
    said = os.dup(1)
    os.dup2(write_end, 1)
    fork_server.begin(["endless"], dev=False)
    words = os.read(read_end, 16)
    fork_server.end()
    os.write(said, words)
"""


def test_jobs_find_the_modules_and_the_environment_of_the_beginning(
    tmp_path: Path,
) -> None:
    script = tmp_path / "forked.py"
    script.write_text(_FORKED)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout == "True before 1\n"


def test_it_ends_at_once_while_it_still_loads(tmp_path: Path) -> None:
    (tmp_path / "endless.py").write_text(_ENDLESS)
    script = tmp_path / "ended.py"
    script.write_text(_ENDED)
    # It has the pipe as well: the end of the output is its end.
    done = subprocess.run(
        [sys.executable, script],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "loads"


def test_jobs_find_certificates_where_the_system_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_context, "_has_system_trust_store", lambda: False)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.setenv(name, "")
    fork_server.catch_up()
    assert Path(os.environ["SSL_CERT_FILE"]).is_file()
