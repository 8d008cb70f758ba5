"""``lockgate send``: sends HL7 files over MLLP and prints the answers, as a sender would see them."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Annotated

import typer

from lockgate.cli.unusable import Unusable, read

_START, _END = b"\x0b", b"\x1c\r"
_LONGEST_ANSWER = 1 << 20


def send(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of HL7 v2 messages, each beginning with MSH.")],
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Where the flow's source listens.")],
    host: Annotated[str, typer.Option("--host")] = "127.0.0.1",
    wait: Annotated[float, typer.Option("--wait", min=0.1, max=300, help="Seconds to wait for each answer.")] = 10.0,
) -> None:
    """Send the messages of a file over MLLP, one after the other, and print each answer's code."""
    messages = frames(read(file, "a file of HL7 messages"))
    if not messages:
        raise Unusable(f"{file}: there is no message in this file (no segment begins with MSH).")
    positive = 0
    try:
        with socket.create_connection((host, port), timeout=wait) as peer:
            for number, message in enumerate(messages, 1):
                peer.sendall(_START + message + _END)
                code, rest = _read(_answer(peer))
                positive += code in ("AA", "CA")
                typer.echo(f"{number}: {code}{f' {rest}' if rest else ''}")
    except OSError as error:
        raise Unusable(f"{host}:{port}: {error.strerror or type(error).__name__}; is the flow running?") from None
    typer.echo(f"{positive} of {len(messages)} accepted")
    if positive < len(messages):
        raise typer.Exit(1)


def frames(data: bytes) -> list[bytes]:
    """The messages of a file, from one MSH to the next, with CR ends; batch headers and trailers are left out."""
    lines = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\r").replace(b"\n", b"\r").split(b"\r")
    found: list[list[bytes]] = []
    for line in lines:
        if line.startswith(b"MSH"):
            found.append([])
        if found and line and line[:3] not in (b"FHS", b"BHS", b"BTS", b"FTS"):
            found[-1].append(line)
    return [b"\r".join(message) + b"\r" for message in found]


def _answer(peer: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(_END):
        piece = peer.recv(65_536)
        if not piece or len(answer) > _LONGEST_ANSWER:
            raise ConnectionResetError("the other side closed without an answer")
        answer += piece
    return answer[1:-2]


def _read(answer: bytes) -> tuple[str, str]:
    """The code of an acknowledgement, and where and why from its ERR segment."""
    code, rest = "no MSA", ""
    for segment in answer.decode("utf-8", "replace").split("\r"):
        fields = segment.split("|")
        if fields[0] == "MSA" and len(fields) > 1:
            code = fields[1]
            rest = rest or (fields[3] if len(fields) > 3 else "")
        elif fields[0] == "ERR":
            rest = " ".join(field for field in fields[1:] if field)
    return code, rest
