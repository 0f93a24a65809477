"""Makes the on-device parts known to the framework as a plugin; it must never load a model.

Imported on the main thread, as every plugin of the framework.
"""

from __future__ import annotations

import logging
from importlib.metadata import version

from livekit.agents import Plugin


class LocalPlugin(Plugin):
    """The on-device recogniser and voice; there is nothing to download."""

    def __init__(self) -> None:
        super().__init__(
            "offmic.local",
            version("offmic"),
            "offmic.local.parts",
            logging.getLogger("offmic.local"),
        )


Plugin.register_plugin(LocalPlugin())
