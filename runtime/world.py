"""The world outside: clock, randomness, storage and network, handed in so that a simulated run replays from a seed.

Nothing else under ``runtime/`` reads the clock, draws a random number or opens a socket; the linter holds that.
Waiting is the event loop's own (``call_later``), and a simulation brings its own loop.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import ssl
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

P = TypeVar("P", bound=asyncio.BaseProtocol)


class Clock(Protocol):
    """What time it is. ``now_ms`` is UTC and may jump; ``monotonic`` never goes back and knows no date."""

    def now_ms(self) -> int: ...

    def monotonic(self) -> float: ...


class Randomness(Protocol):
    """Bytes that nobody can guess."""

    def bytes(self, count: int) -> bytes: ...


class Storage(NamedTuple):
    """Where journals lie. ``vfs`` names the SQLite file system that they use; None is the operating system's own."""

    vfs: str | None = None


class Listener(Protocol):
    """An open listening socket."""

    @property
    def port(self) -> int: ...

    def close(self) -> None: ...


class Network(Protocol):
    """Stream connections, in and out."""

    async def listen(
        self, host: str, port: int, protocol: Callable[[], asyncio.Protocol], tls: ssl.SSLContext | None = None
    ) -> Listener: ...

    async def connect(
        self, host: str, port: int, protocol: Callable[[], P], tls: ssl.SSLContext | None = None
    ) -> P: ...


class World(NamedTuple):
    """All doors to the outside together."""

    clock: Clock
    randomness: Randomness
    network: Network
    storage: Storage = Storage()


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()


class Steady:
    """The wall clock, but never ahead of the time that has gone by since this was made: for windows that must not close
    because somebody set the clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._from_ms, self._from = clock.now_ms(), clock.monotonic()

    def at_most_ms(self, now_ms: int) -> int:
        return min(now_ms, self._from_ms + round((self._clock.monotonic() - self._from) * 1000))


class SystemRandomness:
    """The operating system's generator."""

    def bytes(self, count: int) -> bytes:
        return os.urandom(count)


class SystemListener:
    """A server of the running loop."""

    def __init__(self, server: asyncio.Server) -> None:
        self._server = server

    @property
    def port(self) -> int:
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        self._server.close()


class SystemNetwork:
    """TCP, by the running loop."""

    async def listen(
        self, host: str, port: int, protocol: Callable[[], asyncio.Protocol], tls: ssl.SSLContext | None = None
    ) -> SystemListener:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(protocol, host, port, ssl=tls, backlog=512, reuse_address=True)
        return SystemListener(server)

    async def connect(self, host: str, port: int, protocol: Callable[[], P], tls: ssl.SSLContext | None = None) -> P:
        loop = asyncio.get_running_loop()
        _, made = await loop.create_connection(protocol, host, port, ssl=tls)
        return made


def system() -> World:
    """The real world."""
    return World(SystemClock(), SystemRandomness(), SystemNetwork())


class SetClock:
    """A clock that stands where it was set: for simulations and tests."""

    def __init__(self, now_ms: int = 1_775_000_000_000) -> None:
        self.at_ms, self.passed = now_ms, 0.0

    def now_ms(self) -> int:
        return self.at_ms

    def monotonic(self) -> float:
        return self.passed

    def advance(self, seconds: float) -> None:
        """Time goes by."""
        self.at_ms += round(seconds * 1000)
        self.passed += seconds

    def jump(self, seconds: float) -> None:
        """Somebody sets the wall clock; no time goes by."""
        self.at_ms += round(seconds * 1000)


class SeededRandomness:
    """The same bytes for the same seed: for simulations and tests. Never for keys that protect anything."""

    def __init__(self, seed: int) -> None:
        self._seed, self._drawn = seed, 0

    def bytes(self, count: int) -> bytes:
        out = b""
        while len(out) < count:
            out += hashlib.sha256(b"%d:%d" % (self._seed, self._drawn)).digest()
            self._drawn += 1
        return out[:count]
