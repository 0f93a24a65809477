"""The built page's files, read once; a request must never reach the file system."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from offmic.errors import MissingPartError

_INDEX: Final = "index.html"
# Beside this module where the package was installed, in the project's folder where it was not.
_INSTALLED: Final = Path(__file__).parent / "page"
_BUILT: Final = Path(__file__).parents[2] / "web" / "dist"


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file of the page.

    Args:
        content: its bytes.
        media_type: what it is, such as `text/html`.
        is_immutable: its name changes with its content, so it may be kept for ever.
    """

    content: bytes
    media_type: str
    is_immutable: bool


def load_page(folder: Path | None = None) -> dict[str, PageFile]:
    """Read the page.

    Args:
        folder: where it is; where it was installed or built if that is None.

    Returns:
        Its files by their path in a URL; the start page is `/`.

    Raises:
        MissingPartError: it was not built.
    """
    if folder is None:
        folder = _INSTALLED if (_INSTALLED / _INDEX).is_file() else _BUILT
    if not (folder / _INDEX).is_file():
        raise MissingPartError("the web page is not built: run `make setup`, which needs npm")
    page: dict[str, PageFile] = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            name = file.relative_to(folder).as_posix()
            media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
            path = "/" if name == _INDEX else f"/{name}"
            page[path] = PageFile(file.read_bytes(), media_type, name.startswith("assets/"))
    return page
