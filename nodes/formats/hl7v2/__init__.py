"""HL7 v2: frames to headers, records and answers. Linear in the length of a message, total on any bytes."""

from nodes.formats.hl7v2.answer import AnswerCode, answer
from nodes.formats.hl7v2.delimiters import STANDARD, Delimiters, delimiters
from nodes.formats.hl7v2.escapes import escaper, unescaper
from nodes.formats.hl7v2.frame import Opened, Unreadable, opened
from nodes.formats.hl7v2.header import Header, body_problem, identity_in, read_header
from nodes.formats.hl7v2.lazy import LazyRecord
from nodes.formats.hl7v2.message import Message, NoMessage, message_in, read_message
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
    "Opened",
    "TreeRecord",
    "Unreadable",
    "answer",
    "body_problem",
    "delimiters",
    "escaper",
    "identity_in",
    "message_in",
    "opened",
    "read_header",
    "read_message",
    "stray_patient",
    "tree",
    "unescaper",
]
