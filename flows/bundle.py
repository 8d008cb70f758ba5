"""A bundle: the export of one release in one file. Every byte of it is covered, or it is refused whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from pydantic import ValidationError

from flows.canonical import NotCanonical, b64decode, b64encode, dumps, load_canonical, sha256_hex
from flows.findings import Model
from flows.release import Manifest, read_manifest
from flows.trust.envelope import Hex
from flows.trust.refusal import Reason, answering, refuse

MAX_BUNDLE = 64 << 20


class _Spelling(Model):
    format: Literal["lockgate/bundle/1"]
    release: Hex
    manifest: str
    attachments: Mapping[Hex, str]
    envelopes: Mapping[Hex, str]


class Bundle(NamedTuple):
    """A release with its files and the envelopes about it, digests checked, signatures not yet."""

    release: str
    manifest: Manifest
    manifest_bytes: bytes
    attachments: Mapping[str, bytes]
    envelopes: tuple[bytes, ...]


def bundle_bytes(manifest: bytes, attachments: Mapping[str, bytes], envelopes: Iterable[bytes]) -> bytes:
    """The canonical bytes of a bundle: everything under its digest, each once."""
    return dumps(
        {
            "format": "lockgate/bundle/1",
            "release": sha256_hex(manifest),
            "manifest": b64encode(manifest),
            "attachments": {name: b64encode(data) for name, data in attachments.items()},
            "envelopes": {sha256_hex(each): b64encode(each) for each in envelopes},
        }
    )


def check_bundle(data: bytes) -> Bundle:
    """The bundle that ``data`` spells canonically, with nothing missing, nothing damaged and nothing besides."""
    try:
        load_canonical(data, limit=MAX_BUNDLE)
        spelling = _Spelling.model_validate_json(data, strict=True)
        manifest_bytes = b64decode(spelling.manifest)
        attachments = {name: b64decode(text) for name, text in spelling.attachments.items()}
        envelopes = {name: b64decode(text) for name, text in spelling.envelopes.items()}
    except NotCanonical as error:
        refuse(Reason.NOT_CANONICAL, f"The bundle is not in canonical form: {error.sentence}")
    except ValidationError:
        refuse(Reason.UNKNOWN_FORM, "The bundle has unknown, missing or impossible members.")
    if sha256_hex(manifest_bytes) != spelling.release:
        refuse(Reason.MANIFEST_DAMAGED, "The manifest is not the one that the bundle names.")
    _whole(attachments, Reason.ATTACHMENT_DAMAGED)
    _whole(envelopes, Reason.ENVELOPE_DAMAGED)
    manifest = _manifest(manifest_bytes)
    if set(manifest.files.values()) - set(attachments):
        refuse(Reason.ATTACHMENT_MISSING, "The bundle lacks a file that the manifest names.")
    if set(attachments) - set(manifest.files.values()):
        refuse(Reason.ATTACHMENT_UNKNOWN, "The bundle holds a file that the manifest does not name.")
    return Bundle(spelling.release, manifest, manifest_bytes, attachments, tuple(envelopes.values()))


def _whole(parts: Mapping[str, bytes], reason: Reason) -> None:
    for name, content in parts.items():
        if sha256_hex(content) != name:
            refuse(reason, f"{name[:12]} in the bundle is not what its digest says.")


def _manifest(data: bytes) -> Manifest:
    try:
        return read_manifest(data)
    except NotCanonical as error:
        refuse(Reason.NOT_CANONICAL, f"The manifest is not in canonical form: {error.sentence}")
    except ValidationError:
        refuse(Reason.UNKNOWN_FORM, "The manifest has unknown, missing or impossible members.")


parse_bundle = answering(check_bundle)
