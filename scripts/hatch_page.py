"""Puts the built page into a wheel, where there is one; it must never build anything itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageHook(BuildHookInterface[Any]):
    """Adds `web/dist` as `offmic/page`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files, unless the package stays where its sources are."""
        page = Path(self.root) / "web" / "dist"
        if version != "editable" and page.is_dir():
            build_data["force_include"][str(page)] = "offmic/page"
