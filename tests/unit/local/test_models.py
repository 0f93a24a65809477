"""The process that holds the models for a worker's jobs: it answers, comes back, ends in time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import psutil
import pytest

from offmic import meeting_place
from offmic.local import chat, engines, voice
from offmic.local.models import Models

if TYPE_CHECKING:
    from collections.abc import Iterator

ROLES = ("llm", "stt", "tts")

# A worker that is killed cannot end its children: they have to notice.
_WORKER = """
import os, signal
from offmic.local import engines
from offmic.local.models import Models
from offmic.meeting_place import choose
place = choose()
place.announce()
Models(["tts"], place).start()
engines.load(["tts"])
print("ready", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def models() -> Iterator[Models]:
    with pytest.MonkeyPatch.context() as patch:
        for name in (meeting_place.SOCKET, meeting_place.KEY):
            patch.setenv(name, "")  # what `start` sets is taken back
        engines.shared.cache_clear()
        place = meeting_place.choose()
        place.announce()
        running = Models(ROLES, place)
        running.start()
        engines.load(ROLES)
        yield running
        running.close()
    engines.shared.cache_clear()


def children() -> list[psutil.Process]:
    found = psutil.Process().children()
    return [child for child in found if "offmic.local.models" in child.cmdline()]


@pytest.mark.usefixtures("models")
def test_jobs_hear_speak_and_chat_with_models_that_are_not_theirs() -> None:
    samples = engines.speak("What is the door code?")
    assert engines.holds_speech(samples, voice.SAMPLE_RATE)
    assert engines.transcribe(samples, voice.SAMPLE_RATE) == "What is the door code?"
    said: list[str] = []
    model = engines.chat_model()
    spent = model.reply(chat.compose([("user", "Hello!")]), said.append, threading.Event())
    assert "".join(said).strip()
    assert spent.completion > 0


@pytest.mark.usefixtures("models")
def test_a_process_that_was_killed_is_started_again() -> None:
    (before,) = children()
    before.kill()
    before.wait()
    engines.load(ROLES)
    assert engines.speak("Hello.").size > 0
    (after,) = children()
    assert after.pid != before.pid


@pytest.mark.usefixtures("models")
def test_signals_for_the_worker_do_not_end_it() -> None:
    (child,) = children()
    assert os.getpgid(child.pid) != os.getpgid(0)  # Ctrl-C reaches the foreground alone
    child.send_signal(signal.SIGTERM)
    child.send_signal(signal.SIGINT)
    assert engines.speak("Hello.").size > 0
    assert child.is_running()


def test_it_ends_with_its_worker_even_where_that_was_killed() -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", _WORKER], stdout=subprocess.PIPE, start_new_session=True
    )
    output, _ = worker.communicate(timeout=60)  # the models inherit the pipe: its end is theirs
    assert output == b"ready\n"
    assert worker.returncode == -signal.SIGKILL


def test_it_starts_without_the_framework_whose_import_would_cost_a_second() -> None:
    code = "import sys, offmic.local.models; sys.exit('livekit.agents' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
