"""What the model may read: words of users, tools and history with labels where values stood.

No value of the vault may pass here, whoever wrote it into the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from livekit.agents import llm

from offmic.guard import Direction, Guard, Said

if TYPE_CHECKING:
    from offmic.guard import SecretDiverted
    from offmic.secrets import Secret, Vault

_UNLABELLED: Final = {
    "otp": "one-time code",
    "ssn": "social security number",
    "gov_id": "ID number",
}


def secret_of(vault: Vault, found: SecretDiverted) -> Secret:
    """Return the vault's secret for what the guard found, held from now on where it is new."""
    known = vault.resolve(found.reference) if found.reference else None
    if known is not None:
        return known
    label = found.label or _UNLABELLED.get(found.kind, found.kind.replace("_", " "))
    return vault.hold(found.value, label, found.kind)


def hear(vault: Vault, text: str) -> tuple[str, int]:
    """Return a user's words with `[label]` for each secret, and how many there were.

    Nothing in what comes back looks like a handle.
    """
    guard = Guard(vault, direction=Direction.IN)
    parts = (*guard.feed(text), *guard.flush())
    words = "".join(
        part.text if isinstance(part, Said) else f"[{secret_of(vault, part).label}]"
        for part in parts
    )
    return words, sum(not isinstance(part, Said) for part in parts)


def guard_words(vault: Vault, text: str) -> str:
    """Return a user's words with `[label]` for each secret; see `hear`."""
    return hear(vault, text)[0]


def guard_references(vault: Vault, text: str) -> str:
    """Return text of tools or of the assistant with a handle for each secret in it."""
    guard = Guard(vault)
    return "".join(
        part.text if isinstance(part, Said) else secret_of(vault, part).handle
        for part in (*guard.feed(text), *guard.flush())
    )


def guard_history(vault: Vault, chat_ctx: llm.ChatContext) -> llm.ChatContext:
    """Return the history as a model may see it; items without a secret stay the same objects."""
    return llm.ChatContext([_guard_item(vault, item) for item in chat_ctx.items])


def _guard_item(vault: Vault, item: llm.ChatItem) -> llm.ChatItem:
    if isinstance(item, llm.ChatMessage):
        guard = guard_words if item.role == "user" else guard_references
        content = [guard(vault, part) if isinstance(part, str) else part for part in item.content]
        return item if content == item.content else item.model_copy(update={"content": content})
    if isinstance(item, llm.FunctionCallOutput):
        output = guard_references(vault, item.output)
        return item if output == item.output else item.model_copy(update={"output": output})
    if isinstance(item, llm.FunctionCall):
        arguments = guard_references(vault, item.arguments)
        return (
            item
            if arguments == item.arguments
            else item.model_copy(update={"arguments": arguments})
        )
    if isinstance(item, llm.AgentConfigUpdate) and item.instructions is not None:
        told = guard_references(vault, item.instructions)
        return item if told == item.instructions else item.model_copy(update={"instructions": told})
    return item
