"""How a document is kept: canonical, with its texts in NFC, and of a size that can be read."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple

from designer.errors import TooLarge, Unfit
from flows.canonical import MAX_BYTES, NotCanonical, dumps, sha256_hex


class Spelt(NamedTuple):
    """A document as it is kept."""

    document: dict[str, Any]
    data: bytes
    digest: str


def spell(document: Mapping[str, Any]) -> Spelt:
    """A document as it is kept: canonical, with its texts in NFC."""
    try:
        kept = _composed(document)
        data = dumps(kept)
    except NotCanonical as error:
        raise Unfit("not-canonical", error.sentence, f"/document{error.pointer}") from None
    except RecursionError:
        raise Unfit("too-deep", "The document is nested too deep.", "/document") from None
    if len(data) > MAX_BYTES:
        raise TooLarge("too-large", f"A flow has at most {MAX_BYTES} bytes; this one has {len(data)}.", "/document")
    return Spelt(kept, data, sha256_hex(data))


def _composed(value: Any) -> Any:
    """A JSON value with every text in NFC: the same to people, one spelling to a signature."""
    if isinstance(value, str):
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {_composed(name): _composed(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_composed(each) for each in value]
    return value
