"""Two agents in one call: the second one gets the same vault and the same way to the screen."""

import sys

from livekit.agents import ChatContext, cli, function_tool

from offmic.agent import ConfidentialAgent
from offmic.call import Call
from offmic.secrets import Kind, Secret
from offmic.start import prepare


class Reception(ConfidentialAgent):
    """Knows the guest network and passes other things on."""

    def __init__(self, call: Call) -> None:
        super().__init__(call, instructions="You are the reception. The porter knows the doors.")

    async def on_enter(self) -> None:
        """Greet the caller."""
        self.session.say("Reception, hello.")

    @function_tool
    async def network_password(self) -> Secret:
        """Look up the password of the guest network."""
        return Secret("Maple-River-88", label="network password", kind=Kind.PASSWORD)

    @function_tool
    async def call_the_porter(self) -> tuple[ConfidentialAgent, str]:
        """Hand over to the porter."""
        return Porter(self.call, chat_ctx=self.chat_ctx), "Handing over."


class Porter(ConfidentialAgent):
    """Knows the doors, and what the reception has shown."""

    def __init__(self, call: Call, chat_ctx: ChatContext) -> None:
        super().__init__(
            call, instructions="You are the porter. You know the doors.", chat_ctx=chat_ctx
        )

    async def on_enter(self) -> None:
        """Greet the caller."""
        self.session.say("The porter here.")

    @function_tool
    async def cellar_code(self) -> Secret:
        """Look up the code of the cellar."""
        return Secret("5528", label="cellar code", kind=Kind.CODE)


if __name__ == "__main__":
    cli.run_app(prepare(sys.argv[1:], Reception))
