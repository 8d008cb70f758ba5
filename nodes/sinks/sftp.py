"""SFTP: puts records together to CSV files and lays each down under a name that says which postings it holds."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import orjson
from pydantic import Field

from flows.csv_contract import Column, CsvContract, read_csv_contract
from flows.effects import Effects
from flows.environment import OperationContract, Surroundings
from nodes.answers import held
from nodes.contract import Example, NodeConfig, Problem
from nodes.record import Record
from nodes.services import Services
from nodes.shapes import Unfit, writer
from nodes.sink import Answer, Batch, Outcome, Request, Settled, Sink
from nodes.stop import Stop, Stopped

Json = Any
_NAMED = r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")
_AGAIN = {
    "disk-full": "The disk of the other side is full.",
    "size-differs": "The file did not arrive whole.",
    "failed": "The other side failed.",
}
_HELD = {
    "host-key-changed": "The host key is not the pinned one: somebody else may be answering. Nothing was sent.",
    "weak-algorithms": "The other side offers no algorithm that is strong enough. Nothing was sent.",
    "login-refused": "The other side does not accept the key or the user.",
    "no-folder": "The folder is not there.",
    "write-refused": "The other side does not let us write into the folder.",
    "target-is-link": "Under the file's name there is a link or a folder, which is never followed.",
    "name-taken": "Under the file's name there is a file of another size.",
    "rename-refused": "The other side did not let the finished file take its name.",
    "uncertain": (
        "The connection broke, and the file is not there: it was collected, or it never arrived. Ask before you replay."
    ),
}
_EXAMPLE: bytes = orjson.dumps(
    {
        "format": "lockgate/csv/1",
        "operation": "uses",
        "title": "Uses",
        "columns": [
            {"name": "Material", "field": "material", "max_length": 20},
            {"name": "Quantity", "field": "quantity", "type": "decimal"},
        ],
    }
)
_USES: Mapping[str, Any] = {"kind": "csv", "method": "PUT", "path": "", "files": (("uses.csv.json", _EXAMPLE),)}


class BatchConfig(NodeConfig):
    count: int = Field(default=500, ge=1, le=10_000)
    """So many postings are one file at most."""

    age_s: int = Field(default=60, ge=1, le=86_400)
    """So long the first posting of a file waits for others."""


class SftpConfig(NodeConfig):
    operation: str = Field(min_length=1, max_length=200, json_schema_extra={"format": "operation"})
    """The operation of the connection's CSV contract."""

    name: Annotated[str, Field(pattern=rf"^(?:{_NAMED})?\{{batch\}}(?:[A-Za-z0-9._-]{{0,40}})$")] = "{batch}.csv"
    """The files' name. ``{batch}`` becomes what the postings in a file are known by; nothing of a message stands in
    it."""

    batch: BatchConfig = BatchConfig()
    """When a file is full."""

    collected: bool = False
    """The other side takes files away after reading them. Then a file that is not there after the connection broke is
    held as uncertain instead of being written again."""


class File(NamedTuple):
    """One file, the same bytes under the same name for the same postings."""

    name: str
    content: bytes


