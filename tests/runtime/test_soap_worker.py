"""The SOAP worker: zeep writes what was signed, an answer is taken apart safely, and real contracts are read alike."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import flows
from flows import wsdl
from runtime.soap_worker import Desk, Differs, Service
from runtime.worker_line import WorkerLine, WorkerLost

FOLDER = Path(flows.__file__).parent / "library" / "supply-consumption-soap"
CONTRACT = "contracts/inventory.wsdl"
KEY = "5f" * 32
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
INVENTORY = "urn:lockgate:example:inventory"
TREE = {
    "Posting": {"MovementType": "201", "Reference": KEY[:40], "PostedAt": "2026-03-16T07:45:00"},
    "Item": {"Material": "10000412", "Quantity": "2.50", "CostCentre": "4410"},
}


def files() -> dict[str, str]:
    contract = wsdl.read_contract(CONTRACT, lambda path: (FOLDER / path).read_bytes())
    return {path: base64.b64encode(data).decode() for path, data in contract.files.items()}


@pytest.fixture(scope="module")
def desk() -> Desk:
    made = Desk()
    assert made({"do": "open", "files": files(), "operations": ["PostGoodsIssue"]}) == {"open": ["PostGoodsIssue"]}
    return made


def write(desk: Desk, tree: Mapping[str, Any], token: Mapping[str, str] | None = None) -> dict[str, Any]:
    made: dict[str, Any] = desk({"do": "write", "operation": "PostGoodsIssue", "tree": tree, "token": token})
    return made


def read(desk: Desk, body: bytes) -> dict[str, Any]:
    encoded = base64.b64encode(body).decode()
    made: dict[str, Any] = desk({"do": "read", "operation": "PostGoodsIssue", "body": encoded, "key": KEY[:40]})
    return made


def answer(inside: str, envelope: str = ENVELOPE, before: str = "") -> bytes:
    text = f'{before}<e:Envelope xmlns:e="{envelope}"><e:Body>{inside}</e:Body></e:Envelope>'
    return text.encode()


def posted(inside: str = "<Document>4900001</Document><State>POSTED</State>", space: str = INVENTORY) -> str:
    return f'<PostGoodsIssueResponse xmlns="{space}">{inside}</PostGoodsIssueResponse>'


def test_the_envelope_holds_what_was_given_in_the_namespaces_of_the_contract(desk: Desk) -> None:
    made = write(desk, TREE)
    root = etree.fromstring(made["envelope"].encode())
    assert made["headers"]["SOAPAction"] == '"urn:lockgate:example:inventory#PostGoodsIssue"'
    assert root.findtext(f".//{{{INVENTORY}}}Material") == "10000412"
    assert root.findtext(f".//{{{INVENTORY}}}Quantity") == "2.50"
    assert root.find(f"{{{ENVELOPE}}}Header") is None


def test_a_login_goes_as_a_digest_and_the_worker_never_has_the_password(desk: Desk) -> None:
    token = {"user": "lockgate", "digest": "ZGlnZXN0", "nonce": "bm9uY2U", "created": "2026-03-16T07:45:00Z"}
    root = etree.fromstring(write(desk, TREE, token)["envelope"].encode())
    said = {etree.QName(each).localname: each.text for each in root.iter() if len(each) == 0}
    assert said["Username"] == "lockgate" and said["Password"] == "ZGlnZXN0"
    assert said["Created"] == "2026-03-16T07:45:00Z" and base64.b64decode(said["Nonce"] or "") == b"bm9uY2U"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"Item": {"Material": "not a material!", "Quantity": "1", "CostCentre": "4410"}}, "Material"),
        ({"Item": {"Material": "M-1", "Quantity": "1.23456", "CostCentre": "4410"}}, "Quantity"),
        ({"Item": {"Material": "M-1", "Quantity": "1"}}, "the whole"),
    ],
)
def test_what_breaks_a_schema_is_named_by_place_and_never_sent(desk: Desk, change: Any, place: str) -> None:
    made = write(desk, {**TREE, **change})
    assert list(made) == ["unfit"] and "not a material" not in str(made)
    assert made["unfit"] in (place, "the whole", "Item")


def test_an_answer_by_the_contract_gives_its_plain_fields(desk: Desk) -> None:
    assert read(desk, answer(posted())) == {"answer": {"document": "4900001", "state": "POSTED"}}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no-xml"),
        (b"<html><body>Please log in</body></html>", "no-envelope"),
        (b"{}", "no-xml"),
        (answer(posted())[:-20], "no-xml"),
        (answer(posted(), before="<!DOCTYPE x>"), "document-type"),
        (answer(posted(), before='<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/hostname">]>'), "document-type"),
        (answer(posted(), "urn:other"), "no-envelope"),
        (answer(posted(), "http://www.w3.org/2003/05/soap-envelope"), "other-version"),
        (answer(posted(space="urn:other")), "other-element"),
        (answer("<PostGoodsIssueResponse/>"), "other-element"),
        (answer(posted("<State>POSTED</State>")), "against-schema"),
        (answer(posted("<Document>1</Document><State>MAYBE</State>")), "against-schema"),
        (answer(posted() + posted()), "not-one-element"),
        (answer(""), "not-one-element"),
        (f'<e:Envelope xmlns:e="{ENVELOPE}"/>'.encode(), "no-body"),
        (answer("<a>" * 5000 + "</a>" * 5000), "too-deep"),
    ],
)
def test_any_other_answer_is_wrong_and_says_how(desk: Desk, body: bytes, why: str) -> None:
    assert read(desk, body) == {"wrong": why}


def test_entities_are_not_expanded(desk: Desk) -> None:
    lol = '<!ENTITY l0 "lol">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    assert "wrong" in read(desk, answer(posted("&l9;"), before=f"<!DOCTYPE x [{lol}]>"))


def fault(code: str, detail: str = "") -> bytes:
    inside = f"<faultcode>e:{code}</faultcode><faultstring>Patient Rivera is not known</faultstring>"
    return answer(f"<e:Fault>{inside}<detail>{detail}</detail></e:Fault>")


def test_a_fault_gives_its_code_and_its_declared_name_and_never_its_text(desk: Desk) -> None:
    assert read(desk, fault("Server")) == {"fault": "Server", "name": "", "key": False}
    declared = f'<UnknownMaterial xmlns="{INVENTORY}"><Text>Rivera</Text></UnknownMaterial>'
    made = read(desk, fault("Client", declared))
    assert made == {"fault": "Client", "name": "UnknownMaterial", "key": False} and "Rivera" not in json.dumps(made)


def test_a_fault_that_names_our_key_says_so(desk: Desk) -> None:
    used = f'<DuplicateReference xmlns="{INVENTORY}"><Reference>%s</Reference></DuplicateReference>'
    assert read(desk, fault("Client", used % KEY[:40]))["key"] is True
    assert read(desk, fault("Client", used % "other"))["key"] is False


def test_a_fault_of_soap_12_is_read_too(desk: Desk) -> None:
    inside = "<e:Code><e:Value>e:Receiver</e:Value></e:Code><e:Reason><e:Text>no</e:Text></e:Reason>"
    body = answer(f"<e:Fault>{inside}</e:Fault>", "http://www.w3.org/2003/05/soap-envelope")
    assert read(desk, body) == {"fault": "Receiver", "name": "", "key": False}


def test_a_contract_that_is_none_is_a_sentence() -> None:
    opened = Desk()({"do": "open", "files": {"a.wsdl": base64.b64encode(b"<a/>").decode()}, "operations": []})
    assert opened == {"problem": "'a.wsdl' is no WSDL: its outermost element is 'a'."}
    assert Desk()({"do": "write"}) == {"problem": "no contract is open"}


# Other bindings


def opened(change: Mapping[str, str], operation: str = "PostGoodsIssue") -> Desk:
    """A desk over the library's contract with some texts replaced."""
    held = {path: base64.b64decode(text).decode() for path, text in files().items()}
    for old, new in change.items():
        assert any(old in text for text in held.values())
        held = {path: text.replace(old, new) for path, text in held.items()}
    encoded = {path: base64.b64encode(text.encode()).decode() for path, text in held.items()}
    made = Desk()
    assert made({"do": "open", "files": encoded, "operations": [operation]}) == {"open": [operation]}
    return made


