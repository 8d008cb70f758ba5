"""The SOAP stand-in: serves its WSDL, checks every request against it by its own means, and keeps its own ledger.

It remembers references, asks for a login where it was given one, and fails like a real service. It shares no code with
the runtime: zeep reads the WSDL from disk here, and libxml2 the schema.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from lxml import etree
from zeep import Settings
from zeep.exceptions import Error
from zeep.transports import Transport
from zeep.wsdl import Document
from zeep.xsd.context import XmlParserContext

from lockgate.demo.ledger import Ledger, read
from lockgate.demo.serving import Reply, Request, StandIn
from lockgate.demo.showing import Page

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
INVENTORY = "urn:lockgate:example:inventory"
OPERATION = "PostGoodsIssue"
COLUMNS = ("material", "quantity", "costCentre", "caseReference", "postedAt")
_WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
_WSU = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}"


class SoapFaults(NamedTuple):
    """How often the stand-in misbehaves: every n-th time, 0 never."""

    drop_every: int = 20
    """Applies, then closes the connection instead of answering (5 %)."""
    locked_every: int = 31
    """The declared fault ``StockLocked``, nothing applied."""
    failing_every: int = 37
    """A fault of the server with a patient's name in its text, nothing applied."""
    unavailable_every: int = 29
    """503 without any SOAP, nothing applied."""
    delay_ms: int = 0
    """Service time of each answer."""

    def rarer(self, times: int) -> SoapFaults:
        drop, locked, failing, unavailable, delay = self
        return SoapFaults(drop * times, locked * times, failing * times, unavailable * times, delay)


class Login(NamedTuple):
    user: str
    password: str


class Service:
    """The contract as this side reads it: zeep for its structure, libxml2 for its facets."""

    def __init__(self, path: Path) -> None:
        self.wsdl = path.read_bytes()
        document = Document(str(path), Transport(), settings=Settings(strict=True))
        self._operation = next(iter(document.bindings.values())).get(OPERATION)
        self._types = document.types
        self._settings = Settings(strict=True)
        self._schema = etree.XMLSchema(etree.parse(str(path.with_suffix(".xsd"))))

    def fault(self, element: etree._Element) -> str | None:
        """What is wrong with a body, by place and never by value."""
        if not self._schema.validate(element):
            first = self._schema.error_log[0]
            return f"schema: line {first.line}, {first.type_name}"
        try:
            body = self._operation.input.body
            body.parse(element, self._types, context=XmlParserContext(settings=self._settings))
        except (Error, TypeError, ValueError) as error:
            return f"zeep: {type(error).__name__}"
        return None


