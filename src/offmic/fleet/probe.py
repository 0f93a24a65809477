"""`python -m offmic.fleet.probe live|ready`: the worker's own answer, where its port is loopback.

It imports next to nothing: an orchestrator runs it every few seconds.
"""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from typing import Final

_TIMEOUT_S: Final = 4.0


def main(arguments: list[str]) -> int:
    """Ask; return 0 for yes, 1 for no or no answer, 2 for a wrong question."""
    if arguments not in (["live"], ["ready"]):
        sys.stderr.write("usage: python -m offmic.fleet.probe live|ready\n")
        return 2
    port = os.environ.get("OFFMIC_PORT") or "8081"
    address = f"http://127.0.0.1:{port}/{arguments[0]}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=_TIMEOUT_S) as answer:
            return int(answer.status != 200)
    except urllib.error.HTTPError as error:
        with error:
            sys.stderr.write(error.read(1000).decode(errors="replace") + "\n")
    except OSError:
        sys.stderr.write(f"no worker answers at {address}\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
