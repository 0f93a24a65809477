"""A voice assistant on LiveKit Agents that can know, use and show a secret, and never says it."""

from importlib.metadata import version

__version__ = version("offmic")
