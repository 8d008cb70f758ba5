"""The SFTP stand-in: an ERP that collects files. It takes what is laid down into its inbox, and shows it line by line.

A file counts when it has its own name; what is still being written has a hidden one. The page is on a port of its own.
"""

from __future__ import annotations

import csv
import hashlib
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import paramiko
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from paramiko import SFTPAttributes, SFTPHandle, SFTPServer

from lockgate.demo.ledger import Ledger
from lockgate.demo.showing import Page

USER = "lockgate"
TITLE = "ERP east (SFTP)"
COLUMNS = ("Material", "Quantity", "CostCentre", "Case", "UsedAt")


class Keys(NamedTuple):
    """What both ends need: the host's key here, the user's in the runtime, and the pin in the environment."""

    folder: Path

    @property
    def host(self) -> Path:
        return self.folder / "host"

    @property
    def user(self) -> Path:
        return self.folder / "user"

    @property
    def pin(self) -> str:
        """SHA-256 of the host's public key, as a connection pins it."""
        return hashlib.sha256(paramiko.Ed25519Key(filename=str(self.host)).asbytes()).hexdigest()

    def make(self) -> Keys:
        """Both, new."""
        self.folder.mkdir(parents=True, mode=0o700)
        for path in (self.host, self.user):
            pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
            path.touch(mode=0o600)
            path.write_bytes(pem)
        return self


class _Door(paramiko.ServerInterface):
    """Lets one user in, by one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        known = username == USER and key.asbytes() == self._key
        return paramiko.common.AUTH_SUCCESSFUL if known else paramiko.common.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        refused = paramiko.common.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED
        return paramiko.common.OPEN_SUCCEEDED if kind == "session" else refused


class _Handle(SFTPHandle):
    """An open file that can say how large it is."""

    def stat(self) -> SFTPAttributes | int:
        self.writefile.flush()  # type: ignore[attr-defined]  # given by whoever opens it
        return SFTPAttributes.from_stat(os.fstat(self.writefile.fileno()))  # type: ignore[attr-defined]  # as above


class _Inbox(paramiko.SFTPServerInterface):
    """One folder and nothing outside of it."""

    def __init__(self, server: paramiko.ServerInterface, inbox: Inbox) -> None:
        super().__init__(server)
        self._inbox = inbox

    def list_folder(self, path: str) -> list[SFTPAttributes] | int:
        return [SFTPAttributes.from_stat(each.stat(), each.name) for each in self._inbox.folder.iterdir()]

    def lstat(self, path: str) -> SFTPAttributes | int:
        try:
            return SFTPAttributes.from_stat(self._at(path).lstat())
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)

    def stat(self, path: str) -> SFTPAttributes | int:
        return self.lstat(path)

    def open(self, path: str, flags: int, attr: SFTPAttributes) -> SFTPHandle | int:
        try:
            file = os.fdopen(os.open(self._at(path), flags & ~os.O_APPEND, 0o600), "r+b")
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)
        handle = _Handle(flags)
        handle.readfile = handle.writefile = file  # type: ignore[attr-defined]  # paramiko's way
        return handle

    def remove(self, path: str) -> int:
        self._at(path).unlink(missing_ok=True)
        return paramiko.sftp.SFTP_OK

    def rename(self, oldpath: str, newpath: str) -> int:
        return paramiko.sftp.SFTP_FAILURE if self._at(newpath).exists() else self.posix_rename(oldpath, newpath)

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        try:
            self._at(oldpath).rename(self._at(newpath))
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)
        self._inbox.laid_down(self._at(newpath))
        return paramiko.sftp.SFTP_OK

    def _at(self, path: str) -> Path:
        """The last part of a path counts: the ERP has one folder."""
        return self._inbox.folder / (PurePosixPath(path).name or ".")


class Inbox:
    """The folder of the ERP, and its books."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self.folder, self._ledger = folder, ledger
        folder.mkdir(parents=True, exist_ok=True)

    def laid_down(self, file: Path) -> None:
        """Every line of a file that has its name now."""
        if file.name.startswith("."):
            return
        with file.open(newline="", encoding="utf-8") as lines:
            for line in csv.DictReader(lines, delimiter=";"):
                key = line.get("Reference", "")
                self._ledger.add("applied", key=key, body=line, document={"file": file.name}, dropped=False)


class Server:
    """SFTP on one port, the page on another."""

    def __init__(self, keys: Keys, inbox: Inbox) -> None:
        self._host = paramiko.Ed25519Key(filename=str(keys.host))
        self._user = paramiko.Ed25519Key(filename=str(keys.user)).asbytes()
        self._inbox = inbox

    def listen(self, port: int) -> int:
        """Begins to take connections; gives the port."""
        door = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, args=(door,), daemon=True).start()
        return int(door.getsockname()[1])

    def _accept(self, door: socket.socket) -> None:
        while True:
            peer, _ = door.accept()
            transport = paramiko.Transport(peer)
            transport.add_server_key(self._host)
            transport.set_subsystem_handler("sftp", SFTPServer, _Inbox, self._inbox)
            try:
                transport.start_server(server=_Door(self._user))
            except (paramiko.SSHException, EOFError, OSError):
                transport.close()  # it spoke no SSH: the next one is waited for


def show(page: Page, port: int) -> ThreadingHTTPServer:
    """The page for browsers."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown = page.answer(self.path)
            self.send_response(200 if shown else 404)
            for name, value in shown.headers if shown else ():
                self.send_header(name, value)
            body = shown.body if shown else b""
            self.send_header("Content-Type", shown.kind if shown else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: the ledger says what was received."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main(arguments: Sequence[str]) -> int:
    """``python -m lockgate.demo.sftp_erp PORT PAGE_PORT KEYS INBOX LEDGER``"""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the demo, which ends its stand-ins itself
    logging.getLogger("paramiko").setLevel(logging.CRITICAL + 1)  # who looks whether the port is open speaks no SSH
    port, page_port, keys, inbox, ledger = arguments
    books = Ledger(Path(ledger))
    show(Page(TITLE, books.path, COLUMNS), int(page_port))
    print(f"sftp stand-in ready on port {Server(Keys(Path(keys)), Inbox(Path(inbox), books)).listen(int(port))}")
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
