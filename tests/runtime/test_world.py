"""The doors to the outside: the real ones work, and the set ones do what they were set to."""

from __future__ import annotations

import asyncio

from runtime.world import SeededRandomness, SetClock, system


def test_the_real_world_has_a_clock_randomness_and_a_network() -> None:
    class Echo(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def data_received(self, data: bytes) -> None:
            self.transport.write(data)  # type: ignore[attr-defined]

    class Heard(asyncio.Protocol):
        def __init__(self) -> None:
            self.data = asyncio.get_running_loop().create_future()

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            transport.write(b"hello")  # type: ignore[attr-defined]

        def data_received(self, data: bytes) -> None:
            self.data.set_result(data)

    async def story() -> None:
        world = system()
        listener = await world.network.listen("127.0.0.1", 0, Echo)
        heard = await world.network.connect("127.0.0.1", listener.port, Heard)
        assert await heard.data == b"hello"
        listener.close()

    asyncio.run(story())
    world = system()
    assert world.randomness.bytes(16) != world.randomness.bytes(16)
    assert world.clock.now_ms() > 1_700_000_000_000
    assert world.clock.monotonic() <= world.clock.monotonic()


def test_a_set_clock_passes_and_jumps() -> None:
    clock = SetClock(1_000)
    clock.advance(1.5)
    clock.jump(-2)
    assert (clock.now_ms(), clock.monotonic()) == (500, 1.5)


def test_seeded_randomness_replays_from_its_seed() -> None:
    one, same, other = SeededRandomness(1), SeededRandomness(1), SeededRandomness(2)
    drawn = [one.bytes(40), one.bytes(3)]
    assert drawn == [same.bytes(40), same.bytes(3)]
    assert other.bytes(40) != drawn[0]