def test_soap_12_has_its_own_envelope_and_says_its_action_in_the_type() -> None:
    desk = opened({"http://schemas.xmlsoap.org/wsdl/soap/": "http://schemas.xmlsoap.org/wsdl/soap12/"})
    made = write(desk, TREE)
    space = "http://www.w3.org/2003/05/soap-envelope"
    assert etree.fromstring(made["envelope"].encode()).tag == f"{{{space}}}Envelope"
    kind = made["headers"]["Content-Type"]
    assert kind.startswith("application/soap+xml") and 'action="urn:lockgate:example' in kind
    assert "answer" in read(desk, answer(posted(), space))
    assert read(desk, answer(posted())) == {"wrong": "other-version"}


def test_an_rpc_operation_takes_its_parts_in_a_wrapper_of_its_name() -> None:
    desk = opened(
        {
            'style="document"': 'style="rpc"',
            '<soap:body use="literal"/>': '<soap:body use="literal" namespace="urn:rpc"/>',
            '<part name="body" element="inv:PostGoodsIssue"/>': (
                '<part name="Material" type="inv:Material"/><part name="Quantity" type="inv:Quantity"/>'
            ),
            '<part name="body" element="inv:PostGoodsIssueResponse"/>': '<part name="Document" type="xs:string"/>',
        }
    )
    made = write(desk, {"Material": "M-1", "Quantity": "2"})
    body = etree.fromstring(made["envelope"].encode())[-1]
    assert body[0].tag == "{urn:rpc}PostGoodsIssue" and body[0].findtext("Material") == "M-1"
    reply = '<r:PostGoodsIssueResponse xmlns:r="urn:rpc"><Document>7</Document></r:PostGoodsIssueResponse>'
    assert read(desk, answer(reply)) == {"answer": {"document": "7"}}


