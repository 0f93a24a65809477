"""Loads by being imported what job processes can share once they are forked: the intents.

For `AgentServer(preload_modules=["offmic.local.preload"])` alone. It must load no model: those have
a process of their own, `offmic.local.models`.
"""

from __future__ import annotations

from offmic.local import intents

intents.load()
