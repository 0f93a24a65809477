"""A `Secret` gives its handle to everything that formats, logs, pickles or serialises it."""

from __future__ import annotations

import contextlib
import copy
import csv
import dataclasses
import io
import json
import logging
import pickle
import pprint
import reprlib
import sqlite3
import string
import traceback
import types
import urllib.parse
from typing import TYPE_CHECKING, cast

import pydantic
import pytest
import yaml

from offmic.secrets import Kind, Secret, Vault
from offmic.secrets.secret import HANDLE, slug

if TYPE_CHECKING:
    from collections.abc import Callable

VALUE = "Correct-Horse-7"


@pytest.fixture
def vault() -> Vault:
    vault = Vault()
    vault.enter()
    return vault


@pytest.fixture
def secret(vault: Vault) -> Secret:
    assert len(vault) == 0
    return Secret(VALUE, "Wi-Fi password", Kind.PASSWORD)


def _logged(secret: Secret, caplog: pytest.LogCaptureFixture) -> str:
    logging.getLogger("test").error("secret %s", secret, extra={"secret": secret})
    return caplog.text + repr(caplog.records[-1].__dict__)


def _raised(secret: Secret) -> str:
    try:
        raise ValueError(secret)
    except ValueError:
        return traceback.format_exc()


@dataclasses.dataclass
class _Holder:
    secret: Secret


class _Model(pydantic.BaseModel):
    secret: Secret


def _csv(secret: Secret) -> str:
    file = io.StringIO()
    csv.writer(file).writerow([secret])
    return file.getvalue()


def _sqlite(secret: Secret) -> str:
    with contextlib.closing(sqlite3.connect(":memory:")) as base:
        base.execute("create table a (b text)")
        base.execute("insert into a values (?)", (secret,))
        return repr(base.execute("select b from a").fetchall()) + "\n".join(base.iterdump())


def _printed(secret: Secret) -> str:
    file = io.StringIO()
    print(secret, [secret], file=file)
    return file.getvalue()


WAYS: dict[str, Callable[[Secret], str]] = {
    "str": str,
    "repr": repr,
    "format": lambda s: format(s, ">60"),
    "f-string": lambda s: f"{s} {s!r} {s!s} {s!a}",
    "percent": lambda s: "%s %r" % (s, s),  # noqa: UP031 - the old way leaks no more
    "join": lambda s: " ".join(["a", s]),
    "concatenation": lambda s: "a " + s,
    "json": lambda s: json.dumps({"secret": s}),
    "pickle": lambda s: repr(pickle.loads(pickle.dumps(s))) + repr(pickle.dumps(s)),  # noqa: S301
    "pickle protocol 2": lambda s: repr(pickle.dumps(s, 2)),
    "deep copy": lambda s: repr(copy.deepcopy([s])),
    "dataclass": lambda s: repr(_Holder(s)) + repr(dataclasses.asdict(_Holder(s))),
    "pydantic": lambda s: (
        repr(_Model(secret=s))
        + _Model(secret=s).model_dump_json()
        + repr(_Model(secret=s).model_dump())
    ),
    "pydantic adapter": lambda s: (
        repr(pydantic.TypeAdapter(Secret).dump_python(s))
        + repr(pydantic.TypeAdapter(dict[str, Secret]).dump_json({"a": s}))
    ),
    "copy": lambda s: repr(copy.copy(s)),
    "state": lambda s: f"{s} {s.__getstate__()}",
    "attributes": lambda s: s + repr([getattr(s, name) for name in dir(s)]),
    "bytes": lambda s: repr(s.encode()),
    "bytes of": lambda s: repr(bytes(s, "utf-8")),
    "template": lambda s: string.Template("$a").substitute(a=s),
    "replace": lambda s: "a".replace("a", s),
    "yaml": lambda s: yaml.dump({"a": s}),
    "csv": _csv,
    "sqlite": _sqlite,
    "print": _printed,
    "pretty print": lambda s: pprint.pformat({"a": [s]}, width=200),
    "url": lambda s: urllib.parse.unquote_plus(urllib.parse.urlencode({"a": s})),
    "namespace": lambda s: repr(types.SimpleNamespace(a=s)),
    "reprlib": lambda s: s + reprlib.repr([s]),
    "traceback": _raised,
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_write_a_secret_gives_its_handle(way: str, secret: Secret) -> None:
    text = WAYS[way](secret)
    assert VALUE not in text
    assert secret.handle in text.replace("\\'", "'")


PIECES: dict[str, Callable[[Secret], str]] = {
    "slice": lambda s: s[2:10],
    "index": lambda s: s[3],
    "split": lambda s: s.split(":")[0],
    "upper": lambda s: s.upper(),
    "reversed": lambda s: "".join(reversed(s)),
    "strip": lambda s: s.strip("{}"),
    "join its characters": "-".join,
    "translate": lambda s: s.translate({58: None}),
}


@pytest.mark.parametrize("way", PIECES)
def test_every_way_to_take_a_secret_apart_gives_pieces_of_its_handle(
    way: str, secret: Secret
) -> None:
    assert PIECES[way](secret) == PIECES[way](cast("Secret", secret.handle))


def test_a_log_record_holds_the_handle(secret: Secret, caplog: pytest.LogCaptureFixture) -> None:
    text = _logged(secret, caplog)
    assert VALUE not in text
    assert secret.handle in text


def test_reveal_is_the_way_to_the_value(secret: Secret) -> None:
    assert secret.reveal() == VALUE


def test_a_pickled_secret_comes_back_as_a_plain_string(secret: Secret) -> None:
    assert type(pickle.loads(pickle.dumps(secret))) is str  # noqa: S301 - made in this line


def test_a_handle_is_random_and_well_formed(vault: Vault) -> None:
    handles = {Secret(VALUE, "Wi-Fi password").handle for _ in range(100)}
    assert len(handles) == 100
    assert all(HANDLE.fullmatch(h) for h in handles)
    assert all(h.startswith("{{secret:wi-fi-password.") for h in handles)


@pytest.mark.parametrize(
    ("label", "name"),
    [("Wi-Fi password", "wi-fi-password"), ("Tür!", "t-r"), ("", "secret"), ("a" * 99, "a" * 48)],
)
def test_names_fit_into_a_handle(label: str, name: str) -> None:
    assert slug(label) == name


@pytest.mark.parametrize(("value", "ttl_s"), [("", 1.0), ("abcd", 0.0), ("abcd", -1.0)])
def test_a_secret_without_value_or_time_is_refused(value: str, ttl_s: float) -> None:
    with pytest.raises(ValueError, match=r"secret needs a value|ttl_s must be above") as raised:
        Secret(value, "x", ttl_s=ttl_s)
    assert "abcd" not in str(raised.value)


def test_a_parameter_typed_secret_turns_a_handle_back(secret: Secret) -> None:
    assert _Model.model_validate({"secret": secret.handle}).secret.reveal() == VALUE


def test_a_parameter_typed_secret_takes_no_foreign_handle(secret: Secret) -> None:
    Vault().enter()
    with pytest.raises(pydantic.ValidationError) as raised:
        _Model.model_validate({"secret": secret.handle})
    assert VALUE not in str(raised.value)