# As a process


def test_a_worker_answers_from_a_process_of_its_own_and_is_killed_when_it_takes_too_long() -> None:
    async def story() -> None:
        first = {"do": "open", "files": files(), "operations": ["PostGoodsIssue"]}
        line = WorkerLine("runtime.soap_worker", 30, first)
        asked = {"do": "write", "operation": "PostGoodsIssue", "tree": TREE, "token": None}
        both = await asyncio.gather(line.ask(asked), line.ask(asked))
        assert both[0]["envelope"] == both[1]["envelope"] and line.pid not in (None, os.getpid())
        before = line.pid
        with pytest.raises(WorkerLost):
            await line.ask(asked, deadline_s=0.0001)
        assert (await line.ask(asked))["envelope"] == both[0]["envelope"] and line.pid != before
        line.close()
        with pytest.raises(WorkerLost):
            await line.ask(asked)

    asyncio.run(story())


# Real contracts


def contracts(corpora: Path) -> Iterator[Path]:
    return (path for path in sorted((corpora / "wsdl").rglob("*.*")) if path.suffix in (".wsdl", ".xml"))


def test_every_real_contract_is_read_as_zeep_reads_it_or_refused_with_a_sentence(corpora: Path) -> None:
    alike, headed, otherwise, refused, unloaded = 0, 0, [], [], []
    for path in contracts(corpora):
        try:
            contract = wsdl.read_contract(path.name, lambda name, folder=path.parent: (folder / name).read_bytes())
            operations = wsdl.operations(contract)
        except wsdl.Unusable as error:
            refused.append(str(error))
            continue
        assert all(each.problem == "" or len(each.problem) > 20 for each in operations.values())
        if len(operations) > 200:
            operations = dict(list(operations.items())[:50])
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                service = Service(contract.files)
        except Exception as error:  # noqa: BLE001 - the worker makes one sentence of whatever zeep raises
            unloaded.append(f"{path.name}: {type(error).__name__}")
            continue
        headed += sum("requires the SOAP header" in each.problem for each in operations.values())
        for name, each in operations.items():
            if not each.problem:
                try:
                    service.check(name)
                    alike += 1
                except Differs as error:
                    otherwise.append(f"{path.name} {name}: {error}")
    assert alike >= 320 and alike + headed >= 450 and len(otherwise) <= 12, otherwise
    assert len(unloaded) <= 16, unloaded
    assert all(sentence.endswith(".") and len(sentence) > 30 for sentence in refused) and len(refused) >= 20
