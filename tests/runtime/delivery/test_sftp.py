"""SFTP as a whole: real journal, worker and OpenSSH; every posting stands in one file, whatever breaks when."""

from __future__ import annotations

import asyncio
import csv
import io
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.questions.replay import AskReplay
from tests.runtime.workshop import Shop, charge, shop
from tests.sshd import Sshd, sshd

LIBRARY = "supply-consumption-sftp"
Play = Callable[[Shop, "Counterpart"], Coroutine[Any, Any, None]]
pytestmark = pytest.mark.xdist_group("sshd")


class Counterpart:
    """A server under the doors that a workshop asks for."""

    def __init__(self, server: Sshd) -> None:
        self.server, self.port = server, server.port

    async def open(self) -> None:
        """It runs already."""

    def close(self) -> None:
        """Whoever started it stops it."""

    def rows(self) -> list[list[str]]:
        """All lines that were laid down, file by file in the order of their time."""
        files = sorted(self.server.files(), key=lambda name: (self.server.incoming / name).stat().st_mtime_ns)
        read = (
            csv.reader(io.StringIO(self.server.files()[name].decode(), newline=""), delimiter=";") for name in files
        )
        return [row for lines in read for row in list(lines)[1:]]

    def keys(self) -> Counter[str]:
        return Counter(row[-1] for row in self.rows())


@pytest.fixture
def server() -> Iterator[Sshd]:
    with sshd() as running:
        yield running


def batched(count: int, age_s: int, **more: Any) -> Callable[[dict[str, Any]], None]:
    def change(flow: dict[str, Any]) -> None:
        config = next(step["config"] for step in flow["steps"] if step["kind"] == "sftp")
        config |= {"batch": {"count": count, "age_s": age_s}, **more}

    return change


def play(folder: Path, server: Sshd, story: Play, count: int = 20, age_s: int = 1, **more: Any) -> None:
    connections = folder / "secrets" / "connections"
    connections.mkdir(parents=True, mode=0o700)
    (connections / "erp-inbox").write_bytes(server.key)
    (connections / "erp-inbox").chmod(0o600)
    given: dict[str, Any] = {"user": server.user, "base_path": str(server.incoming), "answer_s": 5}
    given["throttle"] = {"per_second": 1000, "burst": 100, "in_flight": 1}
    given["pins"] = more.pop("pins", [server.pin])
    change = batched(count, age_s, **more)

    async def run() -> None:
        there = Counterpart(server)
        async with shop(folder, there, library=LIBRARY, change=change, **given) as made:  # type: ignore[arg-type]
            await story(made, there)

    asyncio.run(run())


def charges(count: int, start: int = 0) -> list[bytes]:
    return [charge(f"C{n}", "A-1", encounter=f"E{n % 7}") for n in range(start, start + count)]


def causes(made: Shop) -> dict[str, int]:
    return dict(made.rows("SELECT cause, sum(count) FROM incident GROUP BY cause"))


def all_keys(made: Shop) -> Counter[str]:
    return Counter(key for (key,) in made.rows("SELECT lower(hex(idempotency)) FROM posting"))


def test_postings_go_out_in_full_files_and_each_of_them_once(tmp_path: Path, server: Sshd) -> None:
    async def story(made: Shop, there: Counterpart) -> None:
        made.accept(*charges(60))
        await made.settled(30)
        assert made.states() == {"delivered": 60}
        sizes = [len(content.splitlines()) - 1 for content in server.files().values()]
        assert sum(sizes) == 60 and max(sizes) == 20 and len(sizes) <= 5
        assert there.keys() == all_keys(made)
        [row, *_] = there.rows()
        assert row[:4] == ["201", "M-100", "2", "4410"] and "4711" not in str(row)
        assert server.partial() == []

    play(tmp_path, server, story)


def test_a_file_that_does_not_fill_goes_out_when_its_first_has_waited_enough(tmp_path: Path, server: Sshd) -> None:
    async def story(made: Shop, there: Counterpart) -> None:
        began = asyncio.get_running_loop().time()
        made.accept(*charges(3))
        await made.settled(30)
        assert asyncio.get_running_loop().time() - began >= 0.9
        assert len(server.files()) == 1 and len(there.rows()) == 3

    play(tmp_path, server, story, count=100, age_s=1)


