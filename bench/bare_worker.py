"""A worker of the framework that does nothing, to be compared with; it must never take a call."""

from __future__ import annotations

from livekit.agents import AgentServer, JobContext, cli

server = AgentServer(host="127.0.0.1")


@server.rtc_session()
async def entrypoint(job: JobContext) -> None:
    """Leave at once."""
    job.shutdown("this worker serves nobody")


if __name__ == "__main__":
    cli.run_app(server)
