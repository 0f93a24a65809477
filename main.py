"""The worker's command line: `python main.py dev | start | console | download-files`."""

import sys

from offmic.start import prepare

if __name__ == "__main__":
    server = prepare(sys.argv[1:])
    from livekit.agents import cli  # late: the worker's other processes load meanwhile

    cli.run_app(server)
