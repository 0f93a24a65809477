"""A row of recognisers: words that one of them does not write down are written by the next."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import APIConnectionError, APIStatusError, stt, vad
from livekit.agents.language import LanguageCode
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN

from offmic.fallback import FallbackEar
from offmic.metrics import Provider
from tests.fakes.figures import failures
from tests.fakes.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from livekit.agents.types import APIConnectOptions, NotGivenOr

pytestmark = pytest.mark.virtual_time

_RATE = 16_000
_FRAME = _RATE // 100
_SOON_S = 10.0


def _sound(level: int) -> rtc.AudioFrame:
    return rtc.AudioFrame(np.full(_FRAME, level, np.int16).tobytes(), _RATE, 1, _FRAME)


class _Vad(vad.VAD):
    """Takes what is not silent for speech; it has ended after five silent frames."""

    def __init__(self) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=0.01))

    def stream(self) -> vad.VADStream:
        return _VadStream(self)


class _VadStream(vad.VADStream):
    async def _main_task(self) -> None:
        speaking, quiet = False, 0
        async for item in self._input_ch:
            if not isinstance(item, rtc.AudioFrame):
                continue
            loud = bool(np.frombuffer(item.data, np.int16).any())
            quiet = 0 if loud else quiet + 1
            if loud and not speaking:
                speaking = True
                self._tell(vad.VADEventType.START_OF_SPEECH)
            elif speaking and quiet == 5:
                speaking = False
                self._tell(vad.VADEventType.END_OF_SPEECH)

    def _tell(self, kind: vad.VADEventType) -> None:
        self._event_ch.send_nowait(
            vad.VADEvent(
                type=kind,
                samples_index=0,
                timestamp=0.0,
                speech_duration=1.0,
                silence_duration=0.05,
            )
        )


class _Ear(stt.STT[Any]):
    """Writes how many loud frames it heard before a silent one, or fails in a way of its own."""

    def __init__(self, name: str, fault: str = "") -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=True))
        self.name = name
        self.fault = fault
        self.opened = 0

    async def _recognize_impl(self, *args: Any, **options: Any) -> stt.SpeechEvent:
        raise NotImplementedError

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.RecognizeStream:
        self.opened += 1
        return _EarStream(stt=self, conn_options=conn_options)


class _EarStream(stt.RecognizeStream):
    async def _run(self) -> None:
        assert isinstance(self._stt, _Ear)
        heard = 0
        if self._stt.fault == "401":
            raise APIStatusError("no", status_code=401)
        async for item in self._input_ch:
            loud = isinstance(item, rtc.AudioFrame) and np.frombuffer(item.data, np.int16).any()
            heard += int(loud)
            if self._stt.fault in ("silent", "hangs"):
                continue
            if self._stt.fault == "drops" and heard == 10:
                raise APIConnectionError("gone", retryable=False)
            if heard and not loud:
                if self._stt.fault == "slow":
                    await asyncio.sleep(0.15)
                words = stt.SpeechData(LanguageCode("en"), f"{self._stt.name} heard {heard}")
                kind = stt.SpeechEventType.FINAL_TRANSCRIPT
                self._event_ch.send_nowait(stt.SpeechEvent(kind, alternatives=[words]))
                heard = 0

    async def aclose(self) -> None:
        assert isinstance(self._stt, _Ear)
        if self._stt.fault == "hangs":
            await asyncio.sleep(3 * _SOON_S)  # a farewell that nobody answers
        await super().aclose()


class _Listening:
    def __init__(self, *ears: _Ear) -> None:
        self.row = FallbackEar(ears, _Vad(), patience_s=0.2)
        self.stream = self.row.stream()
        self.errors: list[stt.STTError] = []
        self.row.on("error", self.errors.append)
        self.finals: list[str] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for event in self.stream:
            self.finals.append(event.alternatives[0].text)

    async def say(self, frames: int = 20) -> None:
        for level in [*[1000] * frames, *[0] * 10]:
            self.stream.push_frame(_sound(level))
            await asyncio.sleep(0.002)

    async def writes(self, *finals: str) -> None:
        await eventually(lambda: len(self.finals) >= len(finals), _SOON_S, "it wrote")
        assert self.finals == list(finals)

    async def aclose(self) -> None:
        await self.stream.aclose()
        self._reading.cancel()


@pytest.fixture
async def listening() -> AsyncIterator[Any]:
    made: list[_Listening] = []

    def listen(*ears: _Ear) -> _Listening:
        made.append(_Listening(*ears))
        return made[-1]

    yield listen
    for one in made:
        await one.aclose()


async def test_the_preferred_one_writes_while_it_works(listening: Any) -> None:
    first, second = _Ear("first"), _Ear("second")
    it = listening(first, second)
    await it.say()
    await it.say(12)
    await it.writes("first heard 20", "first heard 12")
    assert second.opened == 0


async def test_one_that_is_slow_but_within_patience_is_not_given_up(listening: Any) -> None:
    before = failures(Provider.STT)
    second = _Ear("second")
    it = listening(_Ear("first", "slow"), second)
    await it.say()
    await it.writes("first heard 20")
    assert second.opened == 0
    assert failures(Provider.STT) == before


@pytest.mark.parametrize("fault", ["401", "silent", "drops", "hangs"])
async def test_the_next_one_hears_the_whole_of_what_was_said(listening: Any, fault: str) -> None:
    it = listening(_Ear("first", fault), _Ear("second"))
    await it.say()
    await it.writes("second heard 20")
    await it.say(12)
    await it.writes("second heard 20", "second heard 12")
    assert it.errors == []


async def test_one_that_has_rested_is_asked_again(listening: Any) -> None:
    first = _Ear("first", "drops")
    it = listening(first, _Ear("second"))
    await it.say()
    await it.writes("second heard 20")
    first.fault = ""
    it.row.row._seats[0].rests_until_s = 0.0  # noqa: SLF001 - its time of rest is over
    await it.say(12)
    await it.say(15)
    await it.writes("second heard 20", "second heard 12", "first heard 15")


async def test_with_none_left_the_session_is_told_once_for_what_was_said(listening: Any) -> None:
    before = failures(Provider.STT)
    it = listening(_Ear("first", "401"), _Ear("second", "silent"))
    await it.say()
    await eventually(lambda: it.errors, _SOON_S, "the session is told")
    assert [error.recoverable for error in it.errors] == [False]
    assert failures(Provider.STT) == before + 2
    await asyncio.sleep(1.0)
    assert len(it.errors) == 1
