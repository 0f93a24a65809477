"""Scripts for the model that several tests play; a script must never hold a test's verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offmic.audit.completions import Calls, Says, text_of
from offmic.secrets.secret import HANDLE
from tests.fakes.openai_server import Request, Step

if TYPE_CHECKING:
    from collections.abc import Iterable


def handles(request: Request) -> list[str]:
    """Return the handles that tools gave to the model, oldest first."""
    results = [text_of(m) for m in request.messages if m["role"] == "tool"]
    return [found[0] for text in results for found in HANDLE.finditer(text)]


def user_says(*words: str) -> Step:
    """Return a step for when the newest message is the user's and holds one of these words."""
    return Step(
        " or ".join(words),
        lambda r: r.last_role == "user" and any(w in r.last_text.casefold() for w in words),
        Says([]),
    )


def looks_up(step: Step, name: str) -> Step:
    """Let the model answer this step by looking a secret up."""
    return calls(step, "look_up_secret", name=name)


def calls(step: Step, tool: str, **arguments: object) -> Step:
    """Let the model answer this step by calling a tool."""
    step.answer = Calls(tool, arguments)
    return step


def says(step: Step, *chunks: str) -> Step:
    """Let the model answer this step with these chunks."""
    step.answer = Says(chunks)
    return step


def repeats_handle(before: str, after: str) -> Step:
    """Return a step in which the model puts what the tool gave into a sentence, in small pieces."""

    def answer(request: Request) -> Says:
        handle = handles(request)[-1]
        return Says([before, *_pieces(handle, 5), after])

    return Step("after the tool", lambda r: r.last_role == "tool", answer)


def _pieces(text: str, length: int) -> Iterable[str]:
    return [text[i : i + length] for i in range(0, len(text), length)]
