"""What a caller says, types or presses, as the rest of the call may see it: with labels for values.

Neither interim nor final words pass with a value in them; what is being asked for is a value from
its first digit on.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from offmic.asking import Asking
from offmic.guard import Direction, Guard
from offmic.guard.asks import asked_for
from offmic.guard.dictation import take_down
from offmic.inbound import hear, mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from offmic.guard.dictation import Digits, Piece
    from offmic.secrets import Secret, Vault

_BRACKETS: Final = str.maketrans(
    dict.fromkeys("[\uff3b\ufe47", "(") | dict.fromkeys("]\uff3d\ufe48", ")")
)
_LONG_RUN: Final = 5
_RECENT: Final = 3
_RECENT_CHARS: Final = 300
_LEAST_HELD: Final = 3
"""Of an answer that no task takes down: fewer digits are labelled, and are nothing yet."""


class Hearing:
    """The caller's side of one call.

    Args:
        vault: of the call.
        guard: of direction `in`, for what is final.
    """

    def __init__(self, vault: Vault, guard: Guard) -> None:
        self._vault = vault
        self._guard = guard
        self._draft = Guard(vault, Direction.IN)
        self._recent: deque[str] = deque(maxlen=_RECENT)
        self._turn = ""
        self._asking: Asking | None = None
        self._answer: Asking | None = None
        self._answered: Secret | None = None
        self.on_key: Callable[[], None] | None = None
        """Called after each key that was pressed while a number is being asked for."""

    @contextmanager
    def asking_for(self, asking: Asking) -> Iterator[Asking]:
        """Take every digit of the caller for a part of this one, as long as the block runs.

        Args:
            asking: what is asked for; its label becomes one that is free in the call.
        """
        asking.label = self._vault.free_label(asking.label)
        outer, self._asking = self._asking, asking
        try:
            yield asking
        finally:
            self._asking = outer
            asking.clear()

    @property
    def missing_digits(self) -> int:
        """How many digits of a number that is asked for have not been said; 0 if none is."""
        return 0 if self._asking is None else self._asking.missing

    def expect(self, said: str, turn: str) -> None:
        """Note what the agent has said: where it asks for a number, digits that follow are one.

        Args:
            said: a whole utterance of the agent.
            turn: the id of its speech; what is spoken is also written.
        """
        if not said.strip() or turn == self._turn:
            return
        self._turn = turn
        wanted = asked_for(said)
        self._answer = self._answered = None
        if wanted is not None:
            label, kind = wanted
            self._answer = Asking(self._vault.free_label(label), kind)

    def final(self, text: str) -> tuple[str, int]:
        """Take down what the caller has said or typed.

        Args:
            text: a final transcript or a message, whole.

        Returns:
            The words with a label for each value, and how many values of the ordinary sort there
            were: what was asked for does not count as a guess.
        """
        text = text.translate(_BRACKETS)
        self._recent.append(text[-_RECENT_CHARS:])
        asking = self._asking or self._answer
        if asking is None:
            return hear(self._guard, self._vault, text)
        pieces = asking.cut(text)
        asking.hear(pieces)
        if asking is self._answer:
            self._hold_answer(asking)
        return self._join(self._guard, pieces, asking.label)

    def interim(self, text: str) -> str:
        """Return what may still change with a label for each value; nothing is taken down.

        Args:
            text: an interim transcript, whole.
        """
        text = text.translate(_BRACKETS)
        asking = self._asking or self._answer
        # What the finals before it announced counts here too, and must not be spent by it.
        self._draft.discard()
        for before in self._recent if self._guard.expects else ():
            self._draft.feed(before)
            self._draft.flush()
        if asking is None:
            # The beginning of a number is not known for one yet, and would stand in the room.
            return "".join(
                piece if isinstance(piece, str) else _hide(piece)
                for piece in take_down(mask(self._draft, self._vault, text))
            )
        return "".join(
            mask(self._draft, self._vault, piece) if isinstance(piece, str) else f"[{asking.label}]"
            for piece in asking.cut(text)
        )

    def press(self, key: str) -> None:
        """Take down a key of the caller's phone; it goes nowhere where no number is asked for.

        Args:
            key: one of `0123456789*#`.
        """
        asking = self._asking or self._answer
        if asking is None:
            return
        asking.press(key)
        if asking is self._answer:
            self._hold_answer(asking)
        if self.on_key is not None:
            self.on_key()

    def clear(self) -> None:
        """Forget everything; the call is over."""
        self._recent.clear()
        for asking in (self._asking, self._answer):
            if asking is not None:
                asking.clear()
        self._guard.discard()
        self._draft.discard()

    def _join(self, guard: Guard, pieces: list[Piece], label: str) -> tuple[str, int]:
        words, count = [], 0
        for piece in pieces:
            if isinstance(piece, str):
                part, found = hear(guard, self._vault, piece)
                count += found
            else:
                # The words before the number announce nothing beyond it.
                guard.discard()
                part = f"[{label}]"
            words.append(part)
        return "".join(words), count

    def _hold_answer(self, asking: Asking) -> None:
        """Let the label stand for all digits of the answer so far."""
        digits, before = asking.digits(), self._answered
        if len(digits) < _LEAST_HELD or (before is not None and before.reveal() == digits):
            return
        if before is not None:
            self._vault.drop(before)
        self._answered = self._vault.hold(digits, asking.label, asking.kind)


def _hide(run: Digits) -> str:
    return "[number]" if len(run.text) >= _LONG_RUN else run.said
