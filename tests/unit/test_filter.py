"""The filter answers each line for itself and never repeats a bad one."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from offmic.filter import run


def ask(*lines: bytes) -> list[Any]:
    out = io.BytesIO()
    assert run(io.BytesIO(b"".join(line + b"\n" for line in lines)), out) == 0
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_turn_in_chunks() -> None:
    request = {
        "direction": "out",
        "vault": [{"label": "door code", "value": "4821"}],
        "turns": [["The door co", "de is four eight", " two one."], ["Any", "thing else?"]],
    }
    assert ask(json.dumps(request).encode()) == [
        {
            "turns": [
                {
                    "spoken": "The door code is on your screen.",
                    "transcript": "The door code is [door code].",
                    "emitted": ["The door co", "de is ", "", "on your screen."],
                    "diverted": [
                        {"label": "door code", "kind": "code", "value": "4821", "via": "vault"}
                    ],
                },
                {
                    "spoken": "Anything else?",
                    "transcript": "Anything else?",
                    "emitted": ["Any", "thing else?", ""],
                    "diverted": [],
                },
            ]
        }
    ]


def test_inbound_text_carries_a_handle_where_the_value_stood() -> None:
    (answer,) = ask(
        b'{"direction": "in", "vault": [{"name": "door", "label": "door code", "value": "4821"}],'
        b' "turns": [["my code is ", "4821."]]}'
    )
    (turn,) = answer["turns"]
    assert turn["text"].startswith("my code is {{secret:door.")
    assert turn["transcript"] == "my code is [door code]."
    assert "spoken" not in turn


SECRET = b"hunter2secret"


@pytest.mark.parametrize(
    "bad",
    [
        b"not json hunter2secret",
        b'{"turns": "hunter2secret"}',
        b'{"turns": [["a", 3, "hunter2secret"]]}',
        b'{"hunter2secret": 1, "turns": []}',
        b'{"turns": [], "direction": "hunter2secret"}',
        b'{"turns": [], "direction": []}',
        b'{"turns": [], "vault": "hunter2secret"}',
        b'{"turns": [], "vault": [{"label": "hunter2secret"}]}',
        b'{"turns": [], "vault": [{"value": "hunter2secret", "kind": "hunter2secret"}]}',
        b'{"turns": [], "vault": [{"value": "hunter2secret", "hunter2secret": "x"}]}',
        b'{"turns": [], "vault": [{"value": ["hunter2secret"]}]}',
        b"[" * 100_000,
        b'\xff\xfe hunter2secret "',
        b"[1, 2]",
        b"null",
    ],
)
def test_a_bad_line_gets_an_error_without_its_text(bad: bytes) -> None:
    good = b'{"turns": [["Hello."]]}'
    first, error, last = ask(good, bad, b"", b"  ", good)
    assert list(error) == ["error"]
    assert SECRET.decode() not in error["error"]
    assert first == last
    assert last["turns"][0]["spoken"] == "Hello."
