"""The worker's command line: `python main.py dev | start | console | download-files`."""

import sys

from livekit.agents import cli

from offmic.start import prepare

if __name__ == "__main__":
    cli.run_app(prepare(sys.argv[1:]))
