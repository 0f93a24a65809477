"""What the model may read: words of users, tools and history with references where values stood.

No value of the vault may pass here, whoever wrote it into the text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from livekit.agents import llm

from offmic.guard import Direction, Guard, Said
from offmic.guard.phrasing import name_of

if TYPE_CHECKING:
    from offmic.guard import SecretDiverted, Segment
    from offmic.secrets import Secret, Vault

_LABELLED: Final = re.compile(r"\[[^\[\]\n]{1,120}\]")


def secret_of(vault: Vault, found: SecretDiverted) -> Secret:
    """Return the vault's secret for what the guard found, held from now on where it is new."""
    known = vault.resolve(found.reference) if found.reference else None
    return known or vault.hold(found.value, name_of(found), found.kind)


def hear(guard: Guard, vault: Vault, text: str) -> tuple[str, int]:
    """Return a user's words with `[label]` for each secret, and how many there were.

    Nothing in what comes back looks like a handle.

    Args:
        guard: of direction `in`; one that lasts catches a number broken over several texts.
        vault: of the call.
        text: what was said or typed, whole.
    """
    parts = (*guard.feed(text), *guard.flush())
    words, found = "", 0
    for part in parts:
        if isinstance(part, Said):
            words += part.text
            continue
        secret = secret_of(vault, part)
        # What the caller told is for tools as well, at any time.
        vault.keep(secret)
        words += f"[{secret.label}]"
        found += 1
    return words, found


def mask(guard: Guard, vault: Vault, text: str) -> str:
    """Return a user's words with `[label]` for each secret; the vault takes none of them up.

    Args:
        guard: of direction `in`.
        vault: of the call.
        text: what was said or typed so far and may still change.
    """
    parts = (*guard.feed(text), *guard.flush())
    return "".join(
        part.text if isinstance(part, Said) else f"[{_label_of(vault, part)}]" for part in parts
    )


def _label_of(vault: Vault, found: SecretDiverted) -> str:
    known = vault.resolve(found.reference) if found.reference else None
    return known.label if known is not None else name_of(found)


def with_handles(vault: Vault, text: str) -> str:
    """Return text with the handle in the place of each `[label]` that this call knows."""

    def handle(found: re.Match[str]) -> str:
        secret = vault.resolve(found[0])
        return found[0] if secret is None else secret.handle

    return _LABELLED.sub(handle, text) if "[" in text else text


def refer(vault: Vault, parts: list[Segment]) -> str:
    """Return segments of the guard as text with handles."""
    return "".join(part.text if isinstance(part, Said) else _handle(vault, part) for part in parts)


def _handle(vault: Vault, found: SecretDiverted) -> str:
    return secret_of(vault, found).handle if found.value else found.reference


def guard_values(vault: Vault, text: str) -> str:
    """Return text of the application with a handle for each value of the vault in it."""
    guard = Guard(vault, values_only=True)
    return refer(vault, [*guard.feed(text), *guard.flush()])


def guard_result(vault: Vault, text: str) -> str:
    """Return a tool's result with a handle for each secret in it; foreign handles are gone."""
    guard = Guard(vault)
    return refer(vault, [*guard.feed(text), *guard.flush()])


class History:
    """The conversation as a model may see it, looked through once for each change.

    Args:
        vault: of the call.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._seen: dict[tuple[str, str], str] = {}
        self._version = vault.version

    def guard(self, chat_ctx: llm.ChatContext) -> llm.ChatContext:
        """Put references where values stood, in the items themselves, and return a copy.

        In the items themselves: a value that the vault forgets later must not stand there still.
        The copy has handles in what the caller said; there they would be taken for the caller's.
        """
        if self._version != self._vault.version:
            self._seen.clear()
        guarded = [self._guard_item(item) for item in chat_ctx.items]
        self._version = self._vault.version
        return llm.ChatContext(guarded)

    def _guard_item(self, item: llm.ChatItem) -> llm.ChatItem:
        match item:
            case llm.ChatMessage(role=role, content=content):
                item.content = [self._look(role, p) if isinstance(p, str) else p for p in content]
                if role == "user":
                    return self._with_handles(item)
            case llm.FunctionCallOutput(output=output):
                item.output = self._look("tool", output)
            case llm.FunctionCall(arguments=arguments):
                item.arguments = self._look("assistant", arguments)
            case llm.AgentConfigUpdate(instructions=str(instructions)):
                item.instructions = self._look("system", instructions)
        return item

    def _with_handles(self, message: llm.ChatMessage) -> llm.ChatMessage:
        # What the caller wrote in brackets was changed where it came in: these are ours.
        words = [
            with_handles(self._vault, part) if isinstance(part, str) else part
            for part in message.content
        ]
        return message.model_copy(update={"content": words})

    def _look(self, who: str, text: str) -> str:
        key = (who, text)
        if key not in self._seen:
            if who == "user":
                words = hear(Guard(self._vault, Direction.IN), self._vault, text)[0]
            elif who == "tool":
                words = guard_result(self._vault, text)
            else:
                words = guard_values(self._vault, text)
            self._seen[key] = words
        return self._seen[key]
