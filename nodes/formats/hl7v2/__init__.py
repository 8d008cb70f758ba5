"""HL7 v2: frames to headers, records and answers. Linear in the length of a message, total on any bytes."""

from nodes.formats.hl7v2.answer import AnswerCode, answer
from nodes.formats.hl7v2.delimiters import STANDARD, Delimiters, delimiters
from nodes.formats.hl7v2.escapes import escaper, unescaper
from nodes.formats.hl7v2.header import Header, body_problem, read_header, read_identity
from nodes.formats.hl7v2.lazy import LazyRecord
from nodes.formats.hl7v2.message import Message, NoMessage, read_message
from nodes.formats.hl7v2.patients import stray_patient
from nodes.formats.hl7v2.tree import TreeRecord, tree

__all__ = [
    "STANDARD",
    "AnswerCode",
    "Delimiters",
    "Header",
    "LazyRecord",
    "Message",
    "NoMessage",
    "TreeRecord",
    "answer",
    "body_problem",
    "delimiters",
    "escaper",
    "read_header",
    "read_identity",
    "read_message",
    "stray_patient",
    "tree",
    "unescaper",
]
