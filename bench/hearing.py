"""Word error rates of the recogniser on the device, by microphone and noise; no verdict is here.

A made voice and noise are mixed at the microphone's rate, brought to the 16 kHz that the worker
hears, and recognised, with and without the noise suppression of WebRTC, behind the framework's gain
control. The codec has no part.
"""

from __future__ import annotations

import asyncio
import re
import sys
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np
from livekit import rtc

from bench.command import command
from offmic.local.audio import resample
from offmic.local.stt import STT
from tests.fakes.voices import speak

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SENTENCES: Final = (
    "What is the password for the wireless network?",
    "I would like to speak to somebody at the reception.",
    "Could you open the gate of the car park, please?",
    "My meeting is in the large room upstairs.",
    "The printer on our floor does not work.",
    "Can you tell me when breakfast is served?",
    "I have forgotten the code of my locker.",
    "Please send it to my screen once more.",
    "Who do I ask about a lost umbrella?",
    "Is there a quiet place where I can make a call?",
    "I need a new password for my account.",
    "The door at the back of the building is locked.",
    "We are waiting for a parcel from the post office.",
    "How do I get to the train station from here?",
    "Could somebody bring a chair to the meeting room?",
    "Thank you very much, that was all I wanted to know.",
    "My colleague will arrive later this afternoon.",
    "Where can I leave my bicycle until tomorrow?",
    "Please cancel the table that I booked for tonight.",
    "The light in the corridor has gone out again.",
)
VOICES: Final = ("hibari", "espeak-ng")
RATES_HZ: Final = (8_000, 16_000, 24_000, 48_000)
SNRS_DB: Final = (20, 10, 5)

_WORKER_HZ: Final = 16_000
_FRAME: Final = _WORKER_HZ // 100
_SPEECH_RMS: Final = 2_000.0
_AROUND_S: Final = 0.6
_LONGEST: Final = _WORKER_HZ * 8
_TALKERS: Final = 6
_SEED: Final = 7


def word_errors(said: str, heard: str) -> tuple[int, int]:
    """Return how many words were replaced, left out or put in, and how many were said."""
    truth, words = _words(said), _words(heard)
    row = list(range(len(words) + 1))
    for at, word in enumerate(truth, 1):
        before, row = row, [at]
        for place, other in enumerate(words):
            row.append(min(before[place] + (word != other), before[place + 1] + 1, row[-1] + 1))
    return row[-1], len(truth)


def white(size: int) -> NDArray[np.float64]:
    """Return white noise of power one, as wide as the worker hears."""
    return np.random.default_rng(_SEED).standard_normal(size)


def babble(size: int) -> NDArray[np.float64]:
    """Return several made voices at once, of power one, at the worker's rate."""
    chance = np.random.default_rng(_SEED)
    mixed = np.zeros(size)
    for talker in range(_TALKERS):
        voice = VOICES[talker % len(VOICES)]
        lines = chance.permutation(len(SENTENCES))[:8]
        spoken = np.concatenate([_speech(SENTENCES[line], voice, _WORKER_HZ) for line in lines])
        # Slower or faster, and so lower or higher: people differ.
        pitch = chance.uniform(0.8, 1.25)
        spoken = np.interp(np.arange(0, spoken.size, pitch), np.arange(spoken.size), spoken)
        mixed += np.resize(np.roll(spoken, int(chance.integers(spoken.size))), size)
    return mixed / float(np.sqrt(np.mean(mixed**2)))


def process(samples: NDArray[np.int16], apm: rtc.AudioProcessingModule) -> NDArray[np.int16]:
    """Return audio of the worker's rate as WebRTC's audio processing leaves it."""
    processed = []
    for at in range(0, samples.size - _FRAME + 1, _FRAME):
        data = bytearray(samples[at : at + _FRAME].tobytes())
        frame = rtc.AudioFrame(data, _WORKER_HZ, 1, _FRAME)
        apm.process_stream(frame)
        processed.append(np.frombuffer(bytes(frame.data), np.int16))
    return np.concatenate(processed)


async def rate(
    stt: STT,
    voice: str,
    rate_hz: int,
    noise: NDArray[np.float64] | None,
    snr_db: int,
    *,
    suppressed: bool,
) -> float:
    """Return the word error rate of all sentences.

    Args:
        stt: what recognises.
        voice: `hibari` or `espeak-ng`.
        rate_hz: of the microphone.
        noise: power one, at the worker's rate, None for none.
        snr_db: how much louder the speech is than the noise.
        suppressed: whether WebRTC suppresses noise and rumble.
    """
    # The framework evens out the loudness of every microphone.
    apm = rtc.AudioProcessingModule(
        auto_gain_control=True, noise_suppression=suppressed, high_pass_filter=suppressed
    )
    wrong, words = 0, 0
    for position, sentence in enumerate(SENTENCES):
        audio = _microphone(sentence, voice, rate_hz)
        if noise is not None:
            level = _SPEECH_RMS / 10 ** (snr_db / 20)
            start = position * _WORKER_HZ
            behind = _clip(noise[start : start + _LONGEST] * level)
            audio += resample(behind, _WORKER_HZ, rate_hz)[: audio.size]
        heard = process(resample(_clip(audio), rate_hz, _WORKER_HZ), apm)
        errors, said = word_errors(sentence, await _recognise(stt, heard))
        wrong, words = wrong + errors, words + said
    return wrong / words


async def measure_all() -> None:
    """Print the table, a row at a time."""
    stt = STT()
    stt.prewarm()
    size = _WORKER_HZ * len(SENTENCES) + _LONGEST
    noises = {"white": white(size), "babble": babble(size)}
    rows: list[tuple[str, int]] = [("none", 0), *product(noises, SNRS_DB)]
    ways = [*((hz, False) for hz in RATES_HZ), (_WORKER_HZ, True)]
    heads = [f"{hz // 1000} kHz{', suppressed' * way}" for hz, way in ways]
    print("| noise | voice | " + " | ".join(heads) + " |")
    print("| --- | --- |" + " ---: |" * len(ways))
    for (noise, snr_db), voice in product(rows, VOICES):
        name = f"{noise}, {snr_db} dB" if snr_db else noise
        found = [
            await rate(stt, voice, hz, noises.get(noise), snr_db, suppressed=way)
            for hz, way in ways
        ]
        print(f"| {name} | {voice} | " + " | ".join(f"{one:.1%}" for one in found) + " |")
        sys.stdout.flush()


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.casefold())


@cache
def _speech(text: str, voice: str, rate_hz: int) -> NDArray[np.float64]:
    samples, voice_hz = speak(text, voice)
    speech = resample(samples, voice_hz, rate_hz).astype(np.float64)
    loud = np.abs(speech) > np.abs(speech).max() / 50
    return speech * (_SPEECH_RMS / float(np.sqrt(np.mean(speech[loud] ** 2))))


def _microphone(text: str, voice: str, rate_hz: int) -> NDArray[np.float64]:
    around = int(rate_hz * _AROUND_S)
    return np.pad(_speech(text, voice, rate_hz), around)


def _clip(audio: NDArray[np.float64]) -> NDArray[np.int16]:
    return np.clip(np.round(audio), -32768, 32767).astype(np.int16)


async def _recognise(stt: STT, samples: NDArray[np.int16]) -> str:
    frame = rtc.AudioFrame(samples.tobytes(), _WORKER_HZ, 1, samples.size)
    event = await stt.recognize([frame])
    return event.alternatives[0].text


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    command("bench.hearing", __doc__).parse_args(arguments)
    asyncio.run(measure_all())


if __name__ == "__main__":
    main()
