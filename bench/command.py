"""The command line that all benches share; `--help` must never begin a measurement."""

from __future__ import annotations

import argparse


def command(name: str, doc: str | None) -> argparse.ArgumentParser:
    """Make the parser of `python -m NAME`, described by the first paragraph of its module.

    Args:
        name: the module's, such as `bench.turns`.
        doc: its docstring; the name before a colon, as in "`python -m bench.turns`: ...", is left
            out, since the usage line has it.
    """
    first = " ".join((doc or "").partition("\n\n")[0].split())
    return argparse.ArgumentParser(
        prog=f"python -m {name}", description=first.removeprefix(f"`python -m {name}`: ")
    )
