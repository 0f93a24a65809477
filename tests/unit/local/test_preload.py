"""What is loaded before job processes are forked works in them."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

_FORKED: Final = """
import os, sys
import offmic.local.preload
from offmic.local import recogniser, voice
if recogniser._loaded is None or voice._loaded is None:
    sys.exit("nothing was loaded before the fork")
child = os.fork()
if child == 0:
    samples = voice.speak("What is the door code?")
    heard = recogniser.transcribe(samples, voice.SAMPLE_RATE)
    os._exit(0 if heard == "What is the door code?" else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_forked_process_hears_and_speaks_with_the_models_of_its_parent() -> None:
    done = subprocess.run([sys.executable, "-c", _FORKED], timeout=60, check=False)
    assert done.returncode == 0
