"""Keeps a call's history in order where the machine's clock steps back; it must lose no item.

The framework sorts by the wall clock: what is said after a step would stand before all the rest,
and the model would answer what was said long ago.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livekit.agents import AgentSession, llm


def keep_past(session: AgentSession[object], agent_items: list[llm.ChatItem]) -> None:
    """Date what was said before now, in the same order, where it is dated later.

    Args:
        session: whose history it is.
        agent_items: of its agent's own context.
    """
    items = {id(item): item for item in (*session.history.items, *agent_items)}.values()
    ahead_s = max((item.created_at for item in items), default=0.0) - time.time()
    if ahead_s > 0:
        for item in items:
            item.created_at -= ahead_s
