"""The child that writes and reads SOAP: zeep makes the envelope from the vendored WSDL, libxml2 checks it by schema.

It has no secret and opens no connection. Questions: ``open`` (once), ``write`` and ``read``; answers are codes, places
and, of an answer that keeps its contract, its plain fields. The text of a fault never leaves it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lxml import etree
from zeep import Settings, xsd
from zeep.exceptions import Error, Fault
from zeep.transports import Transport
from zeep.wsdl import Document
from zeep.wsdl.utils import etree_to_string
from zeep.wsse.username import UsernameToken

from flows import wsdl
from flows.wsdl.documents import WSDL, Contract, place
from flows.wsdl.standard import ENCODING, SCHEMAS, XML, XSD
from runtime.soap_reading import clark, document, fault_in, opened, wrong
from runtime.soap_schema import parser, validator
from runtime.worker_side import serve

Json = Any
LONGEST_S = 60
_MEMORY = 2 << 30
_ROOT = "/contract/"
_SETTINGS = Settings(strict=True, xml_huge_tree=False, forbid_dtd=True, forbid_entities=True)


class Differs(Exception):
    """zeep reads the contract in another way than what people signed. The sentence names the place."""


class Vendored(Transport):  # type: ignore[misc]  # zeep is half annotated
    """The contract's own files; nothing else is there, and nothing is fetched."""

    def __init__(self, contract: Contract) -> None:
        super().__init__()
        self._files = contract.files

    def load(self, url: str) -> bytes:
        if url == ENCODING:
            return SCHEMAS[ENCODING][1]
        if url.startswith("https://www.w3.org/2001/xml.xsd"):
            return SCHEMAS[XML][1]
        path = url.removeprefix(_ROOT)
        if path not in self._files:
            raise OSError("not among the contract's files")
        root = etree.fromstring(self._files[path], parser())
        for each in root.iter(f"{{{XSD}}}import", f"{{{XSD}}}include", f"{{{WSDL}}}import"):
            self._point(path, each)
        return bytes(etree.tostring(root))

    def _point(self, path: str, each: etree._Element) -> None:
        """Where an import leads among the files."""
        name = "location" if each.tag == f"{{{WSDL}}}import" else "schemaLocation"
        found = place(path, each.get(name, ""), each.get("namespace", ""), self._files.keys() | _STANDARD)
        if found is not None:
            each.set(name, _ROOT + found)

    def post(self, *_: object) -> None:
        raise OSError("nothing is sent from here")

    get = post_xml = post


_STANDARD = frozenset(name for name, _ in SCHEMAS.values())


class Service:
    """One contract, loaded."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        first = next(iter(files))
        self.contract = wsdl.read_contract(first, lambda path: files[path])
        self.operations = wsdl.operations(self.contract)
        files_with_standard = {**self.contract.files, **dict(SCHEMAS.values())}
        whole = self.contract._replace(files=files_with_standard)
        self._document = Document(_ROOT + first, Vendored(whole), settings=_SETTINGS)
        self._validator = validator(self.contract)

    def bound(self, name: str) -> Any:
        """zeep's operation, by the binding that was signed."""
        key = clark(self.operations[name].binding)
        definitions = self._document._definitions.values()  # an imported WSDL may hold the binding
        return next(each.bindings[key].get(name) for each in definitions if key in each.bindings)

    def check(self, name: str) -> None:
        """Differs unless zeep knows every field under the names that were signed."""
        try:
            element = self.bound(name).input.body
        except (KeyError, AttributeError, ValueError, StopIteration):
            raise Differs("the operation is not there as the contract names it") from None
        signed = self.operations[name].request
        if element is None:
            if signed.get("properties"):
                raise Differs("the operation takes nothing")
        elif hasattr(element.type, "elements"):
            _same(signed, element.type, "")

    def write(self, question: Mapping[str, Json]) -> Json:
        """The envelope and the headers that go with it, or the place where what is to be sent breaks the schema."""
        operation = self.bound(question["operation"])
        try:
            sent = self._created(operation, question["tree"])
        except (Error, TypeError, ValueError, KeyError):
            return {"unfit": "the whole"}
        body = sent.content.find("{*}Body")
        place = self._misfit(body[0]) if len(body) else None
        if place is not None:
            return {"unfit": place}
        envelope, headers = sent.content, dict(sent.headers)
        if question.get("token"):
            envelope, headers = _token(question["token"]).apply(envelope, headers)
        return {"envelope": etree_to_string(envelope).decode("utf-8"), "headers": headers}

    def _created(self, operation: Any, tree: Mapping[str, Json]) -> Any:
        element = operation.input.body
        if element is None:
            made = operation.create()
        elif hasattr(element.type, "elements"):
            made = operation.create(**{name: _value(each, element.type, name) for name, each in tree.items()})
        else:
            made = operation.create(*tree.values())
        operation.binding._set_http_headers(made, operation)
        return made

    def _misfit(self, element: etree._Element) -> str | None:
        """Where an element breaks the schema; None where it keeps it, or is of no schema (RPC)."""
        if self._validator is None or not self._known(element):
            return None
        if self._validator.validate(element):
            return None
        errors = self._validator.error_log
        return str(errors[0].path or "the whole").rpartition("/")[2].rpartition(":")[2][:80] if errors else "the whole"

    def _known(self, element: etree._Element) -> bool:
        name = etree.QName(element)
        return any(
            each.get("name") == name.localname and each.name == (XSD, "element")
            for schema in self.contract.schemas
            if schema.target == (name.namespace or "")
            for each in schema.root.children
        )

    def read(self, question: Mapping[str, Json]) -> Json:
        """What an answer is: by its contract, a fault, or wrong."""
        signed = self.operations[question["operation"]]
        envelope = opened(base64.b64decode(question["body"]))
        if isinstance(envelope, str):
            return wrong(envelope)
        fault = envelope.body.find(f"{{{envelope.space}}}Fault")
        if fault is not None:
            return fault_in(fault, envelope, signed, question["key"])
        if envelope.version != signed.version:
            return wrong("other-version")
        return self._answer(envelope.root, envelope.body, signed)

    def _answer(self, root: etree._Element, body: etree._Element, signed: wsdl.Operation) -> Json:
        if signed.answer is None:
            return {"answer": {}}
        if len(body) != 1:
            return wrong("not-one-element") if len(body) or signed.answer.get("required") else {"answer": {}}
        element = body[0]
        if signed.reply is not None and element.tag != clark(signed.reply):
            return wrong("other-element")
        if self._misfit(element) is not None:
            return wrong("against-schema")
        try:
            self.bound(signed.name).process_reply(root)
        except Fault:
            return wrong("fault-elsewhere")
        except (Error, TypeError, ValueError, AttributeError, KeyError, IndexError):
            return wrong("against-schema")
        return {"answer": document(element, signed.answer)}


