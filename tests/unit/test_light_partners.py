"""The partners for many calls know the questions that their callers ask, as a codec leaves them."""

from __future__ import annotations

import numpy as np

from bench.load_caller import synthesize_questions
from offmic.local.audio import resample
from tests.partners.light import Table, utterance_of

_QUESTIONS_HZ = 48_000
_HEARD_HZ = 16_000
_LATER = 300


def test_each_question_is_told_from_the_others_and_from_what_is_none() -> None:
    sounds = synthesize_questions()
    table = Table(sounds, _QUESTIONS_HZ)
    chance = np.random.default_rng(1)
    for text, sound in sounds.items():
        heard = utterance_of(resample(sound, _QUESTIONS_HZ, _HEARD_HZ))
        noisy = (heard * 0.4 + chance.normal(0, 20, heard.size)).astype(np.int16)
        assert table.hear(np.pad(noisy, (_LATER, 0)), _HEARD_HZ) == text
    assert not table.hear(np.zeros(_HEARD_HZ // 2, np.int16), _HEARD_HZ)
