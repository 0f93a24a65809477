"""Cartesia's speech synthesis, with the voice of this device behind it.

Follows https://docs.cartesia.ai/api-reference/tts: `/tts/websocket` with contexts, `chunk`,
`timestamps`, `done` and `error`; `/tts/bytes` for a whole text.
"""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from aiohttp import WSMsgType, web

from offmic.local import voice
from offmic.local.audio import resample
from tests.partners.faults import Fault, Partner, drop

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_CHUNK_S: Final = 0.2
_NONSENSE: Final = '{"type": "chunk", "data": "\u2603'


class Cartesia(Partner):
    """`CARTESIA_BASE_URL` is its `url`.

    Args:
        speak: mono samples of this device's voice for a text; it blocks.
    """

    def __init__(self, speak: Callable[[str], NDArray[np.int16]] = voice.speak) -> None:
        app = web.Application()
        app.router.add_get("/tts/websocket", self._stream)
        app.router.add_post("/tts/bytes", self._bytes)
        super().__init__(app)
        self._voice = speak
        self.said: list[str] = []
        """The texts that it was given."""

    async def _bytes(self, request: web.Request) -> web.StreamResponse:
        if "X-API-Key" not in request.headers or "Cartesia-Version" not in request.headers:
            return web.json_response({"title": "Unauthorized"}, status=401)
        order = await request.json()
        samples = await self._speak(order)
        return web.Response(body=samples.tobytes(), content_type="application/octet-stream")

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if "X-API-Key" not in request.headers or "cartesia_version" not in request.query:
            return web.json_response({"title": "Unauthorized"}, status=401)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        done_s: dict[str, float] = {}
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            order = json.loads(message.data)
            context = order["context_id"]
            if order.get("cancel"):
                done_s.pop(context, None)
                continue
            try:
                samples = await self._speak(order)
            except KeyError:
                await socket.send_json(
                    _event("error", context, 400, done=True, title="bad request")
                )
                continue
            rate = order["output_format"]["sample_rate"]
            start_s = done_s.get(context, 0.0)
            done_s[context] = start_s + samples.size / rate
            for part in _chunks(samples, rate):
                if not await self._send(request, socket, context, part):
                    break
            if self.fault is None and order.get("add_timestamps") and samples.size:
                times = _times(order["transcript"], start_s, done_s[context])
                await socket.send_json(_event("timestamps", context, 206, word_timestamps=times))
            if self.fault is None and not order.get("continue"):
                done_s.pop(context, None)
                await socket.send_json(_event("done", context, 200, done=True))
        return socket

    async def _send(
        self, request: web.Request, socket: web.WebSocketResponse, context: str, part: bytes
    ) -> bool:
        """Send a piece of audio; return whether more may follow."""
        data = base64.b64encode(part).decode()
        match self.fault:
            case Fault.TIMEOUT:
                return False
            case Fault.NONSENSE:
                await socket.send_str(_NONSENSE)
                return False
            case Fault.DROPPED | Fault.SILENT as fault:
                # In mid-stream: something was heard already.
                await socket.send_json(_event("chunk", context, 206, data=data, step_time=1.0))
                if fault is Fault.DROPPED:
                    await asyncio.sleep(0.05)
                    drop(request)
                return False
        await socket.send_json(_event("chunk", context, 206, data=data, step_time=1.0))
        return True

    async def _speak(self, order: dict[str, Any]) -> NDArray[np.int16]:
        text, form = order["transcript"], order["output_format"]
        if form["container"] != "raw" or form["encoding"] != "pcm_s16le":
            raise KeyError(form["encoding"])
        if text.strip():
            self.said.append(text.strip())
        samples = await asyncio.to_thread(self._voice, text)
        return resample(samples, voice.SAMPLE_RATE, form["sample_rate"])


def _event(kind: str, context: str, status: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "context_id": context, "status_code": status, "done": False, **more}


def _chunks(samples: NDArray[np.int16], rate: int) -> list[bytes]:
    step = int(rate * _CHUNK_S)
    return [samples[at : at + step].tobytes() for at in range(0, samples.size, step)]


def _times(text: str, start_s: float, end_s: float) -> dict[str, list[Any]]:
    """Spread the words over their time by their length: the voice gives no times of its own."""
    words = text.split()
    lengths = np.cumsum([0, *map(len, words)]) / (sum(map(len, words)) or 1)
    edges = [round(start_s + (end_s - start_s) * float(part), 3) for part in lengths]
    return {"words": words, "start": edges[:-1], "end": edges[1:]}
