"""Does the guard's work with Presidio's analyzer and with a sentence buffer, on the same text.

No model can be downloaded here, so Presidio gets spaCy's blank English pipeline: its patterns and
checksums work, its names of persons and places do not, which makes it faster than it would be.
"""

from __future__ import annotations

import importlib.util
import logging
import re
import time
from typing import TYPE_CHECKING, Any

from bench.command import command
from bench.guard_speed import SIZE, shares, values
from bench.guard_texts import SENTENCES, sets
from offmic.guard import Guard
from tests.fakes.guarding import vault_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PASSES = 5
_END = re.compile(r"[.!?]\s")


def cost_us(run: Callable[[str], object], texts: Sequence[str], passes: int = PASSES) -> float:
    """Microseconds for all texts: the best of several passes."""
    best = float("inf")
    for _ in range(passes):
        begun = time.perf_counter_ns()
        for text in texts:
            run(text)
        best = min(best, (time.perf_counter_ns() - begun) / 1000)
    return best


def presidio() -> Callable[[str], object] | None:
    """Return Presidio's analysis of a text; nothing where it is not installed."""
    if importlib.util.find_spec("presidio_analyzer") is None:
        return None
    # Both come with the dependency group `bench` alone.
    import spacy
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    nlp: Any = SpacyNlpEngine()
    nlp.nlp = {"en": spacy.blank("en")}
    engine = AnalyzerEngine(nlp_engine=nlp, supported_languages=["en"])
    return lambda text: engine.analyze(text, language="en")


def stream(guard: Guard, text: str) -> None:
    for at in range(0, len(text), SIZE):
        guard.feed(text[at : at + SIZE])
    guard.flush()


def at_once(guard: Guard, text: str) -> None:
    guard.feed(text)
    guard.flush()


def first_us(run: Callable[[Guard, str], None], texts: Sequence[str]) -> float:
    """Microseconds for all texts in a call that has heard none of them; the best of three."""
    best = float("inf")
    for _ in range(3):
        guard = Guard(vault_of(**values(100)))
        guard.feed("")
        best = min(best, cost_us(lambda text, g=guard: run(g, text), texts, 1))  # type: ignore[misc]
    return best


def rescan(analyse: Callable[[str], object], text: str) -> None:
    """Look at all there is of the turn after each chunk, as a stateless analyzer has to."""
    for end in range(SIZE, len(text) + SIZE, SIZE):
        analyse(text[:end])


def sentence_buffer(guard: Guard) -> None:
    """Feed the same guard whole sentences, in chunks of four that wait for a sentence's end."""
    text, buffer, begun = " ".join(SENTENCES), "", 0
    held, costs = [], []
    for at in range(0, len(text), SIZE):
        buffer += text[at : at + SIZE]
        begun = time.perf_counter_ns()
        if end := _END.search(buffer):
            guard.feed(buffer[: end.end()])
            guard.flush()
            buffer = buffer[end.end() :]
        costs.append((time.perf_counter_ns() - begun) / 1000)
        held.append(float(len(buffer)))
    p50, p95, _ = shares(held)
    worst = shares(costs)[2]
    print(f"sentence buffer over the same patterns: held back p50 {p50:.0f}, p95 {p95:.0f}"
          f" characters; p99 {worst:.0f} us a chunk, all of a sentence at its end")  # fmt: skip


def measure() -> None:
    guard = Guard(vault_of(**values(100)))
    guard.feed("")
    guard.flush()
    sentence_buffer(guard)
    analyse = presidio()
    if analyse is None:
        print("Presidio: not installed; `make bench` installs it")
        return
    print("Presidio (blank spaCy pipeline) beside the guard, microseconds a text; in brackets the"
          " guard in a call that has not heard the text before")  # fmt: skip
    for name, texts in sets().items():
        compare(name, guard, analyse, texts)


def compare(
    name: str, guard: Guard, analyse: Callable[[str], object], texts: Sequence[str]
) -> None:
    """Print how many times as fast the guard is, in each way to look at it."""
    whole, count = cost_us(lambda text: at_once(guard, text), texts), len(texts)
    streamed = cost_us(lambda text: stream(guard, text), texts)
    theirs = cost_us(analyse, texts)
    again = cost_us(lambda text: rescan(analyse, text), texts, 1)
    first, first_streamed = first_us(at_once, texts), first_us(stream, texts)
    print(f"{name:10} given whole to both: {theirs / count:6.0f} / {whole / count:5.1f} us,"
          f" {theirs / whole:5.1f} times as fast ({theirs / first:.1f})")  # fmt: skip
    print(f"{name:10} in chunks of four, looked at again after each: {again / count:6.0f} /"
          f" {streamed / count:5.1f} us, {again / streamed:5.1f} times"
          f" ({again / first_streamed:.1f})")  # fmt: skip
    print(f"{name:10} whole to Presidio, chunks to the guard: {theirs / streamed:5.1f} times"
          f" ({theirs / first_streamed:.1f})")  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the costs."""
    command("bench.guard_rivals", __doc__).parse_args(arguments)
    measure()


if __name__ == "__main__":
    main()
