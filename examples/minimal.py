"""An agent of one's own: `python examples/minimal.py dev`, or `console`."""

import sys

from livekit.agents import cli, function_tool

from offmic.agent import ConfidentialAgent
from offmic.call import Call
from offmic.secrets import Kind, Secret
from offmic.start import prepare

LOCKERS = {1: "7350", 2: "4821"}


class Lockers(ConfidentialAgent):
    """Shows the codes of lockers."""

    def __init__(self, call: Call) -> None:
        super().__init__(call, instructions="You help people with their lockers. Be brief.")

    async def on_enter(self) -> None:
        """Greet the caller."""
        self.session.say("Hello, which locker is yours?")

    @function_tool
    async def locker_code(self, number: int) -> Secret:
        """Look up the code of a locker."""
        return Secret(LOCKERS[number], label=f"code of locker {number}", kind=Kind.CODE)


if __name__ == "__main__":
    cli.run_app(prepare(sys.argv[1:], Lockers))
