"""Watches every connection of a family of processes; it must never miss one that lasts.

Two instruments: Python's own calls are noted in each process by an audit hook (`audit_site`), what
native code does is seen by looking at all sockets every few milliseconds.
"""

from __future__ import annotations

import ipaddress
import json
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Self

AUDIT_SITE: Final = Path(__file__).resolve().parent / "audit_site"
_PERIOD_S: Final = 0.01
_ROUTE_PROBE: Final = ("8.8.8.8", 53)
"""libwebrtc connects a UDP socket to this address to learn the machine's own one, and sends nothing
(`QueryDefaultLocalAddress`); seen with strace. Look-ups go to the resolver of the machine."""


@dataclass
class ConnectionWatch:
    """A `with` block in which connections are noted.

    Args:
        processes: gives the processes to watch, anew each time.
        audit_file: where `audit_site` writes in the watched processes.
    """

    processes: Callable[[], Iterable[psutil.Process]]
    audit_file: Path
    seen: set[tuple[str, str, int]] = field(default_factory=set)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    rounds: int = 0

    @staticmethod
    def settings(audit_file: Path) -> dict[str, str]:
        """Return what a process needs in its environment to be watched."""
        return {"PYTHONPATH": str(AUDIT_SITE), "OFFMIC_TEST_AUDIT": str(audit_file)}

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._look, name="connection-watch", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        assert self._thread is not None
        self._thread.join()

    def outside(self, allowed_ports: Iterable[int]) -> list[str]:
        """Return every remote end that is not a given port of this machine, as readable lines."""
        allowed = set(allowed_ports)
        own = {a.address for addresses in psutil.net_if_addrs().values() for a in addresses}
        found = [
            f"{process} -> {host}:{port}"
            for process, host, port in sorted(self.seen)
            if not (_is_ours(host, own) and port in allowed) and (host, port) != _ROUTE_PROBE
        ]
        return found + [line for event in self.audited() for line in _judge(event, own, allowed)]

    def audited(self) -> list[dict[str, object]]:
        """Return what Python code of the watched processes asked for."""
        if not self.audit_file.exists():
            return []
        return [json.loads(line) for line in self.audit_file.read_text().splitlines()]

    def _look(self) -> None:
        family: list[psutil.Process] = []
        while not self._stop.wait(_PERIOD_S):
            if self.rounds % 20 == 0:
                family = list(self.processes())
            self.rounds += 1
            for process in family:
                with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                    for connection in process.net_connections("inet"):
                        if connection.raddr:
                            self.seen.add(
                                (process.name(), connection.raddr.ip, connection.raddr.port)
                            )


def _judge(event: dict[str, object], own: set[str], allowed: set[int]) -> list[str]:
    address = event["address"]
    line = f"{event['event']} {address} at\n{event['where']}"
    if not isinstance(address, list) or len(address) < 2:
        return []  # a Unix socket's path, or a datagram on a connected socket
    host, port = str(address[0]), address[1]
    if event["event"] in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}:
        return [] if host in {"localhost", "None"} or _is_ours(host, own) else [line]
    return [] if _is_ours(host, own) and port in allowed else [line]


def _is_ours(host: str, own: set[str]) -> bool:
    try:
        address = ipaddress.ip_address(host.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return address.is_loopback or host in own or (mapped is not None and mapped.is_loopback)
