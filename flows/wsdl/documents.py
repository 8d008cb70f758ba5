"""All files of one contract: the WSDL and everything that it imports, found among the files beside it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Container, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from flows.wsdl.standard import SCHEMAS, SCHEME, XSD
from flows.wsdl.xmltree import Element, NotXml, read

WSDL = "http://schemas.xmlsoap.org/wsdl/"
WSDL_20 = "http://www.w3.org/ns/wsdl"
MAX_FILES = 256
MAX_TOTAL = 32 << 20
Files = Callable[[str], bytes]
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")


class Unusable(ValueError):
    """A contract that cannot be used; the sentence names the file and what to do."""


class Schema(NamedTuple):
    """One ``xsd:schema``: in a file of its own, or inside a WSDL's types. ``target`` is its namespace."""

    root: Element
    target: str
    path: str


class Contract(NamedTuple):
    """A contract's documents. ``files`` holds every one by path, the WSDL first."""

    definitions: tuple[Element, ...]
    schemas: tuple[Schema, ...]
    files: Mapping[str, bytes]


def read_contract(path: str, files: Files) -> Contract:
    """The contract whose WSDL is at ``path``; ``files`` gives the bytes of a path or raises OSError or KeyError."""
    collected = _Collected(files)
    root = collected.document(path, files(path))
    if root.name.space == WSDL_20:
        raise Unusable(f"'{path}' is a WSDL 2.0 document; have the service's WSDL 1.1 exported.")
    if root.name != (WSDL, "definitions"):
        raise Unusable(f"'{path}' is no WSDL: its outermost element is '{root.name.local[:80]}'.")
    collected.definition(path, root)
    return Contract(tuple(collected.definitions), tuple(collected.schemas), collected.files)


class _Collected:
    def __init__(self, files: Files) -> None:
        self._read, self._total = files, 0
        self.files: dict[str, bytes] = {}
        self.definitions: list[Element] = []
        self.schemas: list[Schema] = []
        self._seen: set[tuple[str, str]] = set()
        self._roots: dict[str, Element] = {}

    def document(self, path: str, data: bytes) -> Element:
        if path in self._roots:
            return self._roots[path]
        self._total += len(data)
        if len(self.files) >= MAX_FILES or self._total > MAX_TOTAL:
            raise Unusable(f"the contract has more than {MAX_FILES} files or {MAX_TOTAL} bytes.")
        self.files[path] = data
        try:
            root = self._roots[path] = read(data)
        except NotXml as error:
            raise Unusable(f"'{path}' cannot be read: {error}.") from None
        return root

    def definition(self, path: str, root: Element) -> None:
        if (path, WSDL) in self._seen:
            return
        self._seen.add((path, WSDL))
        self.definitions.append(root)
        for each in root.all(WSDL, "import"):
            namespace, location = each.get("namespace"), each.get("location")
            imported = self._imported(path, location, namespace, "wsdl:import")
            if imported is not None:
                self._branch(*imported, namespace)
        for types in root.all(WSDL, "types"):
            for schema in types.all(XSD, "schema"):
                self.schema(path, schema, "")

    def _branch(self, path: str, root: Element, namespace: str) -> None:
        """A WSDL may import another one, or a schema."""
        if root.name == (WSDL, "definitions"):
            self.definition(path, root)
        elif root.name == (XSD, "schema"):
            self.schema(path, root, namespace)
        else:
            raise Unusable(f"'{path}' is imported, and is neither a WSDL nor a schema.")

    def schema(self, path: str, root: Element, including: str) -> None:
        """A schema; one without a namespace of its own takes that of the schema which includes it."""
        target = root.get("targetNamespace") or including
        if (key := (str(id(root)), target)) in self._seen:
            return
        self._seen.add(key)
        self.schemas.append(Schema(root, target, path))
        for each in root.all(XSD, "import", "include", "redefine"):
            self._follow(path, each, target)

    def _follow(self, path: str, each: Element, target: str) -> None:
        kind, location = each.name.local, each.get("schemaLocation")
        if kind == "redefine":
            raise Unusable(f"'{path}' redefines '{location[:120]}' in line {each.line}, which is not supported.")
        namespace = each.get("namespace") if kind == "import" else target
        imported = self._imported(path, location, namespace, f"xsd:{kind}")
        if imported is None:
            return
        where, root = imported
        if root.name != (XSD, "schema"):
            raise Unusable(f"'{where}' is imported as a schema, and is none.")
        self.schema(where, root, "" if kind == "import" else target)

    def _imported(self, path: str, location: str, namespace: str, kind: str) -> tuple[str, Element] | None:
        """The path and root of what is imported; None where it names no place and needs none."""
        if not location and namespace not in SCHEMAS:
            return None
        tried = list(candidates(path, location))
        for each in tried:
            data = self._bytes(each)
            if data is not None:
                return each, self.document(each, data)
        if namespace in SCHEMAS:
            name, data = SCHEMAS[namespace]
            return name, self.document(name, data)
        raise Unusable(_missing(path, location, namespace, kind, tried))

    def _bytes(self, path: str) -> bytes | None:
        if path in self.files:
            return self.files[path]
        try:
            return self._read(path)
        except (OSError, KeyError):
            return None


def candidates(path: str, location: str) -> Iterator[str]:
    """Where what is imported from ``path`` under ``location`` may lie: where it says, else beside under its name."""
    folder = posixpath.dirname(path)
    if path.startswith(SCHEME) or not location:
        return
    parts = urlsplit(location)
    inside = unquote(parts.path)
    if not parts.scheme and not parts.netloc and not inside.startswith("/"):
        joined = posixpath.normpath(posixpath.join(folder, inside))
        if not joined.startswith("..") and "\\" not in joined and "\0" not in joined:
            yield joined
    name = _asked(posixpath.basename(inside), parts.query) if parts.query else posixpath.basename(inside)
    if name not in ("", ".", "..") and "\\" not in name and "\0" not in name:
        yield posixpath.join(folder, name)


def _asked(service: str, query: str) -> str:
    """The file name for what a service gives when asked: of ``svc?xsd=a.xsd`` a.xsd, of ``svc?xsd=1`` svc-xsd-1.xsd."""
    last = unquote(query).rpartition("=")[2]
    if last.endswith((".xsd", ".wsdl")):
        return posixpath.basename(last)
    suffix = ".wsdl" if query.lower().startswith("wsdl") else ".xsd"
    return _NOT_PLAIN.sub("-", f"{service}-{unquote(query)}") + suffix


def place(path: str, location: str, namespace: str, files: Container[str]) -> str | None:
    """Which of a contract's ``files`` an import of ``path`` means."""
    found = next((each for each in candidates(path, location) if each in files), None)
    return found or (SCHEMAS[namespace][0] if namespace in SCHEMAS else None)


def _missing(path: str, location: str, namespace: str, kind: str, tried: list[str]) -> str:
    what = f"'{path}' has an {kind} of '{location[:200]}'" + (f" for '{namespace[:200]}'" if namespace else "")
    if not tried:
        return f"{what}, which names no file. Put the file beside it and name it there."
    return f"{what}, and there is no '{tried[-1]}'. Nothing is fetched: put the file there."
