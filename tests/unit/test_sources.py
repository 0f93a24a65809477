from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from offmic.errors import SecretsFileError
from offmic.secrets import Kind
from offmic.secrets.sources import load_secrets, read_secrets, sample_path
from offmic.settings import load_settings

VALUE = "correct-horse-battery"
GOOD = f'[safe]\nlabel = "safe code"\nvalue = "{VALUE}"\n'


def problem(tmp_path: Path, text: str | bytes) -> str:
    path = tmp_path / "secrets.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SecretsFileError) as caught:
        read_secrets(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert VALUE not in message
    assert caught.value.__context__ is None, "the error that hangs on it quotes the file"
    return message


def test_a_record_has_what_its_table_says(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(
        GOOD + 'aliases = ["vault code"]\nkind = "code"\nttl_s = 30\nonce = true\n', "utf-8-sig"
    )
    (record,) = read_secrets(path).records
    assert (record.name, record.label, record.value) == ("safe", "safe code", VALUE)
    assert (record.aliases, record.kind) == (("vault code",), Kind.CODE)
    assert (record.ttl_s, record.once) == (30.0, True)


def test_what_a_table_leaves_out_has_a_default(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(GOOD)
    (record,) = read_secrets(path).records
    assert (record.aliases, record.kind, record.ttl_s, record.once) == ((), Kind.OTHER, None, False)


def test_no_value_stands_in_a_representation(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(GOOD)
    found = read_secrets(path)
    assert VALUE not in repr(found) + repr(found.records)


@pytest.mark.parametrize(
    "name",
    ["wifi-password", "Wi-Fi password", "WIFI PASSWORD", "wi fi  password", "Guest-WiFi", "wifi",
     "wi\u2011fi password"],
)  # fmt: skip
def test_a_secret_is_found_whatever_the_case_spaces_and_hyphens(name: str) -> None:
    record = read_secrets(sample_path()).find(name)
    assert record is not None
    assert record.name == "wifi-password"


@pytest.mark.parametrize("name", ["", "password", "wifi password please", "code"])
def test_another_name_finds_nothing(name: str) -> None:
    assert read_secrets(sample_path()).find(name) is None


def test_the_sample_holds_the_three_secrets() -> None:
    labels = [record.label for record in read_secrets(sample_path()).records]
    assert labels == ["Wi-Fi password", "door code", "magic word"]


WRONG = [
    (f"[safe]\nlabel = {VALUE}\n", "line 2"),
    (f'[safe]\nvalue = "{VALUE}\n', "line 2"),
    (f'value = "{VALUE}"\n', "outside of a table"),
    (f'["Two Words"]\nlabel = "x"\nvalue = "{VALUE}"\n', "[two-words]"),
    (f'[safe]\nlabel = "safe"\nvalue = "{VALUE}"\ntitle = "{VALUE}"\n', "[safe] has a key"),
    (f'[safe]\nvalue = "{VALUE}"\n', "[safe] label"),
    (f'[safe]\nlabel = " "\nvalue = "{VALUE}"\n', "[safe] label"),
    (f'[safe]\nlabel = "[safe]"\nvalue = "{VALUE}"\n', "no brackets"),
    (f'[safe]\nlabel = "my {VALUE}"\nvalue = "{VALUE}"\n', "which are spoken"),
    (GOOD + f'aliases = ["{VALUE.upper()}"]\n', "which are spoken"),
    ('[safe]\nlabel = "safe"\n', "[safe] lacks a value"),
    ('[safe]\nlabel = "safe"\nvalue = "abc"\n', "at least 4 characters"),
    ('[safe]\nlabel = "safe"\nvalue = "  a  "\n', "at least 4 characters"),
    ('[safe]\nlabel = "safe"\nvalue = 480215\n', "not a text"),
    (f'[safe]\nlabel = "safe"\nvalue = "{VALUE * 500}"\n', "at most 8192 bytes"),
    (GOOD + 'aliases = "vault"\n', "not a list"),
    (GOOD + "aliases = [7]\n", "[safe] aliases"),
    (GOOD + 'kind = "riddle"\n', "one of password, code"),
    (GOOD + "kind = []\n", "one of password, code"),
    (GOOD + "ttl_s = 0\n", "from 1 to 86400"),
    (GOOD + "ttl_s = true\n", "from 1 to 86400"),
    (GOOD + "ttl_s = nan\n", "from 1 to 86400"),
    (GOOD + 'once = "yes"\n', "once = true"),
    (GOOD + f'[other]\nlabel = "Safe-Code"\nvalue = "{VALUE}2"\n', "[safe] and [other] answer"),
    (GOOD.encode() + b"# \xff\n", "UTF-8"),
]


@pytest.mark.parametrize(("text", "says"), WRONG)
def test_a_wrong_file_gets_one_line_without_a_value(
    tmp_path: Path, text: str | bytes, says: str
) -> None:
    assert says in problem(tmp_path, text)


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    settings = load_settings({"OFFMIC_SECRETS": str(path)}, dotenv=None)
    with pytest.raises(SecretsFileError, match=r"mine\.toml is missing"):
        load_secrets(settings)


def test_the_sample_stands_in_where_no_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings({}, dotenv=None)
    assert load_secrets(settings).path == sample_path()
    (tmp_path / "secrets.toml").write_text(GOOD)
    assert [record.name for record in load_secrets(settings).records] == ["safe"]


def test_a_broken_file_is_never_replaced_by_the_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secrets.toml").write_text("[safe")
    with pytest.raises(SecretsFileError):
        load_secrets(load_settings({}, dotenv=None))


def test_the_package_is_built_with_the_sample_where_it_is_looked_for() -> None:
    root = Path(__file__).resolve().parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text())
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included == {"secrets.example.toml": "offmic/secrets.example.toml"}
    assert sample_path() == root / "secrets.example.toml"
