"""An OpenAI-compatible server: llama.cpp's own, with SmolLM2, behind a door that can be broken.

A model of 135 million parameters cannot choose tools. Where a request offers some, the door has
llama.cpp write under a grammar (its own field of the API): first the choice among what the tools'
descriptions name, then a sentence with the tool's result in it. What it writes is the model's.
"""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING, Any, Final

from aiohttp import ClientSession

from offmic.local.chat import model_path
from tests.partners.completions import HANDLE, Completions, known_names, looking_up, text_of
from tests.partners.faults import Fault, drop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web

_TALK: Final = "small talk"
_LONGEST_TOKENS: Final = 48
_CONTEXT_TOKENS: Final = 4096
_CHOOSE: Final = (
    "Say what the visitor asks for.\n"
    "Visitor: I need the gate code\nAsks for: gate code\n"
    "Visitor: How is the weather?\nAsks for: small talk\n"
    "Visitor: {words}\nAsks for:"
)


class Llama(Completions):
    """`OPENAI_BASE_URL` is its `url` and `/v1`."""

    def __init__(self) -> None:
        super().__init__()
        xllamacpp: Any = importlib.import_module("xllamacpp")  # it has no types
        params = xllamacpp.CommonParams()
        params.model.path = str(model_path())
        params.n_ctx, params.n_parallel = _CONTEXT_TOKENS, 2
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
        params.n_gpu_layers = 0
        params.verbosity = -1
        params.ui = params.endpoint_slots = False
        params.hostnames, params.port = ["127.0.0.1"], 0
        self._server: Any = xllamacpp.Server(params)

    async def write(
        self, request: web.Request, response: web.StreamResponse, body: dict[str, Any]
    ) -> bool:
        """Write the choice of a tool, or the model's words as they come."""
        async with ClientSession() as session:
            if chosen := await self._choose(session, body):
                await response.write(looking_up(chosen))
                return True
            plain, said = _plain(body), ""
            # In the midst of a handle, so that whoever listens holds a piece of it back.
            ripe = "{{" if "grammar" in plain else " "
            async for part in self._stream(session, plain):
                if not await self._pass(request, response, part, begun=ripe in said):
                    return False
                said += _words(part)
        return True

    async def _pass(
        self, request: web.Request, response: web.StreamResponse, part: bytes, *, begun: bool
    ) -> bool:
        """Send a piece of the answer; return whether more may follow."""
        fault = self.fault if begun else None
        if fault is Fault.NONSENSE:
            await response.write(b'data: {"choices": [{"delta"\n\n')
        elif fault is Fault.SILENT:
            await self.hang()
        elif fault is Fault.DROPPED:
            drop(request)
        else:
            await response.write(part)
        return fault is None

    async def _stream(self, session: ClientSession, body: dict[str, Any]) -> AsyncIterator[bytes]:
        async with session.post(self._address, json=body) as answer:
            async for line in answer.content:
                if line.startswith(b"data: {"):
                    yield line + b"\n"

    @property
    def _address(self) -> str:
        return f"{self._server.listening_address}/v1/chat/completions"

    async def _choose(self, session: ClientSession, body: dict[str, Any]) -> str | None:
        """Return the name that the model chooses to look up for a visitor's words, if any."""
        last = body["messages"][-1]
        names = known_names(body)
        if last["role"] != "user" or not names:
            return None
        prompt = _CHOOSE.format(words=text_of(last))
        options = " | ".join(json.dumps(f" {name}") for name in (*names, _TALK))
        order = {
            "prompt": prompt,
            "grammar": f"root ::= {options}",
            "temperature": 0,
            "n_predict": 16,
        }
        async with session.post(f"{self._server.listening_address}/completion", json=order) as got:
            chosen: str = (await got.json())["content"].strip()
        return chosen if chosen in names else None


def _words(part: bytes) -> str:
    choices = json.loads(part.removeprefix(b"data: "))["choices"]
    return (choices and choices[0]["delta"].get("content")) or ""


def _plain(body: dict[str, Any]) -> dict[str, Any]:
    """Return the request as SmolLM2 can answer it."""
    last = body["messages"][-1]
    plain = {
        "messages": [_message(message) for message in body["messages"][-6:]],
        "stream": True,
        "max_tokens": _LONGEST_TOKENS,
        "temperature": 0,
        "stop": ["\n"],
    }
    if last["role"] == "tool" and (handle := HANDLE.search(text_of(last))):
        plain["grammar"] = f'root ::= "The " [A-Za-z-]+ " " [a-z]+ " is {handle[0]}."'
    return plain


def _message(message: dict[str, Any]) -> dict[str, Any]:
    role = {"tool": "user", "developer": "system"}.get(message["role"], message["role"])
    return {"role": role, "content": text_of(message) or "I look it up."}
