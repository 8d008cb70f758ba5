"""The operations of a WSDL 1.1: what each takes, what it answers, its faults, and how it is bound to SOAP."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from flows.wsdl.components import Components
from flows.wsdl.documents import WSDL, Contract, Schema, Unusable
from flows.wsdl.shapes import Member, Shape, Shapes, TooLarge, record_name
from flows.wsdl.xmltree import Element, Name, NotXml

Json = Any
SOAP = {"http://schemas.xmlsoap.org/wsdl/soap/": "1.1", "http://schemas.xmlsoap.org/wsdl/soap12/": "1.2"}
_HTTP_TRANSPORT = ("http://schemas.xmlsoap.org/soap/http", "http://www.w3.org/2003/05/soap/bindings/HTTP/")
_SECURITY = Name("http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd", "Security")
_TOO_LARGE = "what it takes has no end within reason; have a smaller contract made"


class Fault(NamedTuple):
    """A declared fault: its name in the WSDL and the element that its detail holds."""

    name: str
    detail: Name


class Operation(NamedTuple):
    """One operation of one SOAP binding."""

    name: str
    binding: Name
    version: str
    """``1.1`` or ``1.2``."""
    action: str
    request: dict[str, Json]
    """Reduced JSON Schema; ``xml`` at each property is its name for the library that writes the XML."""
    answer: dict[str, Json] | None
    """None: nothing is answered."""
    reply: Name | None
    """The element that a body with the answer holds; None where it has none of its own (RPC), or no answer."""
    faults: tuple[Fault, ...]
    problem: str
    """Why nothing can be posted to it; "" where something can."""
    login: bool = False
    """Its binding asks for a WS-Security header, which the runtime writes where the connection names a user."""


def operations(contract: Contract) -> Mapping[str, Operation]:
    """Every operation with a SOAP binding, by name; the first binding that has it counts."""
    try:
        return _Definitions(contract).operations()
    except NotXml as error:
        raise Unusable(f"the contract cannot be read: {error}.") from None


def digest(contract: Contract) -> str:
    """SHA-256 (hex) over all files of a contract, by path and content."""
    whole = hashlib.sha256()
    for path, data in sorted(contract.files.items()):
        whole.update(f"{hashlib.sha256(data).hexdigest()} {path}\n".encode())
    return whole.hexdigest()


class _Part(NamedTuple):
    name: str
    element: Name | None
    type: Name | None
    holder: Element


class _Definitions:
    def __init__(self, contract: Contract) -> None:
        self._components = Components.of(contract)
        self._shapes = Shapes(self._components)
        self._inline = Schema(contract.definitions[0], "", "")
        self._documents = contract.definitions
        self._messages = self._named("message")
        self._port_types = self._named("portType")

    def operations(self) -> Mapping[str, Operation]:
        found: dict[str, Operation] = {}
        for name, binding in self._bindings():
            how = next((each for each in binding.children if each.name.space in SOAP), None)
            if how is not None and how.name.local == "binding":
                for each in binding.all(WSDL, "operation"):
                    operation = self._operation(name, binding, how, each)
                    found.setdefault(operation.name, operation)
        return found

    def _named(self, kind: str) -> dict[Name, Element]:
        return {
            Name(document.get("targetNamespace"), each.get("name")): each
            for document in reversed(self._documents)
            for each in document.all(WSDL, kind)
        }

    def _bindings(self) -> Iterator[tuple[Name, Element]]:
        """In the order of the services' ports; what no service names comes last."""
        known = self._named("binding")
        ports = [
            port.qualified(port.get("binding"))
            for document in self._documents
            for service in document.all(WSDL, "service")
            for port in service.all(WSDL, "port")
        ]
        for name in dict.fromkeys((*ports, *known)):
            if name in known:
                yield name, known[name]

    def _operation(self, name: Name, binding: Element, how: Element, bound: Element) -> Operation:
        version, local = SOAP[how.name.space], bound.get("name")
        spelled = next((each for each in bound.all(how.name.space, "operation")), None)
        style = (spelled.get("style") if spelled else "") or how.get("style", "document")
        made = Operation(local, name, version, spelled.get("soapAction") if spelled else "", {}, None, None, (), "")
        carried = how.get("transport", _HTTP_TRANSPORT[0])
        if carried not in _HTTP_TRANSPORT:
            return made._replace(problem=f"its binding is not carried by HTTP but by '{carried[:120]}'")
        abstract = self._abstract(binding, local)
        if not isinstance(abstract, Element):
            return made._replace(problem=abstract)
        try:
            return self._filled(made, style, how.name.space, bound, abstract)
        except Unusable as error:
            return made._replace(problem=str(error))

    def _abstract(self, binding: Element, local: str) -> Element | str:
        port_type = self._port_types.get(binding.qualified(binding.get("type")))
        same = [each for each in port_type.all(WSDL, "operation") if each.get("name") == local] if port_type else []
        if len(same) > 1:
            return "it stands there more than once, with different messages"
        return same[0] if same else "its port type is missing in the contract's files"

    def _filled(self, made: Operation, style: str, soap: str, bound: Element, abstract: Element) -> Operation:
        into, out = abstract.one(WSDL, "input"), abstract.one(WSDL, "output")
        if into is None:
            return made._replace(problem="nothing is sent to it: it only notifies")
        for each in (bound.one(WSDL, "input"), bound.one(WSDL, "output")):
            if (why := _unusable(each, soap)) is not None:
                return made._replace(problem=why)
        heads = self._heads(bound.one(WSDL, "input"), soap)
        for name in heads - {_SECURITY}:
            return made._replace(problem=f"it requires the SOAP header '{name.local[:80]}', which is not written here")
        made = made._replace(login=_SECURITY in heads)
        self._shapes.begin()
        try:
            request = self._taken(into, bound.one(WSDL, "input"), soap, style)
        except TooLarge:
            return made._replace(problem=_TOO_LARGE)
        made = made._replace(request=request.schema, problem=request.problem, faults=tuple(self._faults(abstract)))
        if out is None:
            return made
        self._shapes.begin()
        try:
            answer = self._given(out, bound.one(WSDL, "output"), soap, style)
        except TooLarge:
            answer = Shape({"type": "object"})  # checked against the schema itself alone
        return made._replace(answer=answer.schema, reply=self._reply(out, style))

    def _taken(self, into: Element, bound: Element | None, soap: str, style: str) -> Shape:
        parts = self._parts(into, bound, soap)
        if style == "document" and len(parts) > 1:
            return Shape({}, "its message has several parts in one body, which no service takes alike")
        if style == "rpc" or not parts or parts[0].element is None:
            return self._of_parts(parts)
        return self._of_element(parts[0].element)

    def _given(self, out: Element, bound: Element | None, soap: str, style: str) -> Shape:
        parts = self._parts(out, bound, soap)
        if style == "document" and len(parts) == 1 and parts[0].element is not None:
            return self._of_element(parts[0].element)
        return self._of_parts(parts)

    def _reply(self, out: Element, style: str) -> Name | None:
        parts = self._parts(out, None, "")
        return parts[0].element if style == "document" and len(parts) == 1 else None

    def _of_element(self, name: Name) -> Shape:
        """A message of one element: its children are the fields; a plain element is one field of its own name."""
        found = self._components.find("element", name)
        if found is None:
            return Shape({"type": "object", "properties": {}}, f"its element '{name.local[:80]}' is missing")
        made = self._shapes.element(found.element, found.schema)
        if made.schema.get("type") == "object":
            return made
        return _single([Member(name.local, made.schema, required=True)], made.problem)

    def _of_parts(self, parts: list[_Part]) -> Shape:
        members, problem = [], ""
        for part in parts:
            if part.element is not None:
                found = self._components.find("element", part.element)
                made = self._shapes.element(found.element, found.schema) if found else Shape({}, "a part is missing")
                name = part.element.local
            else:
                made = self._shapes.type(part.type or Name("", ""), self._inline)
                name = part.name
            members.append(Member(name, made.schema, required=True))
            problem = problem or made.problem
        return _single(members, problem)

    def _parts(self, holder: Element, bound: Element | None, soap: str) -> list[_Part]:
        """The parts of a message that stand in the body."""
        name = holder.qualified(holder.get("message"))
        message = self._messages.get(name)
        if message is None:
            raise Unusable(f"its message '{name.local[:80]}' is missing in the contract's files")
        body = bound.one(soap, "body") if bound is not None else None
        only = body.get("parts").split() if body is not None and body.get("parts") else None
        heads = set()
        for head in bound.all(soap, "header") if bound is not None else ():
            if head.qualified(head.get("message")).local == name.local:
                heads.add(head.get("part"))
        return [
            part
            for part in (_part(each) for each in message.all(WSDL, "part"))
            if part.name not in heads and (only is None or part.name in only)
        ]

    def _heads(self, bound: Element | None, soap: str) -> frozenset[Name]:
        """The elements that the binding puts into the header of what is sent; by its part where that is missing."""
        found = set()
        for head in bound.all(soap, "header") if bound is not None else ():
            message = self._messages.get(head.qualified(head.get("message")))
            parts = message.all(WSDL, "part") if message is not None else ()
            part = next((_part(each) for each in parts if each.get("name") == head.get("part")), None)
            found.add(part.element if part is not None and part.element is not None else Name("", head.get("part")))
        return frozenset(found)

    def _faults(self, abstract: Element) -> Iterator[Fault]:
        for each in abstract.all(WSDL, "fault"):
            message = self._messages.get(each.qualified(each.get("message")))
            part = message.one(WSDL, "part") if message is not None else None
            if part is not None and part.get("element"):
                yield Fault(each.get("name"), part.qualified(part.get("element")))


def _part(each: Element) -> _Part:
    element, kind = each.get("element"), each.get("type")
    return _Part(
        each.get("name"), each.qualified(element) if element else None, each.qualified(kind) if kind else None, each
    )


def _single(members: list[Member], problem: str) -> Shape:
    properties = {record_name(each.xml): {**each.schema, "xml": each.xml} for each in members}
    return Shape({"type": "object", "properties": properties, "required": list(properties)}, problem)


def _unusable(bound: Element | None, soap: str) -> str | None:
    """Why a bound message cannot be written or read here."""
    if bound is None:
        return None
    body = bound.one(soap, "body")
    if body is None and bound.children:
        return "its messages are no plain SOAP bodies (attachments or others)"
    if body is not None and body.get("use", "literal") != "literal":
        return 'its messages are encoded (use="encoded"), which is not supported; have it published as literal'
    return None
