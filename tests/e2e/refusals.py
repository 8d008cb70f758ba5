"""Signatures that must count for nothing, given to the desk's own door: whoever writes to it past its page."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from flows.instants import from_ms
from flows.trust import Approval, read_envelope, write_envelope
from lockgate.demo.house import ADMINISTRATOR, ENVIRONMENT, House, command
from lockgate.demo.visitor import Visitor
from lockgate.keys import read_key, sign_statement
from runtime.store import ReleaseStore


def refusals(folder: Path, desk: str, release: str) -> tuple[list[str], list[str]]:
    """What was refused as it must be, and what was not. Uses up Omar's approval of ``release``."""
    passed: list[str] = []
    failed: list[str] = []
    attempts = Attempts(folder, desk, release)
    for name, wanted, got in attempts.made():
        (passed if got == wanted else failed).append(
            name if got == wanted else f"{name}: {got}, not {wanted}: {attempts.why}"
        )
    return passed, failed


def waiting(origin: str) -> str:
    """The release that waits for its approvers since the demo was laid out."""
    cards = Visitor.signed_in(origin, "omar").get("/reviews")["reviews"]
    return next(
        str(each["release"]) for each in cards if each["approvals"] == 0 and each["state"] == "waits-for-approval"
    )


class Attempts:
    """Everything that is tried at the desk of one demo."""

    def __init__(self, folder: Path, desk: str, release: str) -> None:
        self.house, self.desk, self.release = House(folder), desk, release
        self.why = ""
        manifest = json.loads(ReleaseStore(self.house.store).get(release))
        self.flow, self.shown = str(manifest["flow"]["id"]), str(manifest["shown"])

    def made(self) -> Iterator[tuple[str, str, str]]:
        """Each attempt by name, how it must end, and how it ended."""
        yield "the author's approval", "refused", self._given(self._said("ana"))
        yield "an operator's approval", "refused", self._given(self._said("priya"))
        omar = self._said("omar")
        yield "an approver's approval", "taken", self._given(omar)
        second = self.house.keys / "omar-second.pem"
        self._enrol("omar", second)
        yield "the same approver's by a second key", "refused", self._given(self._said("omar", second))
        yield "an approval that speaks of another digest than it signs", "refused", self._given(self._moved(omar))
        yield "an approval of a digest that is not there", "refused", self._given(self._said("mei", release="0" * 64))
        yield (
            "an approval of other pages than the sealed ones",
            "refused",
            self._given(self._said("mei", shown="0" * 64)),
        )

    def _said(self, person: str, key: Path | None = None, release: str = "", shown: str = "") -> bytes:
        at = from_ms(time.time_ns() // 1_000_000)
        said = Approval(flow=self.flow, environment=ENVIRONMENT, at=at, shown=shown or self.shown)
        return sign_statement(release or self.release, said, read_key(key or self.house.key(person)))

    def _moved(self, envelope: bytes) -> bytes:
        """The signature of one statement under another."""
        other = read_envelope(self._said("mei", release="0" * 64))
        return write_envelope(read_envelope(envelope)._replace(payload=other.payload))

    def _enrol(self, person: str, key: Path) -> None:
        house, request = self.house, key.with_suffix(".request.json")
        command("trust", "key", "--out", key)
        command("trust", "request", "--key", key, "--person", person, "--out", request)
        own = house.key(ADMINISTRATOR)
        command(
            "trust",
            "enrol",
            request,
            "--root",
            house.root,
            "--key",
            own,
            "--name",
            "Omar",
            "--role",
            "privacy",
            "--yes",
        )

    def _given(self, envelope: bytes) -> str:
        headers = {"Content-Type": "application/json", "Origin": self.desk}
        asked = urllib.request.Request(f"{self.desk}/api/envelopes", envelope, headers, method="POST")  # noqa: S310  reason: loopback
        try:
            with urllib.request.urlopen(asked, timeout=20):  # noqa: S310  reason: as above
                return "taken"
        except urllib.error.HTTPError as error:
            self.why = error.read().decode("utf-8", "replace")[:300]
            return "refused" if 400 <= error.code < 500 else f"status {error.code}"
