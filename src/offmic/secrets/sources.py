"""The file of secrets that the assistant may look up; a message must never hold a value of it."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from offmic.errors import SecretsFileError
from offmic.secrets.secret import Kind, slug

if TYPE_CHECKING:
    from collections.abc import Iterable

    from offmic.settings import Settings

SAMPLE: Final = "secrets.example.toml"
_KEYS: Final = ("label", "value", "aliases", "kind", "ttl_s", "once")
_LEAST_VALUE: Final = 4
_MOST_VALUE_BYTES: Final = 8192  # contract of the wire, section "Delivery"
_MOST_LABEL: Final = 80
_MOST_TTL_S: Final = 86400


@dataclass(frozen=True, slots=True)
class Record:
    """One secret of the file.

    Args:
        name: its table's name.
        label: what it is called when spoken of.
        value: what must not be said.
        aliases: other words that callers use for it.
        kind: what sort of secret it is.
        ttl_s: how long it may be shown, in seconds; None leaves it to the setting.
        once: shown one time and then discarded.
    """

    name: str
    label: str
    value: str = field(repr=False)
    aliases: tuple[str, ...]
    kind: Kind
    ttl_s: float | None
    once: bool


class SecretsFile:
    """All secrets of one file.

    Args:
        path: where they were read, for messages.
        records: the secrets, in the file's order.

    Raises:
        SecretsFileError: two secrets answer to the same name.
    """

    def __init__(self, path: Path, records: Iterable[Record]) -> None:
        self.path = path
        self.records = tuple(records)
        self._by_name: dict[str, Record] = {}
        for record in self.records:
            for name in (record.name, record.label, *record.aliases):
                other = self._by_name.setdefault(plain(name), record)
                if other is not record:
                    raise SecretsFileError(
                        f"{path}: [{other.name}] and [{record.name}] answer to the same name: "
                        "give each a table name, label and aliases of its own"
                    )

    def __repr__(self) -> str:
        return f"SecretsFile({str(self.path)!r}, {len(self.records)} secrets)"

    def find(self, name: str) -> Record | None:
        """Return the secret with this table name, label or alias, or None.

        Args:
            name: as a caller or a model writes it; case, spaces and hyphens do not count.
        """
        return self._by_name.get(plain(name))


def plain(name: str) -> str:
    """Reduce a name to what counts when names are compared."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\s_\u00ad\u2010-\u2015\u2212-]+", "", folded)


def load_secrets(settings: Settings) -> SecretsFile:
    """Read the file that the settings name; the sample where none is named and none is there.

    Raises:
        SecretsFileError: the file cannot be used; one line says where and how to mend it.
    """
    if "OFFMIC_SECRETS" in settings.given or settings.secrets_path.exists():
        return read_secrets(settings.secrets_path)
    return read_secrets(sample_path())


def sample_path() -> Path:
    """Return the sample of the project's root, or the copy inside an installed package."""
    package = Path(__file__).resolve().parent.parent
    in_tree = package.parent.parent / SAMPLE
    return in_tree if in_tree.is_file() else package / SAMPLE


def read_secrets(path: Path) -> SecretsFile:
    """Read and check one file of secrets.

    Args:
        path: a TOML file with one table for each secret.

    Raises:
        SecretsFileError: the file cannot be used; one line says where and how to mend it.
    """
    tables, problem = _parse(path)
    if problem:
        # Here and not in a handler: what a handler handles quotes the file.
        raise SecretsFileError(f"{path} {problem}")
    return SecretsFile(path, [_record(path, name, table) for name, table in tables.items()])


def _parse(path: Path) -> tuple[dict[str, Any], str]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig")), ""
    except FileNotFoundError:
        return {}, "is missing: write it (secrets.example.toml shows how) or mend OFFMIC_SECRETS"
    except OSError:
        return {}, "cannot be read: make it a file that this user may read"
    except UnicodeDecodeError:
        return {}, "is not UTF-8 text: save it as UTF-8"
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        where = f"line {found[1]}" if found else "the end"
    return {}, f"is not TOML at {where}: write one table a secret, as secrets.example.toml does"


def _record(path: Path, name: str, table: object) -> Record:
    if not isinstance(table, dict):
        raise SecretsFileError(
            f"{path} has an entry outside of a table: begin each secret with its name, "
            "as in [wifi-password]"
        )
    where = f"{path}: [{slug(name)}]"
    if name != slug(name):
        raise SecretsFileError(
            f"{where} is what a table's name must look like: "
            "use up to 48 small letters, digits and hyphens"
        )
    if not table.keys() <= set(_KEYS):
        raise SecretsFileError(f"{where} has a key it does not know: use {', '.join(_KEYS)}")
    label = _text(where, "label", table.get("label"))
    value = _value(where, table.get("value"))
    aliases = table.get("aliases", [])
    if not isinstance(aliases, list):
        raise SecretsFileError(f'{where} aliases is not a list: write ["one name", "another"]')
    names = tuple(_text(where, "aliases", alias) for alias in aliases)
    if any(value.casefold() in said.casefold() for said in (name, label, *names)):
        raise SecretsFileError(
            f"{where} has its value inside its name, label or aliases, which are spoken: "
            "name it without the value"
        )
    once = table.get("once", False)
    if not isinstance(once, bool):
        raise SecretsFileError(f"{where} once is neither true nor false: write once = true")
    return Record(
        name,
        label,
        value,
        names,
        _kind(where, table.get("kind", "other")),
        _ttl(where, table),
        once,
    )


def _text(where: str, key: str, text: object) -> str:
    if not isinstance(text, str) or not plain(text):
        raise SecretsFileError(f'{where} {key} lacks a text: write what it is called, in "quotes"')
    words = " ".join(text.split())
    if len(words) > _MOST_LABEL or re.search(r"[\[\]{}\x00-\x1f\x7f]", words):
        raise SecretsFileError(
            f"{where} {key} cannot be spoken: use up to {_MOST_LABEL} characters and no brackets"
        )
    return words


def _value(where: str, value: object) -> str:
    if value is None:
        raise SecretsFileError(f'{where} lacks a value: write value = "..."')
    if not isinstance(value, str):
        raise SecretsFileError(f'{where} value is not a text: put it in quotes, value = "..."')
    if len(value.strip()) < _LEAST_VALUE:
        raise SecretsFileError(
            f"{where} value is too short to be kept apart from ordinary words: "
            f"use at least {_LEAST_VALUE} characters"
        )
    if len(value.encode()) > _MOST_VALUE_BYTES:
        raise SecretsFileError(f"{where} value is too long: use at most {_MOST_VALUE_BYTES} bytes")
    return value


def _kind(where: str, kind: object) -> Kind:
    if kind not in [str(known) for known in Kind]:
        raise SecretsFileError(f"{where} kind is unknown: use one of {', '.join(Kind)}")
    return Kind(str(kind))


def _ttl(where: str, table: dict[str, Any]) -> float | None:
    ttl_s = table.get("ttl_s")
    if ttl_s is None:
        return None
    if (
        isinstance(ttl_s, bool)
        or not isinstance(ttl_s, int | float)
        or not 1 <= ttl_s <= _MOST_TTL_S
    ):
        raise SecretsFileError(
            f"{where} ttl_s is not a number of seconds: use one from 1 to {_MOST_TTL_S}"
        )
    return float(ttl_s)
