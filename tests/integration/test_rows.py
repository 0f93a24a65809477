"""Each way in which a provider fails, for each part: its plugin and partner, this device next."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import inference, llm, stt
from livekit.plugins import cartesia, deepgram, openai

from offmic.fallback import FallbackBrain, FallbackEar, FallbackVoice, Sign, persevere
from offmic.local import chat, parts
from tests.fakes.ear import transcribe
from tests.fakes.voices import speak
from tests.fakes.waiting import eventually
from tests.partners.faults import MIDSTREAM, TRIED, Fault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp

    from tests.partners.cloud import Cloud

pytestmark = pytest.mark.asyncio(loop_scope="module")

_SAID = "What is the Wi-Fi password?"
_SENTENCES = ("The first card is green.", "The second card is yellow.")
_FRAME_S = 0.02
_INTO_SPEECH_S = 0.7
_SOON_S = 10.0


async def _play(stream: stt.RecognizeStream, silence_s: float) -> None:
    samples, rate = await asyncio.to_thread(speak, _SAID, "hibari")
    samples = np.concatenate([samples, np.zeros(int(rate * silence_s), np.int16)])
    size = int(rate * _FRAME_S)
    for at in range(0, samples.size - size, size):
        stream.push_frame(rtc.AudioFrame(samples[at : at + size].tobytes(), rate, 1, size))
        await asyncio.sleep(_FRAME_S)


@asynccontextmanager
async def _reading(stream: stt.RecognizeStream) -> AsyncIterator[list[str]]:
    finals: list[str] = []

    async def read() -> None:
        async for event in stream:
            if event.type is stt.SpeechEventType.FINAL_TRANSCRIPT:
                finals.append(event.alternatives[0].text)  # noqa: PERF401 - read while they come

    reading = asyncio.create_task(read())
    try:
        yield finals
    finally:
        await stream.aclose()
        reading.cancel()


@pytest.mark.parametrize("fault", TRIED)
async def test_the_words_are_written_once_by_whoever_hears(
    cloud: Cloud, http: aiohttp.ClientSession, fault: Fault
) -> None:
    url = f"{cloud.ear.url}/v1/listen"
    first = deepgram.STT(api_key="any", base_url=url, http_session=http)
    row = FallbackEar([first, parts.STT()], inference.VAD(model="silero"))
    stream = row.stream()
    async with _reading(stream) as finals:
        playing = asyncio.create_task(_play(stream, 3.0))
        await asyncio.sleep(_INTO_SPEECH_S)
        await cloud.ear.break_with(fault)
        await playing
        await eventually(lambda: finals, _SOON_S, "the words are written")
    assert "password" in " ".join(finals).casefold()
    assert " ".join(finals).casefold().count("password") == 1


@pytest.mark.parametrize("fault", TRIED)
async def test_every_sentence_is_spoken_by_whoever_speaks(
    cloud: Cloud, http: aiohttp.ClientSession, fault: Fault
) -> None:
    first = cartesia.TTS(api_key="any", base_url=cloud.voice.url, http_session=http)
    voice = FallbackVoice([first, parts.TTS()])
    await cloud.voice.break_with(fault)
    stream = voice.stream()
    async with stream:
        for sentence in _SENTENCES:
            stream.push_text(sentence + " ")
        stream.end_input()
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        first_s, frames = 0.0, []
        async for audio in stream:
            first_s = first_s or loop.time() - began_s
            frames.append(np.frombuffer(audio.frame.data, np.int16))
    await voice.aclose()
    print(f"{fault}: first sound after {first_s:.2f} s")  # noqa: T201 - what the caller waits
    heard = (await asyncio.to_thread(transcribe, np.concatenate(frames), 24_000)).casefold()
    assert "green" in heard
    assert "yellow" in heard


def _unheard() -> None:
    raise AssertionError("a failure was told that was none")


@pytest.fixture(scope="module")
def ready_brain() -> parts.LLM:
    """The brain on the device, its instructions read, as a worker has it."""
    chat.load_chat_model().learn_instructions()
    return parts.LLM()


@pytest.mark.parametrize("fault", TRIED)
async def test_an_answer_is_given_by_whoever_answers(
    cloud: Cloud, ready_brain: parts.LLM, fault: Fault
) -> None:
    first = openai.LLM(model="any", api_key="any", base_url=f"{cloud.brain.url}/v1")
    row = FallbackBrain([first, ready_brain])
    await cloud.brain.break_with(fault)
    ctx = llm.ChatContext()
    ctx.add_message(role="user", content="How are you today?")

    async def ask() -> AsyncIterator[Any]:
        async with row.chat(chat_ctx=ctx, tools=[]) as answer:
            async for chunk in answer:
                yield chunk

    try:
        got = [chunk async for chunk in persevere(ask, _unheard)]
    finally:
        await first.aclose()
    texts = [c.delta.content for c in got if isinstance(c, llm.ChatChunk) and c.delta]
    words = "".join(text or "" for text in texts)
    assert words.rstrip().endswith((".", "!", "?"))
    assert (Sign.BROKEN_OFF in got) == (fault in MIDSTREAM)
