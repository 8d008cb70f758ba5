"""The child that lays files down by SFTP: paramiko with a pinned host key and without its weak algorithms.

A file is written under a temporary name, flushed where the server can, checked for its size, and only then given its
name; a file that has its name and its size is there already. What comes of it is a code, never a server's text.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import socket
import stat
from collections.abc import Iterator, Mapping
from typing import Any

import paramiko
from paramiko.sftp import CMD_CLOSE, CMD_EXTENDED, CMD_OPENDIR, CMD_READDIR
from paramiko.sftp_attr import SFTPAttributes
from paramiko.sftp_client import SFTPClient

from runtime.ssh_keys import WEAK, NotAKey, OtherKey, Pinned, private_key
from runtime.worker_side import serve

Json = Any
LONGEST_S = 900
_MEMORY = 1 << 30
_LOOKED_THROUGH = 10_000
"""Names of a folder that are looked through for what a broken attempt left."""
_CHUNK = 32_768


class Outcome(Exception):
    """What an attempt came to, other than well."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Desk:
    """Answers questions: one session, opened when it is needed and again when it is lost."""

    def __init__(self) -> None:
        self._asked: Mapping[str, Json] = {}
        self._client: paramiko.SSHClient | None = None
        self._sftp: SFTPClient | None = None

    def __call__(self, question: Mapping[str, Json]) -> Json:
        if question["do"] == "open":
            self._asked = question
            return {"open": True}
        try:
            return {"outcome": self._put(question)}
        except Outcome as outcome:
            return {"outcome": outcome.code}
        except ConnectionRefusedError:
            return self._lost("unreached")
        except (OSError, EOFError, paramiko.SSHException):
            return self._lost("reset")

    def _lost(self, trouble: str) -> Json:
        """The connection is gone; before a session was open nothing can have been written."""
        if self._sftp is None:
            trouble = "unreached"
        self._close()
        return {"trouble": trouble}

    def _put(self, question: Mapping[str, Json]) -> str:
        with _codes():
            sftp = self._session()
            return _Laying(sftp, question).run()

    def _session(self) -> SFTPClient:
        transport = self._client.get_transport() if self._client is not None else None
        if self._sftp is not None and transport is not None and transport.is_active():
            return self._sftp
        self._close()
        asked = self._asked
        client = self._client = paramiko.SSHClient()
        client.set_missing_host_key_policy(Pinned(asked["pins"]))
        seconds = float(asked["seconds"])
        client.connect(
            asked["host"],
            asked["port"],
            username=asked["user"],
            pkey=private_key(asked["key"]),
            timeout=seconds,
            banner_timeout=seconds,
            auth_timeout=seconds,
            look_for_keys=False,
            allow_agent=False,
            disabled_algorithms={kind: list(each) for kind, each in WEAK.items()},
        )
        sftp = client.open_sftp()
        channel = sftp.get_channel()
        if channel is not None:
            channel.settimeout(seconds)
        self._sftp = sftp
        return sftp

    def _close(self) -> None:
        client, self._client, self._sftp = self._client, None, None
        if client is not None:
            with contextlib.suppress(Exception):
                client.close()


