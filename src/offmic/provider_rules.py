"""Which providers a setting may name, and what each needs; it must import none of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Role = Literal["stt", "llm", "tts"]


@dataclass(frozen=True, slots=True)
class ProviderRule:
    """What a provider's name allows.

    Args:
        roles: the parts it can play.
        key: the environment variable that holds its key, None where it needs none.
        model: a pattern that its whole model name must match, None where it takes no model.
        example: a value to show in messages.
        base_url: the variable that points it at a server of one's own, where no key is needed.
    """

    roles: tuple[Role, ...]
    key: str | None
    model: str | None
    example: str
    base_url: str | None = None


_MODEL: Final = r"[\w.:@/+-]{1,128}"
_GRAPH: Final = r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*"

PROVIDERS: Final[Mapping[str, ProviderRule]] = {
    "local": ProviderRule(("stt", "llm", "tts"), None, None, "local"),
    "deepgram": ProviderRule(("stt", "tts"), "DEEPGRAM_API_KEY", _MODEL, "deepgram/nova-3"),
    "openai": ProviderRule(
        ("stt", "llm", "tts"), "OPENAI_API_KEY", _MODEL, "openai/gpt-4.1-mini", "OPENAI_BASE_URL"
    ),
    "cartesia": ProviderRule(("stt", "tts"), "CARTESIA_API_KEY", _MODEL, "cartesia/sonic-3"),
    "langgraph": ProviderRule(("llm",), None, _GRAPH, "langgraph/package.module:graph"),
}

PREFERRED: Final[Mapping[Role, str]] = {
    "stt": "deepgram/nova-3",
    "llm": "openai/gpt-4.1-mini",
    "tts": "cartesia/sonic-3",
}
"""What a part is when nothing names it and this provider's key is set; `local` otherwise."""
