"""FHIR in JSON: bytes to headers, records and answers. Linear in the length of a message, total on any bytes."""

from nodes.formats.fhir.document import Document
from nodes.formats.fhir.header import Header, identity_of, read_document, read_header, unfit
from nodes.formats.fhir.lazy import FhirRecord
from nodes.formats.fhir.outcome import outcome
from nodes.formats.fhir.strict import Unreadable, read_json
from nodes.formats.fhir.tree import TreeRecord, tree

__all__ = [
    "Document",
    "FhirRecord",
    "Header",
    "TreeRecord",
    "Unreadable",
    "identity_of",
    "outcome",
    "read_document",
    "read_header",
    "read_json",
    "tree",
    "unfit",
]
