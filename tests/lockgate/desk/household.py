"""A desk for tests: the trusted household, whose people hold browser keys beside their key files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flows.canonical import sha256_hex
from flows.instants import from_ms
from flows.trust import Act, Activation, Approval, Authorship, Revocation, Root, write_trust
from lockgate.desk.app import Desk, Settings, create_app
from runtime.store import ReleaseStore
from runtime.world import SetClock
from tests.browsers import DESK, BrowserKey, browser_key, say
from tests.trusted import KERNEL, NOON, PEOPLE, ROOT, root, sealed, signed

FORMS = ("ed25519", "p256", "passkey-ed25519", "passkey-p256")
KEYS = {name: browser_key(FORMS[n % 4]) for n, name in enumerate(PEOPLE)}


def desk_root(**changes: Any) -> Root:
    keys = dict(ROOT.keys) | {key.keyid: key.public(name) for name, key in KEYS.items()}
    return root(**({"keys": keys, "desk_origins": (DESK,)} | changes))


class Household:
    """A desk at noon with one release that nobody has signed yet."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        self.folder, self.clock = folder, SetClock(NOON)
        self.root = desk_root(**changes)
        (folder / "root.json").write_bytes(write_trust(self.root.digest, (signed(self.root),)))
        pages = folder / "web"
        (pages / "assets").mkdir(parents=True)
        (pages / "index.html").write_text("<!doctype html><title>desk</title>")
        (pages / "assets" / "main.js").write_text("void 0;")
        self.settings = Settings(
            store=folder / "store", root=folder / "root.json", inbox=folder / "inbox", origin=DESK, pages=pages
        )
        self.store = ReleaseStore(self.settings.store)
        self.sealed = sealed(authors=("ada", "all"))
        self.release = self.store.put_release(self.sealed.manifest, self.sealed.attachments)
        self.client: FlaskClient = create_app(Desk(self.settings, KERNEL, self.clock)).test_client()

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=DESK, headers=headers)

    def post(self, path: str, data: bytes, **headers: str) -> TestResponse:
        told = {"Origin": DESK, "Content-Type": "application/json"} | headers
        return self.client.post(path, base_url=DESK, data=data, headers=told)

    def said(self, name: str, act: type[Act], key: BrowserKey | None = None, **changes: Any) -> bytes:
        """The envelope in which somebody speaks of the release, as the page makes it."""
        facts: dict[str, Any] = {"at": from_ms(self.clock.at_ms), "origin": DESK}
        if act in (Authorship, Approval, Activation, Revocation):
            facts |= {"flow": "supply-consumption", "environment": "TEST"}
        if act is Approval:
            facts["shown"] = self.shown
        if act is Activation:
            facts["sequence"] = self.store.last_sequence("TEST", "supply-consumption") + 1
        if act is Revocation:
            facts["why"] = "wrong cost centre"
        subject = changes.pop("subject", self.release)
        return say(subject, act(**(facts | changes)), key or KEYS[name])

    def sign(self, name: str, act: type[Act], **changes: Any) -> TestResponse:
        return self.post("/api/envelopes", self.said(name, act, **changes))

    def approved(self) -> None:
        for name, act in (("ada", Authorship), ("pia", Approval), ("eli", Approval)):
            assert self.sign(name, act).status_code == 201

    @property
    def shown(self) -> str:
        from flows.release import read_manifest

        return read_manifest(self.sealed.manifest).shown

    @property
    def envelopes(self) -> set[str]:
        return {sha256_hex(each) for each in self.store.envelopes(self.release)}


def refused(answer: TestResponse) -> str:
    """The reason of a refusal, which has a sentence."""
    assert answer.status_code in (403, 409, 413, 415, 421, 422), answer.data
    assert answer.json and answer.json["sentence"].endswith(".")
    return str(answer.json["error"])
