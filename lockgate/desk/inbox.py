"""The inbox: requests for enrolment wait here as files until an administrator, with a root key, lists the key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from flows.canonical import b64decode
from flows.enrolment import Enrolment, check_enrolment
from flows.instants import to_ms
from flows.trust import Person, Reason, Refusal, Refused, Root, answering, key_id, refuse
from lockgate import roots
from lockgate.desk.taking import AHEAD_MS, OLDEST_MS
from lockgate.keys import PrivateKey

MOST = 200


class Request(NamedTuple):
    """A request that waits."""

    file: Path
    data: bytes
    asked: Enrolment

    @property
    def keyid(self) -> str:
        return key_id(b64decode(self.asked.key.spki))


class Inbox:
    """A folder of requests, one file a key."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    def waiting(self) -> tuple[Request, ...]:
        """The requests that can be read; other files are passed over."""
        found = []
        for file in sorted(self.folder.glob("*.json")):
            try:
                data = file.read_bytes()
                found.append(Request(file, data, check_enrolment(data)))
            except (OSError, Refused):
                continue
        return tuple(found)

    def check_put(self, data: bytes, root: Root, origin: str, at_ms: int) -> Request:
        """Keeps a request made here and now, for a key that the root does not list."""
        asked = check_enrolment(data)
        request = Request(Path(), data, asked)
        if asked.key.origin != origin or origin not in root.desk_origins:
            refuse(Reason.ORIGIN_WRONG, f"This key is not bound to {origin}, or that is no desk of the trust root.")
        if not -AHEAD_MS <= at_ms - to_ms(asked.at) <= OLDEST_MS:
            refuse(Reason.EXPIRED, f"This request is dated {asked.at}: check your clock, and ask again.")
        if request.keyid in root.keys:
            refuse(Reason.KEY_UNDER_TWO_IDS, f"This key is listed already, as '{root.keys[request.keyid].person}'.")
        file = self.folder / f"{request.keyid}.json"
        if not file.exists() and sum(1 for _ in self.folder.glob("*.json")) >= MOST:
            refuse(Reason.KEY_UNKNOWN, f"{MOST} requests wait already: an administrator must look at them first.")
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _replace(file, data)
        return request._replace(file=file)

    def put(self, data: bytes, root: Root, origin: str, at_ms: int) -> Request | Refusal:
        return answering(self.check_put)(data, root, origin, at_ms)


def enrol_waiting(inbox: Inbox, root: Path, key: PrivateKey, people: Mapping[str, Person], at_ms: int) -> list[str]:
    """Lists the waiting keys of the ``people`` of a demo without asking anybody; gives who was enrolled.

    Only for a root that a demo made. A real administrator compares the six words: ``lockgate trust enrol``.
    """
    enrolled = []
    for request in inbox.waiting():
        who = people.get(request.asked.key.person)
        trust = roots.check_trust(root.read_bytes(), at_ms)
        if not trust.root.demo:
            refuse(Reason.ROOT_OF_A_DEMO, "Nobody is enrolled by itself in a real installation.")
        if who is None:
            continue
        if request.keyid not in trust.root.keys:
            after = roots.enrol(trust, request.data, who, key, at_ms)
            if isinstance(after, Refusal):
                continue
            _replace(root, after.data())
            enrolled.append(request.asked.key.person)
        request.file.unlink(missing_ok=True)
    return enrolled


def _replace(file: Path, data: bytes) -> None:
    passing = file.with_name(f".{file.name}.new")
    passing.write_bytes(data)
    passing.replace(file)
