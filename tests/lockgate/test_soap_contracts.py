"""A SOAP contract that cannot be used is found before anybody signs it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import flows
from lockgate import cli

LIBRARY = Path(flows.__file__).parent / "library" / "supply-consumption-soap"


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    shutil.copytree(LIBRARY, tmp_path / "flow")
    return tmp_path / "flow" / "flow.json"


def said(flow: Path, capsys: pytest.CaptureFixture[str], status: int) -> str:
    assert cli.run(["check", str(flow)]) == status
    captured = capsys.readouterr()
    return captured.out + captured.err


def change(flow: Path, name: str, old: str, new: str) -> None:
    path = flow.parent / "contracts" / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


def test_a_contract_that_the_library_cannot_load_is_a_finding(flow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = '<soap:header message="inv:Gone" part="x" use="literal"/>'
    change(flow, "inventory.wsdl", '<output><soap:body use="literal"/>', f'<output><soap:body use="literal"/>{head}')
    out = said(flow, capsys, 1)
    assert "LG-SINK-WSDL" in out and "zeep cannot load the contract" in out


def test_a_missing_schema_is_named_with_its_place(flow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (flow.parent / "contracts" / "inventory.xsd").unlink()
    out = said(flow, capsys, 2)
    assert "'inventory.xsd'" in out and "'contracts/inventory.xsd'" in out and out.count("\n") == 1


def test_a_required_field_that_nothing_fills_is_a_finding(flow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(flow, "inventory.xsd", '<xs:element name="CaseReference" type="xs:string" minOccurs="0"/>',
           '<xs:element name="Plant" type="xs:string"/>')  # fmt: skip
    out = said(flow, capsys, 1)
    assert "requires 'item.plant'" in out and "no plain field 'item.caseReference'" in out


def test_a_field_beyond_what_may_be_received_is_refused_by_policy(
    flow: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = flow.read_text()
    flow.write_text(text.replace('"costCentre": "FT1-13.1"', '"costCentre": "PID-5.1"'))
    assert "PID-5" in said(flow, capsys, 1)


def test_a_header_that_the_contract_requires_is_a_finding_until_somebody_fills_it(
    flow: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    space = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
    head = '<soap:header message="inv:Head" part="security" use="literal"/>'
    change(flow, "inventory.wsdl", '<input><soap:body use="literal"/>', f'<input>{head}<soap:body use="literal"/>')
    message = f'<message name="Head" xmlns:x="{space}"><part name="security" element="x:Security"/></message>'
    change(flow, "inventory.wsdl", "<portType", f"{message}<portType")
    out = said(flow, capsys, 1)
    assert "LG-NODE-LOGIN" in out and "name a user and a secret at connection 'erp-inventory'" in out
    environment = flow.parent / "environment.json"
    environment.write_text(
        environment.read_text().replace('"answer_s": 30', '"answer_s": 30, "user": "lockgate", "secret": "erp-login"')
    )
    assert "LG-NODE-LOGIN" not in said(flow, capsys, 1)
    change(flow, "inventory.wsdl", 'element="x:Security"', 'element="x:Session"')
    assert "requires the SOAP header 'Session'" in said(flow, capsys, 1)
