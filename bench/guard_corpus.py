"""Measures the guard on rows of text: leaks, over-blocks, captured values and kept words.

The rows are looked for in the folders that OFFMIC_CORPUS names; `--show` prints what went wrong.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.command import command
from offmic.guard import Guard, Phrasing, SecretDiverted
from offmic.guard.forms import skeleton
from offmic.guard.typed import typed
from offmic.secrets import Secret, Vault

if TYPE_CHECKING:
    from collections.abc import Sequence

TIERS = ("core", "vault", "extended")
SAID = {"phone", "email", "ip"}


class Outcome(NamedTuple):
    spoken: str
    transcript: str
    diverted: list[SecretDiverted]


def play(text: str, values: list[str], size: int = 4) -> Outcome:
    vault = Vault()
    for value in values:
        vault.adopt(Secret(value, "value"))
    guard, phrasing = Guard(vault), Phrasing()
    chunks = [text[at : at + size] for at in range(0, len(text), size)]
    segments = [s for chunk in chunks for s in guard.feed(chunk)] + guard.flush()
    phrased = phrasing.take(segments)
    diverted = [s for s in segments if isinstance(s, SecretDiverted)]
    return Outcome(phrased.spoken, phrased.transcript, diverted)


def leaked(value: str, around: str, outcome: Outcome) -> bool:
    """Half of the value, at least four characters, went on, and stands nowhere else in the row."""
    size = max(4, (len(value) + 1) // 2)
    runs = {value[at : at + size].lower() for at in range(max(1, len(value) - size + 1))}
    heard = (outcome.spoken + "\n" + outcome.transcript).lower()
    return any(run in heard and run not in around for run in runs)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def without_spans(row: dict[str, Any]) -> str:
    around: str = row["text"]
    for span in sorted(row["spans"], key=lambda s: -s["start"]):
        around = around[: span["start"]] + " " + around[span["end"] :]
    return around


class Score:
    def __init__(self, *, show: bool) -> None:
        self.counts: Counter[str] = Counter()
        self.show = show

    def add(self, row: dict[str, Any]) -> None:
        tier = row["tier"]
        spans = [s for s in row["spans"] if tier == "policy" or s["kind"] not in SAID]
        values = [s.get("canonical") or s["value"] for s in spans]
        outcome = play(row["text"], values if tier == "vault" else [])
        around = without_spans(row)
        for span, value in zip(spans, values, strict=True):
            wanted = {skeleton(value), skeleton(typed(span["value"]))}
            hits = [d for d in outcome.diverted if skeleton(d.value) in wanted]
            leak = leaked(span["value"], around.lower(), outcome)
            kind = tier == "vault" or any(d.kind == span["kind"] for d in hits)
            self.counts[tier] += 1
            self.counts[f"{tier} leak"] += leak
            self.counts[f"{tier} right"] += bool(hits)
            self.counts[f"{tier} kind"] += bool(hits) and kind
            if self.show and tier in TIERS and (leak or not hits or not kind):
                name = "LEAK" if leak else "WRONG" if not hits else f"KIND {span['kind']}"
                print(row["id"], tier, name, repr(row["text"][:110]), "->",
                      repr(outcome.spoken[:90]), [(d.kind.value, d.value[:40], d.via.value, d.label)
                                                  for d in outcome.diverted])  # fmt: skip
        if tier in TIERS:
            self._count_words(row, around, outcome)

    def _count_words(self, row: dict[str, Any], around: str, outcome: Outcome) -> None:
        words = Counter(re.findall(r"\w+", around))
        kept = sum((words & Counter(re.findall(r"\w+", outcome.spoken))).values())
        self.counts["words"] += words.total()
        self.counts["kept"] += kept
        if self.show and words.total() - kept > 1:
            print("  KEPT", row["id"], repr(row["text"][:110]), "->", repr(outcome.spoken[:100]))

    def tell(self) -> None:
        for tier in (*TIERS, "policy"):
            count = self.counts[tier]
            shares = [f"{name} {self.counts[f'{tier} {name}'] / max(1, count):6.1%}"
                      for name in ("leak", "right", "kind")]  # fmt: skip
            print(f"{tier:9}", *shares, "of", count)
        print(f"words around kept {self.counts['kept'] / max(1, self.counts['words']):6.1%}")


def measure_clean(found: list[dict[str, Any]], *, show: bool) -> None:
    blocked = 0
    for row in found:
        outcome = play(row["text"], [])
        if outcome.spoken != row["text"]:
            blocked += 1
            if show:
                print(row["id"], "OVER", row["trap"], repr(row["text"][:110]), "->",
                      repr(outcome.spoken[:110]))  # fmt: skip
    print(f"clean     over-block {blocked / len(found):6.1%} of {len(found)}")


def measure(*, show: bool) -> None:
    folders = [f for f in os.environ.get("OFFMIC_CORPUS", "").split(os.pathsep) if f]
    if not folders:
        print("rows: none, since OFFMIC_CORPUS names no folder with leaky.jsonl and clean.jsonl")
    for folder in map(Path, folders):
        print(f"rows of {folder.name}")
        score = Score(show=show)
        for row in rows(folder / "leaky.jsonl"):
            score.add(row)
        score.tell()
        measure_clean(rows(folder / "clean.jsonl"), show=show)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the rates."""
    parser = command("bench.guard_corpus", __doc__)
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    measure(show=parser.parse_args(arguments).show)


if __name__ == "__main__":
    main()