class Sftp(Sink[SftpConfig]):
    kind, title, Config = "sftp", "Lay down CSV files by SFTP", SftpConfig
    takes = ("record",)
    carrier = "sftp"
    examples = (
        Example(
            "A record becomes a line of the contract's columns",
            config={"operation": "uses", "name": "uses-{batch}.csv"},
            given={"material": "M-100", "quantity": "2.50"},
            gives=({"material": "M-100", "quantity": "2.50"},),
            operations={"uses": _USES},
        ),
        Example(
            "A field beyond the contract is held, never sent",
            config={"operation": "uses"},
            given={"material": "M-100", "quantity": "2", "patient": "4711"},
            stops="not-in-contract",
            operations={"uses": _USES},
        ),
        Example(
            "A text with a line break is held: it would be two lines to many a reader",
            config={"operation": "uses"},
            given={"material": "M-100\nM-101", "quantity": "2"},
            stops="contract",
            operations={"uses": _USES},
        ),
    )

    @classmethod
    def contract(cls, config: SftpConfig, around: Surroundings) -> OperationContract | None:
        named = super().contract(config, around)
        return named if named is not None and named.kind == "csv" else None

    @classmethod
    def effects(cls, config: SftpConfig, around: Surroundings) -> Effects:
        contract = cls.contract(config, around)
        return Effects(sends=None if contract is None else tuple(field.path for field in contract.fields))

    @classmethod
    def check(cls, config: SftpConfig, around: Surroundings) -> Iterator[Problem]:
        if cls.contract(config, around) is None:
            known = ", ".join(sorted(name for (_, name), each in around.operations.items() if each.kind == "csv"))
            sentence = f"The connection has no CSV contract '{config.operation}'; it has: {known or 'none'}."
            yield Problem("LG-NODE-OPERATION", sentence, "/operation")

    def __init__(self, config: SftpConfig, services: Services, around: Surroundings) -> None:
        super().__init__(config, services, around)
        contract = self.contract(config, around)
        if contract is None:
            raise LookupError(f"no contract for operation '{config.operation}'")
        self._operation = contract
        self._csv = read_csv_contract(contract.files[0][1])
        self._write = writer(contract.request)

    @property
    def batch(self) -> Batch:
        return Batch(self.config.batch.count, self.config.batch.age_s)

    def request(self, record: Record) -> Request:
        """The body is canonical JSON of the record's fields; its line in a file is made when the file is."""
        try:
            fields = record.fields()
            body = self._write(fields)
            for name, value in fields.items():
                if isinstance(value, str) and any(sign < " " or sign == "\x7f" for sign in value):
                    raise Unfit(name, "it holds a line break or a control sign")
        except Unfit as error:
            sentence = (
                f"'{error.place}' does not fit '{self.config.operation}': {error.sentence}. It is held, not sent."
            )
            raise Stop(Stopped.PARK, error.reason, sentence, place=error.place) from None
        return Request(self._operation.method, self._operation.path, (), body)

    def file(self, postings: Sequence[tuple[str, bytes]]) -> File:
        """The file of these postings (key, body), in this order."""
        keys = hashlib.sha256("\n".join(key for key, _ in postings).encode("ascii")).hexdigest()
        lines = [[_cell(each, key, record, self._csv) for each in self._csv.columns] for key, record in _read(postings)]
        head = [[column.name for column in self._csv.columns]] if self._csv.header else []
        return File(self.config.name.replace("{batch}", keys[:24]), _written([*head, *lines], self._csv))

    def classify(self, answer: Answer, key: str, now_ms: int) -> Outcome:
        """What the carrier came to with a file; its body names the outcome."""
        try:
            outcome = str(orjson.loads(answer.body)["outcome"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            outcome = ""
        if outcome in ("stored", "there-already"):
            return Outcome(Settled.DELIVERED)
        if outcome in _AGAIN:
            return Outcome(Settled.RETRY, outcome, _AGAIN[outcome])
        return held(outcome if outcome in _HELD else "wrong-answer", _HELD.get(outcome, "The carrier failed."))


def _read(postings: Sequence[tuple[str, bytes]]) -> Iterator[tuple[str, Mapping[str, Json]]]:
    return ((key, orjson.loads(body)) for key, body in postings)


def _cell(column: Column, key: str, record: Mapping[str, Json], contract: CsvContract) -> str:
    if column.value is not None:
        return key
    if column.fixed is not None:
        return column.fixed
    value = record.get(column.field or "")
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return f"'{text}" if contract.escape_formulas and column.type == "text" and text.startswith(_FORMULA) else text


def _written(rows: Sequence[Sequence[str]], contract: CsvContract) -> bytes:
    out = io.StringIO()
    csv.writer(
        out,
        delimiter=contract.delimiter,
        quoting=csv.QUOTE_ALL if contract.quoting == "all" else csv.QUOTE_MINIMAL,
        lineterminator="\r\n" if contract.line_end == "crlf" else "\n",
    ).writerows(rows)
    return out.getvalue().encode()
