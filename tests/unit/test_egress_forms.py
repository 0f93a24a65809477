"""Forms of a value that only programs write are taken out as well."""

from __future__ import annotations

import base64
import html
import json

import pytest

from offmic.egress.redactor import Redactor
from offmic.metrics import Sink
from offmic.secrets import Vault

VALUE = 'Zwölf"Raben\\7&'
WORD = "marmalade-otter"

FORMS = {
    "json": json.dumps({"value": VALUE}),
    "json in json": json.dumps(json.dumps({"value": VALUE})),
    "json, not ascii": json.dumps({"value": VALUE}, ensure_ascii=False),
    "repr": repr([VALUE]),
    "ascii": ascii(VALUE),
    "repr of bytes": repr(VALUE.encode()),
    "html": f"<td>{html.escape(VALUE)}</td>",
    "bytes as numbers": str(list(VALUE.encode())),
    "bytes in hex": " ".join(f"{byte:02x}" for byte in VALUE.encode()),
}


@pytest.fixture
def redactor() -> Redactor:
    vault, one = Vault(), Redactor()
    vault.hold(VALUE, "raven word", "password")
    vault.hold(WORD, "otter word", "password")
    one.watch(vault)
    return one


@pytest.mark.parametrize("form", FORMS)
def test_an_escaped_value_is_taken_out(redactor: Redactor, form: str) -> None:
    clean = redactor.text(f"before {FORMS[form]} behind", Sink.LOG)
    assert "[raven word]" in clean
    assert "before" in clean
    assert "behind" in clean
    for part in ("Zw", "Raben", "82, 97, 98", "52 61 62"):
        assert part not in clean


@pytest.mark.parametrize("user", ["a:", "ab:", "abc:", "somebody:"])
def test_a_value_inside_longer_base64_is_taken_out(redactor: Redactor, user: str) -> None:
    header = base64.b64encode(f"{user}{WORD}@host".encode()).decode()
    clean = redactor.text(f"Authorization: Basic {header}", Sink.LOG)
    middle = header[len(header) // 3 : 2 * len(header) // 3]
    assert "Authorization" in clean
    assert middle not in clean


def test_a_long_text_is_cut_where_nobody_looks_any_more(redactor: Redactor) -> None:
    clean = redactor.text("so it is. " * 5000 + WORD, Sink.LOG)
    assert clean.startswith("so it is.")
    assert "more characters withheld" in clean
    assert WORD not in clean
