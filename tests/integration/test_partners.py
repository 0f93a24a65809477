"""Each cloud plugin over the wire of its partner: words with their times, speech, tool calls."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import APIConnectionError, APIError, APIStatusError, llm, stt
from livekit.agents.types import USERDATA_TIMED_TRANSCRIPT, APIConnectOptions
from livekit.plugins import cartesia, deepgram, openai

from tests.fakes.ear import transcribe
from tests.fakes.voices import speak
from tests.partners.faults import MIDSTREAM, TRIED, Fault

if TYPE_CHECKING:
    import aiohttp

    from tests.partners.cloud import Cloud

_FAILS_SOON = APIConnectOptions(max_retry=0, timeout=1.0)
_PATIENT = APIConnectOptions(max_retry=0, timeout=30.0)
_WORDS = "What is the Wi-Fi password?"


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _hear(
    cloud: Cloud, http: aiohttp.ClientSession, options: APIConnectOptions = _PATIENT
) -> list[stt.SpeechEvent]:
    ear = deepgram.STT(api_key="any", base_url=f"{cloud.ear.url}/v1/listen", http_session=http)
    samples, rate = await asyncio.to_thread(speak, _WORDS, "hibari")
    stream = ear.stream(conn_options=options)
    samples = np.concatenate([samples, np.zeros(rate, np.int16)])
    async with stream:
        stream.push_frame(rtc.AudioFrame(samples.tobytes(), rate, 1, samples.size))
        stream.end_input()
        return [event async for event in stream]


async def _speak(
    cloud: Cloud, http: aiohttp.ClientSession, options: APIConnectOptions = _PATIENT
) -> tuple[str, list[str]]:
    voice = cartesia.TTS(api_key="any", base_url=cloud.voice.url, http_session=http)
    # Whatever becomes of it, its connections are closed.
    async with voice, voice.stream(conn_options=options) as stream:
        stream.push_text(_WORDS)
        stream.end_input()
        frames = [audio.frame async for audio in stream]
    timed = [text for frame in frames for text in frame.userdata[USERDATA_TIMED_TRANSCRIPT]]
    samples = np.concatenate([np.frombuffer(frame.data, np.int16) for frame in frames])
    return await asyncio.to_thread(transcribe, samples, 24_000), timed


async def _ask(
    cloud: Cloud, *messages: tuple[str, str], options: APIConnectOptions = _PATIENT
) -> llm.CollectedResponse:
    model = openai.LLM(model="any", api_key="any", base_url=f"{cloud.brain.url}/v1")
    ctx = llm.ChatContext()
    for role, text in messages:
        ctx.add_message(role=role, content=text)  # type: ignore[arg-type]

    @llm.function_tool(description="Look it up.\nKnown names: Wi-Fi password (wifi); door code")
    async def look_up_secret(name: str) -> str:
        return name

    stream = model.chat(chat_ctx=ctx, tools=[look_up_secret], conn_options=options)
    try:
        return await stream.collect()
    finally:
        await model.aclose()


async def test_the_ear_gives_interim_and_final_words_with_their_times(
    cloud: Cloud, http: aiohttp.ClientSession
) -> None:
    events = await _hear(cloud, http)
    kinds = [event.type for event in events]
    spoken = [kind for kind in kinds if kind is not stt.SpeechEventType.RECOGNITION_USAGE]
    assert spoken[0] is stt.SpeechEventType.START_OF_SPEECH
    assert spoken[1] is stt.SpeechEventType.INTERIM_TRANSCRIPT
    assert spoken[-1] is stt.SpeechEventType.END_OF_SPEECH
    final = next(e for e in events if e.type is stt.SpeechEventType.FINAL_TRANSCRIPT)
    words = final.alternatives[0].words
    assert words is not None
    assert "password" in final.alternatives[0].text.casefold()
    starts = [word.start_time for word in words if isinstance(word.start_time, float)]
    assert len(starts) == len(words)
    assert starts == sorted(starts)


async def test_the_voice_speaks_with_the_times_of_its_words(
    cloud: Cloud, http: aiohttp.ClientSession
) -> None:
    heard, timed = await _speak(cloud, http)
    assert "password" in heard.casefold()
    assert "".join(timed).split() == _WORDS.split()
    assert cloud.voice.said[-1] == _WORDS


async def test_the_brain_chooses_a_tool_or_talks(cloud: Cloud) -> None:
    asked = await _ask(cloud, ("user", "What is the Wi-Fi password?"))
    assert [call.arguments for call in asked.tool_calls] == ['{"name": "Wi-Fi password"}']
    door = await _ask(cloud, ("user", "I need the door code."))
    assert [call.arguments for call in door.tool_calls] == ['{"name": "door code"}']
    talk = await _ask(cloud, ("system", "Be brief."), ("user", "How are you today?"))
    assert talk.text
    assert not talk.tool_calls


@pytest.mark.parametrize("fault", TRIED)
async def test_each_fault_is_an_error_of_the_framework_for_ear_and_voice(
    cloud: Cloud, http: aiohttp.ClientSession, fault: Fault
) -> None:
    await cloud.voice.break_with(fault)
    with pytest.raises(APIError) as voice_error:
        await _speak(cloud, http, _FAILS_SOON)
    await cloud.ear.break_with(fault)
    if fault in MIDSTREAM:
        # With all sound sent the plugin takes each for the end: no words come, and that is all.
        assert not [event for event in await _hear(cloud, http, _FAILS_SOON) if event.alternatives]
        return
    with pytest.raises(APIError) as ear_error:
        await _hear(cloud, http, _FAILS_SOON)
    for error in (voice_error.value, ear_error.value):
        if fault.isdecimal():
            assert isinstance(error, APIStatusError)
            assert error.status_code == int(fault)
        else:
            assert isinstance(error, APIConnectionError)


@pytest.mark.parametrize("fault", TRIED)
async def test_each_fault_is_an_error_of_the_framework_for_the_brain(
    cloud: Cloud, fault: Fault
) -> None:
    await cloud.brain.break_with(fault)
    with pytest.raises(APIError):
        await _ask(
            cloud, ("system", "Be brief."), ("user", "How are you today?"), options=_FAILS_SOON
        )
    await cloud.brain.mend()
    assert (await _ask(cloud, ("system", "Be brief."), ("user", "How are you today?"))).text
