"""Deepgram's streaming recognition, with the recogniser of this device behind it.

Follows https://developers.deepgram.com/reference/speech-to-text/listen-streaming: binary linear16
in; `SpeechStarted`, `Results` and `Metadata` out; `KeepAlive`, `Finalize` and `CloseStream` obeyed.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from aiohttp import WSMsgType, web

from offmic.local import recogniser
from offmic.local.utterance import Heard, Utterance
from tests.partners.faults import Fault, Partner, drop

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Hear: TypeAlias = "Callable[[NDArray[np.int16], int], str]"
_NONSENSE: Final = '{"type": "Results", "channel": [[["\u2603"'


class Deepgram(Partner):
    """`DEEPGRAM_BASE_URL` is its `url` and `/v1`.

    Args:
        hear: the words in mono samples of a rate in Hz, none where they hold no speech; it blocks.
    """

    def __init__(self, hear: Hear | None = None) -> None:
        app = web.Application()
        app.router.add_get("/v1/listen", self._listen)
        super().__init__(app)
        self.hear = hear or _recognise
        self.heard: list[str] = []
        """The final transcripts that it sent."""

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        if not request.headers.get("Authorization", "").startswith("Token "):
            return web.json_response({"err_code": "INVALID_AUTH"}, status=401)
        query = request.query
        if query.get("encoding") != "linear16" or not query.get("sample_rate", "").isdecimal():
            return web.json_response({"err_code": "Bad Request"}, status=400)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        stream = _Stream(self, request, socket, int(query["sample_rate"]))
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                await stream.take(np.frombuffer(message.data, np.int16))
            elif message.type is WSMsgType.TEXT:
                kind = json.loads(message.data)["type"]
                if kind == "Finalize":
                    await stream.end(from_finalize=True)
                elif kind == "CloseStream":
                    await stream.end()
                    await stream.say({"type": "Metadata", **stream.metadata})
                    break
        await socket.close()
        return socket


class _Stream:
    """One connection."""

    def __init__(
        self,
        partner: Deepgram,
        request: web.Request,
        socket: web.WebSocketResponse,
        sample_rate: int,
    ) -> None:
        self._partner = partner
        self._request = request
        self._socket = socket
        self._utterance = Utterance(sample_rate, end_s=0.8)
        self._is_speech = False
        self.metadata = {"request_id": str(uuid.uuid4()), "channels": 1}

    async def take(self, samples: NDArray[np.int16]) -> None:
        for heard in self._utterance.push(samples):
            if heard is Heard.PROGRESSED:
                await self._results(self._utterance.samples, is_final=False)
            elif self._utterance.is_open:
                await self.end()

    async def end(self, *, from_finalize: bool = False) -> None:
        """Send the final words of what is open."""
        span_s = self._utterance.span_s
        if self._utterance.is_open:
            samples = self._utterance.take()
            await self._results(samples, span_s, is_final=True, from_finalize=from_finalize)
        self._is_speech = False

    async def say(self, event: dict[str, Any]) -> None:
        match self._partner.fault:
            case Fault.SILENT | Fault.TIMEOUT:
                return
            case Fault.DROPPED:
                drop(self._request)
            case Fault.NONSENSE:
                await self._socket.send_str(_NONSENSE)
            case _:
                await self._socket.send_json(event)

    async def _results(
        self,
        samples: NDArray[np.int16],
        span_s: tuple[float, float] | None = None,
        *,
        is_final: bool,
        from_finalize: bool = False,
    ) -> None:
        rate = self._utterance.sample_rate
        start_s, end_s = span_s or self._utterance.span_s
        text = await asyncio.to_thread(self._partner.hear, samples, rate)
        if not text:
            return
        if not self._is_speech:
            self._is_speech = True
            event = {"type": "SpeechStarted", "channel": [0, 1], "timestamp": start_s}
            await self.say(event)
        if is_final and self._partner.fault is None:
            self._partner.heard.append(text)
        alternative = {
            "transcript": text,
            "confidence": 0.9,
            "words": _words(text, start_s, end_s),
        }
        await self.say(
            {
                "type": "Results",
                "channel_index": [0, 1],
                "start": start_s,
                "duration": end_s - start_s,
                "is_final": is_final,
                "speech_final": is_final,
                "from_finalize": from_finalize,
                "channel": {"alternatives": [alternative]},
                "metadata": self.metadata,
            }
        )


def _recognise(samples: NDArray[np.int16], sample_rate: int) -> str:
    if not recogniser.holds_speech(samples, sample_rate):
        return ""
    return recogniser.transcribe(samples, sample_rate)


def _words(text: str, start_s: float, end_s: float) -> list[dict[str, Any]]:
    """Spread the words over their time by their length: the recogniser gives no times."""
    words = text.split()
    total = sum(map(len, words)) or 1
    timed = []
    at_s = start_s
    for word in words:
        ends_s = at_s + (end_s - start_s) * len(word) / total
        timed.append(
            {
                "word": word.strip(".,?!").casefold(),
                "punctuated_word": word,
                "start": round(at_s, 3),
                "end": round(ends_s, 3),
                "confidence": 0.9,
            }
        )
        at_s = ends_s
    return timed
