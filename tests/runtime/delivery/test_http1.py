"""The HTTP client against a real socket server that answers in every wrong way."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable

import pytest

from nodes.sink import Answer
from runtime.delivery.http1 import MAX_BODY, MAX_HEAD, Client, Trouble, head, request

REQUEST = request(head("POST", "/erp", "h:1", ()), b"ab", b"{}")
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _asked(serve: Serve, times: int = 1, answer_s: float = 2.0) -> list[Answer | Trouble]:
    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    client = Client(lambda make: loop.create_connection(make, "127.0.0.1", port), answer_s)
    answers = []
    for _ in range(times):
        future: asyncio.Future[Answer | Trouble] = loop.create_future()
        client.send(REQUEST, future.set_result)
        answers.append(await asyncio.wait_for(future, 10))
    client.close()
    server.close()
    return answers


def ask(serve: Serve, times: int = 1, answer_s: float = 2.0) -> list[Answer | Trouble]:
    return asyncio.run(_asked(serve, times, answer_s))


def answering(data: bytes, close: bool = False) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n{}"):
            writer.write(data)
            await writer.drain()
            if close:
                writer.close()
                return

    return serve


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_an_answer_comes_back_whole() -> None:
    assert ask(answering(OK)) == [Answer(200, {"content-length": "2"}, b"ok")]


def test_one_connection_serves_many_requests() -> None:
    opened = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(1)
        await answering(OK)(reader, writer)

    assert len(ask(serve, times=5)) == 5
    assert len(opened) == 1


def test_a_closing_server_is_connected_to_again() -> None:
    closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
    assert [a.status for a in ask(answering(closing, close=True), times=3) if isinstance(a, Answer)] == [200] * 3


def test_a_chunked_answer_and_one_without_length_are_read() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    endless = b"HTTP/1.1 200 OK\r\n\r\nok"
    for data, close in ((chunked, False), (endless, True)):
        [answer] = ask(answering(data, close))
        assert isinstance(answer, Answer)
        assert answer.body == b"ok"


def test_interim_answers_are_skipped() -> None:
    [answer] = ask(answering(b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + OK))
    assert isinstance(answer, Answer)
    assert answer.status == 200


def test_a_cut_answer_is_a_reset() -> None:
    assert ask(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok", close=True)) == [Trouble.RESET]


def test_silence_ends_at_the_deadline_and_so_does_a_dripping_answer() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n":
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.1)

    assert ask(silent, answer_s=0.3) == [Trouble.TIMEOUT]
    assert ask(dripping, answer_s=0.3) == [Trouble.TIMEOUT]


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * (MAX_HEAD // 8 + 10) + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"b" * (MAX_HEAD + 10),
        b"HTTP/1.1 102 Wait\r\n\r\n" * (MAX_HEAD // 20 + 10),
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b"x" * (MAX_BODY + 1),
        OK + OK,
    ],
    ids=["many headers", "one long header", "a flood of interim answers", "a huge body", "two answers"],
)
def test_more_than_the_caps_is_not_read(data: bytes) -> None:
    assert ask(answering(data)) == [Trouble.TOO_LARGE]


def test_a_compressed_answer_is_taken_as_it_stands_and_never_unpacked() -> None:
    bomb = gzip.compress(b"0" * (64 << 20))
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    [answer] = ask(answering(head + bomb))
    assert isinstance(answer, Answer)
    assert answer.body == bomb


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n\r\n",
        b"HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    ],
    ids=["no http", "an upgrade nobody asked for", "two lengths"],
)
def test_what_is_no_answer_is_malformed(data: bytes) -> None:
    assert ask(answering(data)) == [Trouble.MALFORMED]


def test_a_closed_port_is_unreached() -> None:
    async def run() -> Answer | Trouble:
        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        client = Client(lambda make: loop.create_connection(make, "127.0.0.1", port), 1.0)
        future: asyncio.Future[Answer | Trouble] = loop.create_future()
        client.send(REQUEST, future.set_result)
        return await future

    assert asyncio.run(run()) is Trouble.UNREACHED


def test_a_server_that_speaks_first_is_not_listened_to() -> None:
    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        await reader.read()

    [answer] = ask(rude, answer_s=0.5)
    assert answer in (Trouble.UNREACHED, Trouble.MALFORMED, Trouble.RESET)


def test_a_header_cannot_smuggle_a_line() -> None:
    with pytest.raises(ValueError, match="control character"):
        head("POST", "/erp", "h", (("X", "a\r\nEvil: b"),))
