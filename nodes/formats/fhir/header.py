"""The header of a document: its type and identity, read with everything that must hold before it is stored."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from flows.environment import Limits
from flows.fhir import tables
from nodes.formats.fhir.checks import Problem, document_problem, tree_problem
from nodes.formats.fhir.document import BUNDLE, Document, Object, text_of
from nodes.formats.fhir.shape import shape_problem
from nodes.formats.fhir.strict import Unreadable, read_json
from nodes.source import Refused

TAKEN_BUNDLES = frozenset({"transaction", "batch", "collection"})


class Header(NamedTuple):
    """``type`` of the resource, ``entries`` that came with it."""

    type: str
    identity: tuple[str, ...]
    entries: int


def read_header(frame: bytes, limits: Limits, modifiers: frozenset[str]) -> tuple[Header, Document] | Refused:
    """The header and the document of ``frame``, which keeps what every document must keep."""
    if len(frame) > limits.frame_bytes:
        return Refused("too-long", f"byte {limits.frame_bytes + 1}", "413")
    root = read_json(frame)
    if isinstance(root, Unreadable):
        return Refused(root.code, root.place, "400")
    if not isinstance(root, dict):
        return Refused("no-resource", "document", "400")
    kind = text_of(root.get("resourceType"))
    if kind not in tables().types:
        return Refused("resource-type", "resourceType", "400")
    problem = tree_problem(root, limits, modifiers, escaped=b"\\u" in frame)
    if problem is not None:
        return _refused(problem)
    document = Document(root)
    header = Header(kind, identity_of(root, frame), document.entries)
    problem = document_problem(document, limits)
    return (header, document) if problem is None else _refused(problem, header)


def read_document(payload: bytes) -> Document:
    """The document of an accepted frame; ValueError for bytes that were never accepted."""
    root = read_json(payload)
    if not isinstance(root, dict):
        raise ValueError("No readable FHIR resource. It was held, not read in part.")
    return Document(root)


def identity_of(root: Object, frame: bytes) -> tuple[str, ...]:
    """Bundle.identifier, else type, id and version, else the digest of the bytes."""
    kind = text_of(root.get("resourceType"))
    named = root.get("identifier") if kind == BUNDLE else None
    if isinstance(named, dict) and text_of(named.get("value")):
        return kind, "identifier", text_of(named.get("system")), text_of(named.get("value"))
    number, meta = text_of(root.get("id")), root.get("meta")
    if number:
        return kind, "id", number, text_of(meta.get("versionId")) if isinstance(meta, dict) else ""
    return kind, "digest", hashlib.sha256(frame).hexdigest()


def unfit(header: Header, document: Document) -> Refused | None:
    """Why resources cannot be read out of a document: it is another kind of Bundle, or has not the tables' shape."""
    if document.type == BUNDLE and text_of(document.root.get("type")) not in TAKEN_BUNDLES:
        return _refused(Problem("bundle-type", "Bundle.type"), header)
    problem = shape_problem(document)
    return None if problem is None else _refused(problem, header)


def _refused(problem: Problem, header: Header | None = None) -> Refused:
    return Refused(problem.code, problem.place, str(problem.status), header)