class SoapErp(StandIn):
    """The service. ``honours_reference``: a reference is applied once; else every request is applied."""

    def __init__(
        self,
        service: Service,
        ledger: Ledger,
        faults: SoapFaults = SoapFaults(),  # noqa: B008  reason: frozen
        *,
        honours_reference: bool = True,
        login: Login | None = None,
    ) -> None:
        super().__init__(ledger)
        self.service, self.faults = service, faults
        self.honours_reference, self.login = honours_reference, login
        self.odd: Callable[[int], Reply | None] = lambda number: None
        """What a request is answered with instead, nothing applied; None: nothing odd."""
        self._page = Page("ERP west (SOAP)", ledger.path, COLUMNS)
        self._known: dict[str, str] = {}
        self._nonces: set[str] = set()
        self._asked = self._applied = 0
        for entry in read(ledger.path):
            if entry["event"] == "applied":
                self._applied += 1
                self._known[entry["reference"]] = entry["document"]

    @property
    def delay_ms(self) -> int:
        return self.faults.delay_ms

    def applied(self) -> int:
        """How many effects stand in the books."""
        return self._applied

    def answer(self, request: Request) -> Reply:
        if request.method == "GET":
            shown = self._page.answer(request.path)
            return Reply(200, shown.body, shown.kind, tuple(shown.headers)) if shown else Reply(200, self.service.wsdl)
        self._asked += 1
        odd = self.odd(self._asked)
        if odd is not None:
            self.ledger.add("odd", status=odd.status)
            return odd
        if self.due(self._asked, self.faults.unavailable_every):
            return self._noted("unavailable", Reply(503, b"<html>later</html>", "text/html"))
        if self.due(self._asked, self.faults.failing_every):
            return self._noted("failing", fault("Server", "Patient Rivera could not be charged"))
        if self.due(self._asked, self.faults.locked_every):
            return self._noted("locked", fault("Server", "locked", "<StockLocked{}><Seconds>1</Seconds></StockLocked>"))
        return self._posted(request)

    def _posted(self, request: Request) -> Reply:
        try:
            root = etree.fromstring(request.body, etree.XMLParser(resolve_entities=False, no_network=True))
            element = root.find(f"{{{ENVELOPE}}}Body")[0]
        except (etree.XMLSyntaxError, TypeError, IndexError):
            return self._noted("refused", fault("Client", "no SOAP"), error="no SOAP")
        if self.login is not None and (wrong := self._wrong_login(root)):
            return self._noted("refused", fault("Client", "not authenticated"), error=wrong)
        if request.headers.get("soapaction") != f'"{INVENTORY}#{OPERATION}"':
            return self._noted("refused", fault("Client", "no action"), error="another SOAPAction")
        if wrong := self.service.fault(element):
            return self._noted("refused", fault("Client", "against the contract"), error=wrong)
        return self._booked(request, _texts(element))

    def _booked(self, request: Request, body: Mapping[str, str]) -> Reply:
        reference = body["Reference"]
        if self.honours_reference and reference in self._known:
            document = self._known[reference]
            detail = f"<Reference>{reference}</Reference><Document>{document}</Document>"
            whole = f"<DuplicateReference{{}}>{detail}</DuplicateReference>"
            return self._noted("repeat", fault("Client", "posted before", whole), reference=reference)
        self._applied += 1
        document = f"51{self._applied:08d}"
        dropped = self.due(self._applied, self.faults.drop_every)
        key = request.headers.get("idempotency-key", "")
        self.ledger.add("applied", key=key, reference=reference, body=dict(body), document=document, dropped=dropped)
        self._known[reference] = document
        return Reply(0, b"") if dropped else posted(document)

    def _wrong_login(self, root: etree._Element) -> str | None:
        login = self.login
        token = root.find(f".//{_WSSE}UsernameToken")
        if token is None or login is None:
            return "no login"
        texts = {name: token.findtext(f"{space}{name}") or "" for space, name in _PARTS}
        nonce = base64.b64decode(texts["Nonce"])
        digest = hashlib.sha1(nonce + texts["Created"].encode() + login.password.encode()).digest()  # noqa: S324
        if texts["Username"] != login.user or base64.b64encode(digest).decode() != texts["Password"]:
            return "another user or password"
        if texts["Nonce"] in self._nonces:
            return "a nonce that was used before"
        self._nonces.add(texts["Nonce"])
        return None

    def _noted(self, event: str, reply: Reply, **members: object) -> Reply:
        self.ledger.add(event, status=reply.status, **members)
        return reply


_PARTS = ((_WSSE, "Username"), (_WSSE, "Password"), (_WSSE, "Nonce"), (_WSU, "Created"))


def _texts(element: etree._Element) -> dict[str, str]:
    return {etree.QName(each).localname: each.text or "" for each in element.iter() if len(each) == 0}


def envelope(inside: str) -> bytes:
    return f'<soap:Envelope xmlns:soap="{ENVELOPE}"><soap:Body>{inside}</soap:Body></soap:Envelope>'.encode()


def posted(document: str, state: str = "POSTED", space: str = INVENTORY) -> Reply:
    """The answer of a posting that was taken."""
    inside = f"<Document>{document}</Document><State>{state}</State>"
    return Reply(200, envelope(f'<PostGoodsIssueResponse xmlns="{space}">{inside}</PostGoodsIssueResponse>'))


def fault(code: str, text: str, detail: str = "", status: int = 500) -> Reply:
    """A fault; ``{}`` in the detail becomes its namespace."""
    inside = detail.format(f' xmlns="{INVENTORY}"') if detail else ""
    parts = f"<faultcode>soap:{code}</faultcode><faultstring>{escape(text)}</faultstring><detail>{inside}</detail>"
    return Reply(status, envelope(f"<soap:Fault>{parts}</soap:Fault>"))


async def _run(port: int, service: Service, ledger: Ledger, faults: SoapFaults) -> None:
    erp = SoapErp(service, ledger, faults)
    print(f"SOAP stand-in ready on port {await erp.start(port)}", flush=True)
    await asyncio.Event().wait()


def main(arguments: Sequence[str]) -> int:
    """``python -m lockgate.demo.soap_erp PORT WSDL LEDGER [RARER]``: faults so many times rarer"""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the demo, which ends its stand-ins itself
    port, wsdl, ledger, *rarer = arguments
    faults = SoapFaults().rarer(int(rarer[0]) if rarer else 1)
    asyncio.run(_run(int(port), Service(Path(wsdl)), Ledger(Path(ledger)), faults))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
