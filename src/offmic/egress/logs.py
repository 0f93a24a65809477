"""Log records on their way to any handler of the process; no handler may see a value.

Filters on loggers miss records of child loggers, record factories run before `extra` is set, and
handlers add fields of their own: so records are looked through in `logging.Handler.handle`, after
the handler's filters and directly before `emit`. That covers every handler, whenever it is added.
"""

from __future__ import annotations

import io
import logging
import traceback
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from offmic.egress.redactor import WITHHELD
from offmic.guard import Guard, Said
from offmic.metrics import EGRESS_FAILURES, Sink

if TYPE_CHECKING:
    from collections.abc import Iterable

    from offmic.egress.redactor import Redactor

REPLACED: Final = "a log record was withheld: it could not be looked through"
_PIECES: Final = "[a value in pieces]"
_SITES: Final = 64
_LONGEST_PIECE: Final = 64
_MOST_SPACES: Final = 2
_SHORTEST_ID: Final = 4
_SHORTEST_PART: Final = 3

_OF_CODE: Final = frozenset(logging.makeLogRecord({}).__dict__) - {
    *("msg", "args", "exc_info", "exc_text", "stack_info", "name", "threadName", "processName"),
    "taskName",
}
"""What the interpreter writes: times, numbers, file and function names."""


class Records:
    """Looks through records.

    Args:
        redactor: of this process.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._sites: OrderedDict[tuple[str, str, int], _Site] = OrderedDict()
        self._done: WeakKeyDictionary[logging.LogRecord, dict[str, Any]] = WeakKeyDictionary()

    def clean(self, record: logging.LogRecord) -> None:
        """Take what must not leave out of a record, in place.

        Message and arguments become one text, and so does an exception: handlers that read its
        object would find the value there.
        """
        fields = record.__dict__
        done = self._done.get(record, {})
        try:
            if not done:
                self._clean_message(record)
            for name in list(fields):
                if name in _OF_CODE:
                    continue
                if name not in done or done[name] is not fields[name]:
                    self._clean_field(fields, name)
            self._done[record] = dict(fields)
        except Exception:  # noqa: BLE001 - whatever it is, the record must not go out as it is
            EGRESS_FAILURES.labels(Sink.LOG.value).inc()
            _replace(record)

    def _clean_message(self, record: logging.LogRecord) -> None:
        split = self._in_pieces(record)
        message = record.msg
        if isinstance(message, dict) and not record.args:
            # Written as fields by formatters of JSON.
            record.msg = self._redactor.value(message, Sink.LOG)
        else:
            record.msg = self._redactor.text(record.getMessage(), Sink.LOG)
        if split:
            record.msg = _PIECES
            for name in _extras(record):
                record.__dict__[name] = WITHHELD
        record.args = None
        record.__dict__.pop("message", None)

    def _clean_field(self, fields: dict[str, Any], name: str) -> None:
        value = fields[name]
        if name == "exc_info":
            if value:
                fields["exc_text"] = self._redactor.text(_write_out(value), Sink.LOG)
            fields["exc_info"] = None
        elif name in {"exc_text", "stack_info", "name"}:
            fields[name] = self._redactor.text(value, Sink.LOG) if value else value
        elif name not in {"msg", "args"}:
            fields[name] = self._redactor.value(value, Sink.LOG)
            if (safe := self._redactor.text(name, Sink.LOG)) != name:
                fields[safe] = fields.pop(name)

    def _in_pieces(self, record: logging.LogRecord) -> bool:
        """Tell whether this record ends a value whose beginning went out with earlier ones.

        A provider that logs each token writes a value in pieces too short to be known for parts
        of it. What one place in the code logs is read on as one text.
        """
        pieces = [
            p
            for p in _strings(record)
            if 0 < len(p) <= _LONGEST_PIECE and p.count(" ") <= _MOST_SPACES
        ]
        if not pieces:
            return False
        place = (record.name, record.pathname, record.lineno)
        site = self._sites.pop(place, None) or _Site(self._redactor)
        self._sites[place] = site
        if len(self._sites) > _SITES:
            self._sites.popitem(last=False)
        # Where a piece shows it by itself, that piece alone is taken out.
        return site.ends_a_value(pieces) and all(
            self._redactor.text(piece, Sink.LOG) == piece for piece in pieces
        )


class _Site:
    """What one place in the code has logged, read as one text."""

    def __init__(self, redactor: Redactor) -> None:
        self._known = redactor.known
        self._guard = Guard(self._known, values_only=True)
        self._before: frozenset[str] = frozenset()

    def ends_a_value(self, pieces: list[str]) -> bool:
        # What each record repeats, the job and the room, is no part of a value.
        text = "".join(p for p in pieces if len(p) < _SHORTEST_ID or p not in self._before)
        self._before = frozenset(pieces)
        if not text:
            return False
        if any(not isinstance(part, Said) for part in self._guard.feed(text)):
            return True
        held = self._guard.held
        if len(held) < _SHORTEST_PART:
            return False
        # Something may have begun: is there enough of it, if nothing more came?
        probe = Guard(self._known, values_only=True)
        return any(not isinstance(part, Said) for part in (*probe.feed(held), *probe.flush()))


def install(redactor: Redactor) -> None:
    """Look through every record before any handler of this process writes it."""
    records = Records(redactor)

    def handle(self: logging.Handler, record: logging.LogRecord) -> bool:
        # As in the standard library, with one line more.
        passed: Any = self.filter(record)
        if isinstance(passed, logging.LogRecord):
            record = passed
        if passed:
            self.acquire()
            try:
                records.clean(record)
                self.emit(record)
            finally:
                self.release()
        return bool(passed)

    logging.Handler.handle = handle  # type: ignore[method-assign]


def _replace(record: logging.LogRecord) -> None:
    for name in _extras(record):
        del record.__dict__[name]
    record.msg, record.args, record.exc_info = REPLACED, None, None
    record.exc_text = record.stack_info = None
    record.name = record.threadName = record.processName = "withheld"
    record.__dict__.pop("message", None)


def _extras(record: logging.LogRecord) -> list[str]:
    standard = {"msg", "args", "exc_info", "exc_text", "stack_info", "name", "threadName"}
    return [
        name
        for name in record.__dict__
        if name not in _OF_CODE and name not in standard | {"processName", "taskName"}
    ]


def _strings(record: logging.LogRecord) -> Iterable[str]:
    arguments = record.args.values() if isinstance(record.args, dict) else record.args or ()
    if not record.args and isinstance(record.msg, str):
        yield record.msg
    for value in (*arguments, *(record.__dict__[name] for name in _extras(record))):
        if isinstance(value, str):
            yield str(value)


def _write_out(exc_info: Any) -> str:
    if exc_info is True or not isinstance(exc_info, tuple) or exc_info[0] is None:
        return ""
    with io.StringIO() as text:
        traceback.print_exception(*exc_info, file=text)
        return text.getvalue().rstrip("\n")