class _Laying:
    """One file on its way into a folder."""

    def __init__(self, sftp: SFTPClient, question: Mapping[str, Json]) -> None:
        self._sftp, self._question = sftp, question
        folder = question["folder"]
        self._folder = folder or "."
        self._final = f"{folder}/{question['name']}" if folder else question["name"]
        self._stem = f".{question['name']}."
        temporary = f"{self._stem}{question['tag']}.part"
        self._temporary = f"{folder}/{temporary}" if folder else temporary
        self._content = base64.b64decode(question["content"])

    def run(self) -> str:
        there = self._there()
        if there is not None:
            return there
        if self._question["again"]:
            if self._question["collected"]:
                raise Outcome("uncertain")
            self._clear()
        self._write()
        self._name()
        return "stored"

    def _there(self) -> str | None:
        """What stands under the file's name already."""
        try:
            found = self._sftp.lstat(self._final)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._judged(error, "write-refused") from None
        if not stat.S_ISREG(found.st_mode or 0):
            raise Outcome("target-is-link")
        if found.st_size != len(self._content):
            raise Outcome("name-taken")
        return "there-already"

    def _clear(self) -> None:
        """What a broken attempt at this very file left behind."""
        left = [name for name in self._names() if name.startswith(self._stem) and name.endswith(".part")]
        for name in left:
            with contextlib.suppress(FileNotFoundError):
                self._sftp.remove(f"{self._folder}/{name}")

    def _names(self) -> list[str]:
        """The first names of the folder; paramiko's own listing has no end before the folder's."""
        request: Any = self._sftp
        names: list[str] = []
        try:
            _, message = request._request(CMD_OPENDIR, self._folder)
            handle = message.get_binary()
        except OSError as error:
            raise self._judged(error, "no-folder") from None
        while len(names) < _LOOKED_THROUGH:
            try:
                _, message = request._request(CMD_READDIR, handle)
            except EOFError:
                break
            for _ in range(message.get_int()):
                name, long = message.get_text(), message.get_text()
                SFTPAttributes._from_msg(message, name, long)  # type: ignore[attr-defined]  # reads past them
                names.append(name)
        request._request(CMD_CLOSE, handle)
        return names

    def _write(self) -> None:
        try:
            with self._sftp.open(self._temporary, "wx") as file:
                for start in range(0, len(self._content), _CHUNK):
                    file.write(self._content[start : start + _CHUNK])
                file.flush()
                self._flush_there(file.handle)
                size = file.stat().st_size
        except FileNotFoundError:
            raise Outcome("no-folder") from None
        except PermissionError:
            raise Outcome("write-refused") from None
        except OSError as error:
            outcome = self._judged(error, "disk-full" if _says_full(error) else "failed")
            self._remove()
            raise outcome from None
        if size != len(self._content):
            self._remove()
            raise Outcome("size-differs")

    def _flush_there(self, handle: object) -> None:
        """Onto the server's disk, where it offers that."""
        with contextlib.suppress(OSError):
            request: Any = self._sftp
            request._request(CMD_EXTENDED, "fsync@openssh.com", handle)  # paramiko has no door to it

    def _name(self) -> None:
        """Its name in one step, where the server offers that; without taking another's place where it does not."""
        try:
            self._sftp.posix_rename(self._temporary, self._final)
            return
        except FileNotFoundError:
            raise Outcome("failed") from None
        except OSError as error:
            outcome = self._judged(error, "rename-refused")
            if isinstance(error, PermissionError) or "unsupported" not in str(error).lower():
                self._remove()
                raise outcome from None
        try:
            self._sftp.rename(self._temporary, self._final)
        except OSError as error:
            outcome = self._judged(error, "rename-refused")
            self._remove()
            raise outcome from None

    def _judged(self, error: OSError, code: str) -> Outcome:
        """What the server said, as ``code``; an error of the connection is raised again, for nobody knows then."""
        channel = self._sftp.get_channel()
        if isinstance(error, TimeoutError) or channel is None or channel.closed or not _active(channel):
            raise error
        return Outcome(code)

    def _remove(self) -> None:
        with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
            self._sftp.remove(self._temporary)


@contextlib.contextmanager
def _codes() -> Iterator[None]:
    """What opening a session can fail on, as codes."""
    try:
        yield
    except OtherKey:
        raise Outcome("host-key-changed") from None
    except paramiko.AuthenticationException as error:
        if _broken_off(error):
            raise EOFError from None
        raise Outcome("login-refused") from None
    except paramiko.ssh_exception.IncompatiblePeer:
        raise Outcome("weak-algorithms") from None
    except NotAKey:
        raise Outcome("login-refused") from None


def _broken_off(error: paramiko.AuthenticationException) -> bool:
    """Whether the connection ended while the key was looked at: paramiko calls that a refusal too."""
    return "EOF" in str(error) or "timeout" in str(error).lower()


def _active(channel: paramiko.Channel) -> bool:
    transport: paramiko.Transport | None = channel.get_transport()
    return transport is not None and bool(transport.is_active())


def _says_full(error: OSError) -> bool:
    """Version 3 of SFTP has no code for a full disk: servers say ``Failure``, some with a text."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT) or str(error).lower() in (
        "failure",
        "no space left on device",
        "disk quota exceeded",
    )


def main() -> None:
    socket.setdefaulttimeout(None)
    serve(Desk(), LONGEST_S, _MEMORY)


if __name__ == "__main__":
    main()
