"""Who serves which room, as Redis knows it; no clock is ever compared, and no secret written.

Each step is one Lua script, so that of several that try, one succeeds. What counts as late is for
the reader to see: a beat that does not move while somebody watches it, by that one's own clock.
Clocks that step and a Redis that was away make nobody look dead (the algorithm of the DynamoDB
lock client: https://aws.amazon.com/blogs/database/building-distributed-locks-with-the-dynamodb-lock-client/).
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import redis.asyncio
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BEAT_S: Final = 0.5
LATE_S: Final = 3.0
"""Six beats missed. With fewer, jobs of a machine that is short of CPU look dead, and what takes
their place makes it shorter still."""
UNREACHABLE: Final = (RedisError, OSError, TimeoutError)
"""What a Redis that is away raises."""

_ROOMS: Final = "offmic:rooms"
_EPOCH: Final = "offmic:epoch"
_TIMEOUT_S: Final = 1.0
_KEPT_VACANT_S: Final = 60
"""Nobody watches, then: whoever uses the room's name later starts a call of its own."""

_TAKE: Final = """
local held = redis.call('HMGET', KEYS[1], 'holder', 'epoch', 'beat', 'leaving', 'asker')
local free = not held[1] or held[1] == '' or held[1] == ARGV[2] or held[4]
if not free and not (held[2] == ARGV[5] and held[3] == ARGV[6]) then
  return {0, held[2], held[3], ''}
end
local epoch = redis.call('INCR', KEYS[3])
redis.call('HDEL', KEYS[1], 'leaving', 'abandoned')
redis.call('PERSIST', KEYS[1])
redis.call('HSET', KEYS[1], 'holder', ARGV[2], 'identity', ARGV[3], 'agent_name', ARGV[4],
  'epoch', epoch, 'beat', 0)
redis.call('SADD', KEYS[2], ARGV[1])
local resumed = 0
if held[1] and held[1] ~= ARGV[2] then resumed = 1 end
return {1, epoch, resumed, held[5] or ''}
"""
_BEAT: Final = """
local holder = redis.call('HGET', KEYS[1], 'holder')
if not holder then return -1 end
if holder ~= ARGV[1] then return 0 end
redis.call('HINCRBY', KEYS[1], 'beat', 1)
redis.call('HSET', KEYS[1], 'asker', ARGV[2])
redis.call('SADD', KEYS[2], ARGV[3])
return 1
"""
_LEAVE: Final = """
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'leaving', 1)
return 1
"""
_ABANDON: Final = """
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'holder', '', 'epoch', redis.call('INCR', KEYS[2]), 'beat', 0,
  'abandoned', 1)
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""
_RELEASE: Final = """
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SREM', KEYS[2], ARGV[1])
return 1
"""
_VACATE: Final = """
local held = redis.call('HMGET', KEYS[1], 'epoch', 'beat')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], 'abandoned')
redis.call('HSET', KEYS[1], 'holder', '', 'epoch', redis.call('INCR', KEYS[2]), 'beat', 0)
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""
_FORGET: Final = """
local held = redis.call('HMGET', KEYS[1], 'epoch', 'beat')
if held[1] ~= ARGV[2] or held[2] ~= ARGV[3] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SREM', KEYS[2], ARGV[1])
return 1
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands under one room.

    Args:
        room: its name.
        holder: the job that serves it, empty where none does.
        identity: the participant that this job is, or was.
        agent_name: under which it was dispatched, empty for every room.
        epoch: grows with each holder; of the whole fleet.
        beat: grows while the holder lives.
        abandoned: whether the holder left its callers there, and nobody was sent yet.
    """

    room: str
    holder: str
    identity: str
    agent_name: str
    epoch: str
    beat: str
    abandoned: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """The room is this job's.

    Args:
        resumed: whether another job served it before.
        asker: the identity of the participant who was listened to then, empty where none was.
    """

    resumed: bool
    asker: str


@dataclass(frozen=True, slots=True)
class Held:
    """The room is another job's, with its beat at this count."""

    epoch: str
    beat: str