def _same(signed: Mapping[str, Json], type_: Any, above: str) -> None:
    """Differs unless every signed field is one that zeep would write."""
    known = dict((*type_.elements, *type_.attributes)) if hasattr(type_, "elements") else {}
    for name, each in signed.get("properties", {}).items():
        place = f"{above}.{name}" if above else name
        found = known.get(each["xml"])
        if found is None:
            raise Differs(f"the field '{place[:120]}' is not there under the name that was signed")
        many = each.get("type") == "array"
        if many != bool(getattr(found, "accepts_multiple", False)):
            raise Differs(f"the field '{place[:120]}' repeats otherwise than was signed")
        inner = each["items"] if many else each
        if inner.get("properties"):
            _same(inner, found.type, place)


def _value(value: Json, type_: Any, name: str) -> Json:
    """A value as zeep takes it."""
    if value is None:
        return xsd.Nil
    found = dict((*type_.elements, *type_.attributes)).get(name) if hasattr(type_, "elements") else None
    inner = getattr(found, "type", None)
    if isinstance(value, list):
        return [_single(each, inner) for each in value]
    return _single(value, inner)


def _single(value: Json, type_: Any) -> Json:
    if isinstance(value, dict):
        return {name: _value(each, type_, name) for name, each in value.items()}
    if isinstance(type_, xsd.Base64Binary) and isinstance(value, str):
        return base64.b64decode(value, validate=True)
    return value


def _token(token: Mapping[str, str]) -> UsernameToken:
    """The header of a login; the digest was made where the password is."""
    return UsernameToken(
        token["user"],
        password_digest=token["digest"],
        use_digest=True,
        nonce=token["nonce"],
        created=datetime.fromisoformat(token["created"]),
        zulu_timestamp=True,
    )


class Desk:
    """Answers questions about one contract."""

    def __init__(self) -> None:
        self._service: Service | None = None

    def __call__(self, question: Mapping[str, Json]) -> Json:
        if question["do"] == "open":
            return self._open(question)
        service = self._service
        if service is None:
            return {"problem": "no contract is open"}
        match question["do"]:
            case "write":
                return service.write(question)
            case "read":
                return service.read(question)
        return {}

    def _open(self, question: Mapping[str, Json]) -> Json:
        files = {path: base64.b64decode(text) for path, text in question["files"].items()}
        try:
            self._service = Service(files)
            for name in question["operations"]:
                self._service.check(name)
        except wsdl.Unusable as error:
            return {"problem": str(error)}
        except Differs as error:
            return {"problem": f"zeep reads the contract otherwise: {error}"}
        except Exception as error:  # noqa: BLE001 - zeep and lxml raise many kinds; a contract must not end in a trace
            return {"problem": f"zeep cannot load the contract ({type(error).__name__})"}
        return {"open": sorted(question["operations"])}


if __name__ == "__main__":
    serve(Desk(), LONGEST_S, _MEMORY)