def test_the_order_of_a_key_holds_within_files_and_from_file_to_file(tmp_path: Path, server: Sshd) -> None:
    async def story(made: Shop, there: Counterpart) -> None:
        made.accept(*charges(50))
        await made.settled(30)
        where = {key: (lane, number) for key, lane, number in made.rows(
            "SELECT lower(hex(idempotency)), lane, number FROM posting"
        )}  # fmt: skip
        for lane in {lane for lane, _ in where.values()}:
            went = [where[row[-1]][1] for row in there.rows() if where[row[-1]][0] == lane]
            assert went == sorted(went)

    play(tmp_path, server, story, count=9)


def struck_dumb(made: Shop) -> None:
    """From here on nothing that comes of an attempt is noted any more, as when a process dies before it can."""
    for route in made.routes:
        route._settled = lambda *_: None


def test_what_was_being_laid_down_at_a_crash_is_the_same_file_afterwards(tmp_path: Path, server: Sshd) -> None:
    async def story(made: Shop, there: Counterpart) -> None:
        struck_dumb(made)
        made.accept(*charges(10))
        await made.until(lambda: bool(server.files()), 30)
        made.stop()
        [(begun,)] = made.rows("SELECT count(*) FROM posting WHERE begun IS NOT NULL AND state = 'in-flight'")
        assert begun == 10
        made.start()
        made.accept(*charges(10, start=10))
        await made.settled(30)
        assert made.states() == {"delivered": 20}, causes(made)
        assert there.keys() == all_keys(made)
        assert len(server.files()) == 2

    play(tmp_path, server, story, count=10)


def test_breaks_of_the_server_lose_and_double_nothing(tmp_path: Path, server: Sshd) -> None:
    async def story(made: Shop, there: Counterpart) -> None:
        for wave in range(6):
            made.accept(*charges(20, start=20 * wave))
            await asyncio.sleep(0.05 * wave)
            server.stop() if wave % 2 else server.break_sessions()
            await asyncio.sleep(0.05)
            if wave % 2:
                server.start()
        await made.settled(60)
        assert made.states() == {"delivered": 120}, causes(made)
        assert there.keys() == all_keys(made)
        assert set(there.keys().values()) == {1}

    play(tmp_path, server, story, count=15)


def test_another_host_key_parks_what_would_have_been_sent_and_replay_sends_it(tmp_path: Path, server: Sshd) -> None:
    async def story(made: Shop, there: Counterpart) -> None:
        made.accept(*charges(5))
        await made.settled(30)
        assert causes(made) == {"host-key-changed": 5} and server.files() == {}
        [(sentence,)] = made.rows("SELECT DISTINCT sentence FROM incident")
        assert "pinned" in sentence

    play(tmp_path, server, story, pins=["0" * 64], count=5)


def test_a_full_disk_is_waited_out(tmp_path: Path) -> None:
    async def story(made: Shop, there: Counterpart) -> None:
        made.accept(*charges(30))
        await made.until(lambda: (made.rows("SELECT max(attempts) FROM posting")[0][0] or 0) >= 2, 30)
        assert there.server.files() == {}
        there.server.stop()
        there.server._largest = None
        there.server.start()
        await made.settled(30)
        assert made.states() == {"delivered": 30} and there.keys() == all_keys(made)

    with sshd(largest_kib=1) as server:
        play(tmp_path, server, story, count=30)


def test_where_files_are_collected_one_whose_end_nobody_saw_is_a_case(tmp_path: Path, server: Sshd) -> None:
    async def story(made: Shop, there: Counterpart) -> None:
        struck_dumb(made)
        made.accept(*charges(10))
        await made.until(lambda: bool(server.files()), 30)
        made.stop()
        collected = [name for name in server.files() if (server.incoming / name).rename(server.home / name)]
        made.start()
        await made.settled(30)
        assert len(collected) == 1 and causes(made) == {"uncertain": 10} and server.files() == {}
        made.activate(2)
        answer = await made.replays.run(AskReplay(actor="ana", case=1), 1000)
        assert answer.outcome == "queued"
        await made.settled(30)
        assert len(there.rows()) == 1

    play(tmp_path, server, story, count=10, collected=True)