class Register:
    """The entries of all rooms.

    Every method raises one of `UNREACHABLE` where Redis cannot be asked.

    Args:
        client: a connection to Redis that decodes what it reads.
    """

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._client = client
        self._take = client.register_script(_TAKE)
        self._beat = client.register_script(_BEAT)
        self._leave = client.register_script(_LEAVE)
        self._abandon = client.register_script(_ABANDON)
        self._release = client.register_script(_RELEASE)
        self._vacate = client.register_script(_VACATE)
        self._forget = client.register_script(_FORGET)

    async def take(
        self, room: str, holder: str, identity: str, agent_name: str, seen: Held | None = None
    ) -> Taken | Held:
        """Take a room that nobody holds, or whose holder is leaving or late.

        Args:
            room: its name.
            holder: the job that wants it.
            identity: the participant that this job is.
            agent_name: under which it was dispatched.
            seen: at which count its holder's beat has stood still for too long, None where it has
                not been watched.
        """
        seen = seen or Held("", "")
        won, epoch, third, asker = await self._take(
            keys=[_key(room), _ROOMS, _EPOCH],
            args=[room, holder, identity, agent_name, seen.epoch, seen.beat],
        )
        return Taken(bool(int(third)), str(asker)) if won else Held(str(epoch), str(third))

    async def beat(self, room: str, holder: str, asker: str) -> bool | None:
        """Say that the holder lives; return whether it still holds, None where nothing is known."""
        answer = int(await self._beat(keys=[_key(room), _ROOMS], args=[holder, asker, room]))
        return None if answer < 0 else bool(answer)

    async def leave(self, room: str, holder: str) -> None:
        """Let the next one who asks have the room; until then the holder keeps it."""
        await self._leave(keys=[_key(room)], args=[holder])

    async def abandon(self, room: str, holder: str) -> None:
        """Leave the room while its callers are there: another one is to be sent."""
        await self._abandon(keys=[_key(room), _EPOCH], args=[holder, _KEPT_VACANT_S])

    async def release(self, room: str, holder: str) -> None:
        """Forget the room: its call is over."""
        await self._release(keys=[_key(room), _ROOMS], args=[room, holder])

    async def vacate(self, entry: Entry) -> bool:
        """Take the room from a holder whose beat still stands there; of several, one succeeds."""
        return bool(
            await self._vacate(
                keys=[_key(entry.room), _EPOCH], args=[entry.epoch, entry.beat, _KEPT_VACANT_S]
            )
        )

    async def forget(self, entry: Entry) -> None:
        """Drop the entry of a room that is no more, unless it moved meanwhile."""
        await self._forget(
            keys=[_key(entry.room), _ROOMS], args=[entry.room, entry.epoch, entry.beat]
        )

    async def entries(self) -> list[Entry]:
        """Return what stands under every room."""
        rooms: list[str] = sorted(await _awaited(self._client.smembers(_ROOMS)))
        async with self._client.pipeline(transaction=False) as pipeline:
            for room in rooms:
                pipeline.hgetall(_key(room))
            found: list[dict[str, str]] = await pipeline.execute()
        if gone := [room for room, fields in zip(rooms, found, strict=True) if not fields]:
            await _awaited(self._client.srem(_ROOMS, *gone))
        return [
            Entry(
                room,
                holder=fields.get("holder", ""),
                identity=fields.get("identity", ""),
                agent_name=fields.get("agent_name", ""),
                epoch=fields.get("epoch", ""),
                beat=fields.get("beat", ""),
                abandoned="abandoned" in fields,
            )
            for room, fields in zip(rooms, found, strict=True)
            if fields
        ]


@asynccontextmanager
async def open_register(redis_url: str) -> AsyncIterator[Register]:
    """Open the register for the length of a `with` block; Redis need not be there yet.

    Args:
        redis_url: of OFFMIC_REDIS_URL.
    """
    client = redis.asyncio.Redis.from_url(
        redis_url,
        decode_responses=True,
        socket_timeout=_TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
    )
    try:
        yield Register(client)
    finally:
        await client.aclose()


def _key(room: str) -> str:
    return f"offmic:room:{room}"


async def _awaited(answer: Any) -> Any:
    # The client's types leave open whether it is the asynchronous one.
    return await answer
