"""Reading a file that somebody else may have put there: a plain one, of a size that was expected, without waiting."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class NotPlain(OSError):
    """What lies there is no plain file of the expected size. The sentence names it."""

    def __str__(self) -> str:
        return str(self.args[0])


def read_plain(path: Path, most: int) -> bytes:
    """The content of a plain file of at most ``most`` bytes; NotPlain for everything else, OSError as ever.

    It is looked at before it is opened, since opening a device can do something; and after, since it can be exchanged
    in between. Neither waits for a writer that never comes.
    """
    _refuse(path, os.lstat(path), most)
    file = os.open(path, _FLAGS)
    try:
        _refuse(path, os.fstat(file), most)
        data = bytearray()
        while part := os.read(file, min(most + 1 - len(data), 1 << 20)):
            data += part
            if len(data) > most:
                raise _too_large(path, most)
        return bytes(data)
    except MemoryError:
        raise NotPlain(f"{path} does not fit into memory.") from None
    finally:
        os.close(file)


def _refuse(path: Path, found: os.stat_result, most: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise NotPlain(f"{path} is no plain file: remove it.")
    if found.st_size > most:
        raise _too_large(path, most)


def _too_large(path: Path, most: int) -> NotPlain:
    return NotPlain(f"{path} is larger than the {most} bytes that can stand there: remove it.")
