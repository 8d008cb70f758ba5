"""A WSDL with its schemas is read purely: what an operation takes and answers, and a sentence where it cannot be."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from flows import wsdl
from flows.contract_files import contract_operations
from flows.contracts import ContractError
from flows.environment import ContractField

SOAP = 'xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"'
HEAD = f'xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" {SOAP}'
BINDING = """<binding name="B" type="t:P">
 <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
 <operation name="Post"><soap:operation soapAction="urn:post"/>
  <input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>
</binding>"""
PORT = """<message name="In"><part name="p" element="t:Post"/></message>
<message name="Out"><part name="p" element="t:Posted"/></message>
<message name="Bad"><part name="p" element="t:Refused"/></message>
<portType name="P"><operation name="Post"><input message="t:In"/><output message="t:Out"/>
 <fault name="Refusal" message="t:Bad"/></operation></portType>"""
POSTED = '<xs:element name="Posted"><xs:complexType><xs:sequence><xs:element name="Id" type="xs:string"/></xs:sequence>'
POSTED += '</xs:complexType></xs:element><xs:element name="Refused" type="xs:string"/>'


def schema(inside: str, attributes: str = 'elementFormDefault="qualified"') -> str:
    return f'<xs:schema targetNamespace="urn:t" {attributes}>{inside}</xs:schema>'


def document(types: str, *, port: str = PORT, binding: str = BINDING) -> bytes:
    return f'<definitions {HEAD} targetNamespace="urn:t"><types>{types}</types>{port}{binding}</definitions>'.encode()


def post(content: str, more: str = "") -> str:
    return schema(f'<xs:element name="Post">{content}</xs:element>{POSTED}{more}')


def element(name: str, kind: str = "xs:string", more: str = "") -> str:
    return f'<xs:element name="{name}" type="{kind}" {more}/>'


def restricted(name: str, base: str, *facets: tuple[str, str]) -> str:
    inside = "".join(f'<xs:{facet} value="{value}"/>' for facet, value in facets)
    return f'<xs:simpleType name="{name}"><xs:restriction base="{base}">{inside}</xs:restriction></xs:simpleType>'


def complex_type(name: str, inside: str) -> str:
    return f'<xs:complexType name="{name}"><xs:sequence>{inside}</xs:sequence></xs:complexType>'


def sequence(inside: str) -> str:
    return f"<xs:complexType><xs:sequence>{inside}</xs:sequence></xs:complexType>"


def read(files: Mapping[str, bytes] | bytes, path: str = "contracts/a.wsdl") -> wsdl.Operation:
    held = {path: files} if isinstance(files, bytes) else files
    contract = wsdl.read_contract(path, lambda name: held[name])
    return wsdl.operations(contract)["Post"]


def refusal(files: Mapping[str, bytes] | bytes, path: str = "contracts/a.wsdl") -> str:
    held = {path: files} if isinstance(files, bytes) else files
    with pytest.raises(ContractError) as error:
        contract_operations(path, lambda name: held[name])
    return str(error.value)


def fields(data: bytes) -> tuple[ContractField, ...]:
    return contract_operations("a.wsdl", lambda name: {"a.wsdl": data}[name])["Post"].fields


def test_an_operation_takes_the_children_of_its_element_by_record_names() -> None:
    inside = element("Material") + element("Qty", "xs:decimal", 'minOccurs="0"')
    inside += f'<xs:element name="Place" minOccurs="0">{sequence(element("Plant-No", "xs:int"))}</xs:element>'
    assert fields(document(post(sequence(inside)))) == (
        ContractField("material", "string", True),
        ContractField("qty", "string", False),
        ContractField("place", "object", False),
        ContractField("place.plant_No", "integer", False),
    )


def test_the_binding_the_answer_and_the_faults_are_known() -> None:
    operation = read(document(post(sequence('<xs:element name="A" type="xs:string"/>'))))
    assert (operation.version, operation.action, operation.problem) == ("1.1", "urn:post", "")
    assert operation.answer is not None and operation.answer["required"] == ["id"]
    assert operation.reply == ("urn:t", "Posted")
    assert operation.faults == (wsdl.Fault("Refusal", wsdl.Name("urn:t", "Refused")),)


def test_facets_that_are_checked_here_are_kept() -> None:
    types = restricted("Code", "xs:string", ("maxLength", "18"))
    types += restricted("Kind", "t:Code", ("enumeration", "A"), ("enumeration", "B"))
    types += restricted("Count", "xs:int", ("maxInclusive", "99"))
    inside = "".join(f'<xs:element name="{name}" type="t:{name}"/>' for name in ("Code", "Kind", "Count"))
    inside += '<xs:element name="At" type="xs:dateTime"/><xs:element name="Final" type="xs:boolean"/>'
    made = read(document(post(sequence(inside), types))).request["properties"]
    assert made["code"] == {"type": "string", "maxLength": 18, "xml": "Code"}
    assert made["kind"] == {"type": "string", "maxLength": 18, "enum": ["A", "B"], "xml": "Kind"}
    assert made["count"] == {"type": "integer", "minimum": -(2**31), "maximum": 99, "xml": "Count"}
    assert made["at"]["format"] == "xsd-date-time" and made["final"]["type"] == "boolean"


def test_extensions_attributes_text_with_attributes_and_repetition_are_fields() -> None:
    base = complex_type("Base", element("A"))
    line = (
        '<xs:complexType name="Line"><xs:simpleContent><xs:extension base="xs:decimal">'
        '<xs:attribute name="unit" type="xs:string" use="required"/></xs:extension></xs:simpleContent></xs:complexType>'
    )
    content = (
        '<xs:complexType><xs:complexContent><xs:extension base="t:Base"><xs:sequence>'
        '<xs:element name="Line" type="t:Line" maxOccurs="unbounded"/></xs:sequence>'
        '<xs:attribute name="A" type="xs:int"/>'
        "</xs:extension></xs:complexContent></xs:complexType>"
    )
    made = read(document(post(content, base + line))).request
    assert list(made["properties"]) == ["a", "line", "attr__A"]
    inner = made["properties"]["line"]["items"]
    assert made["properties"]["line"]["type"] == "array"
    assert inner["properties"]["value"] == {"type": "string", "format": "decimal", "xml": "_value_1"}
    assert inner["required"] == ["value", "unit"]


def test_the_branches_of_a_choice_are_optional() -> None:
    inside = '<xs:choice><xs:element name="A" type="xs:string"/><xs:element name="B" type="xs:string"/></xs:choice>'
    made = read(document(post(sequence(inside)))).request
    assert (list(made["properties"]), made["required"]) == (["a", "b"], [])


def test_a_type_that_holds_itself_ends_and_says_so_only_where_it_must() -> None:
    free = complex_type("Node", element("Name") + element("Next", "t:Node", 'minOccurs="0"'))
    forced = complex_type("Node", element("Name") + element("Next", "t:Node"))
    whole = sequence('<xs:element name="Root" type="t:Node"/>')
    assert read(document(post(whole, free))).problem == ""
    assert "holds itself" in read(document(post(whole, forced))).problem


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ('<xs:sequence maxOccurs="2"><xs:element name="A" type="xs:string"/></xs:sequence>', "no names of their own"),
        ('<xs:element ref="t:Gone"/>', "stands in none of the contract's files"),
        ('<xs:element name="A" type="t:Gone"/>', "stands in none of the contract's files"),
    ],
)
def test_what_cannot_be_filled_is_said(inside: str, said: str) -> None:
    assert said in read(document(post(sequence(inside)))).problem


def test_encoded_messages_are_refused_by_name() -> None:
    whole = document(post(sequence("")), binding=BINDING.replace("literal", "encoded"))
    assert "encoded" in read(whole).problem


def test_rpc_operations_take_their_parts() -> None:
    port = PORT.replace(
        '<part name="p" element="t:Post"/>', '<part name="Item" type="xs:string"/><part name="Qty" type="xs:int"/>'
    )
    binding = BINDING.replace('style="document"', 'style="rpc"').replace(
        'use="literal"', 'use="literal" namespace="urn:t"'
    )
    made = read(document(post(sequence("")), port=port, binding=binding))
    assert made.problem == "" and made.request["required"] == ["item", "qty"] and made.reply is None


# Files


IMPORT = '<xs:schema><xs:import namespace="urn:u" schemaLocation="{}"/></xs:schema>'
OTHER = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:u" xmlns:u="urn:u">{}'
    '<xs:element name="Plant" type="xs:string"/></xs:schema>'
)


def importing(location: str) -> bytes:
    types = post(sequence('<xs:element ref="u:Plant"/>')).replace("<xs:schema ", '<xs:schema xmlns:u="urn:u" ')
    return document(IMPORT.format(location) + types)


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("u.xsd", "contracts/u.xsd"),
        ("./types/u.xsd", "contracts/types/u.xsd"),
        ("../u.xsd", "u.xsd"),
        ("http://erp.example/wsdl/u.xsd", "contracts/u.xsd"),
        ("http://erp.example/Service?xsd=u.xsd", "contracts/u.xsd"),
        ("http://erp.example/Service.svc?xsd=xsd0", "contracts/Service.svc-xsd-xsd0.xsd"),
    ],
)
def test_what_is_imported_is_found_among_the_files_beside(location: str, path: str) -> None:
    files = {"contracts/a.wsdl": importing(location), path: OTHER.format("").encode()}
    assert [*read(files).request["properties"]] == ["plant"]
    held = contract_operations("contracts/a.wsdl", lambda name: files[name])["Post"].files
    assert [name for name, _ in held] == ["contracts/a.wsdl", path]


def test_a_missing_import_is_named_with_the_place_where_it_belongs() -> None:
    said = refusal(importing("http://169.254.169.254/latest/u.xsd"))
    assert "'http://169.254.169.254/latest/u.xsd'" in said and "'contracts/u.xsd'" in said
    assert "Nothing is fetched" in said


def test_nothing_above_the_environment_is_read() -> None:
    asked: list[str] = []

    def files(name: str) -> bytes:
        asked.append(name)
        return {"contracts/a.wsdl": importing("../../etc/passwd")}[name]

    with pytest.raises(ContractError):
        contract_operations("contracts/a.wsdl", files)
    assert all(not name.startswith(("..", "/")) for name in asked)


def test_schemas_may_import_each_other_in_a_circle() -> None:
    back = '<xs:import namespace="urn:t" schemaLocation="t.xsd"/>'
    files = {
        "a.wsdl": importing("u.xsd"),
        "u.xsd": OTHER.format(back).encode(),
        "t.xsd": schema(IMPORT.format("u.xsd")[11:-12])
        .replace("<xs:schema ", '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" ')
        .encode(),
    }
    assert read(files, "a.wsdl").problem == ""


def test_an_included_schema_without_a_namespace_takes_that_of_the_one_around_it() -> None:
    piece = b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:complexType name="Line"><xs:sequence>'
    piece += b'<xs:element name="A" type="xs:string"/></xs:sequence></xs:complexType></xs:schema>'
    types = schema('<xs:include schemaLocation="line.xsd"/><xs:element name="Post" type="t:Line"/>' + POSTED)
    assert [*read({"a.wsdl": document(types), "line.xsd": piece}, "a.wsdl").request["properties"]] == ["a"]


def test_a_wsdl_may_stand_in_two_files() -> None:
    imported = '<import namespace="urn:t" location="b.wsdl"/>'
    first = f'<definitions {HEAD} targetNamespace="urn:t">{imported}{BINDING}</definitions>'
    second = document(post(sequence('<xs:element name="A" type="xs:string"/>')), binding="")
    assert [*read({"a.wsdl": first.encode(), "b.wsdl": second}, "a.wsdl").request["properties"]] == ["a"]


def test_the_standard_schemas_are_at_hand() -> None:
    types = (
        '<xs:import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="http://www.w3.org/2001/xml.xsd"/>'
    )
    content = '<xs:complexType><xs:sequence/><xs:attribute ref="xml:lang"/></xs:complexType>'
    whole = schema(f'{types}<xs:element name="Post">{content}</xs:element>{POSTED}')
    assert [*read(document(whole)).request["properties"]] == ["lang"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<a>", "no well-formed XML"),
        (b"<a/>", "is no WSDL"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>', "document type"),
        (b'<description xmlns="http://www.w3.org/ns/wsdl"/>', "WSDL 2.0"),
        (b"<a>" * 500 + b"</a>" * 500, "deeper"),
        (b'<?xml version="1.0" encoding="EBCDIC-9"?><a/>', "encoding"),
        (
            importing("u.xsd").replace(
                b"<types>", b"<types><xs:schema><xs:redefine schemaLocation='r.xsd'/></xs:schema>"
            ),
            "redefines",
        ),
    ],
)
def test_what_is_no_contract_is_a_sentence(data: bytes, said: str) -> None:
    assert said in refusal(data)


SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
HEADER = '<message name="Head"><part name="auth" element="{element}"/></message>'
HEADED = BINDING.replace(
    '<input><soap:body use="literal"/>',
    '<input><soap:header message="t:Head" part="auth" use="literal"/><soap:body use="literal"/>',
)


@pytest.mark.parametrize(
    ("message", "named"),
    [(HEADER.format(element="t:Session"), "Session"), ("", "auth"), (HEADER.format(element=""), "auth")],
)
def test_a_header_that_the_binding_requires_and_nobody_writes_is_said(message: str, named: str) -> None:
    operation = read(document(post(sequence(element("A"))), port=PORT + message, binding=HEADED))
    assert operation.problem == f"it requires the SOAP header '{named}', which is not written here"


def test_a_header_of_an_answer_alone_is_nobody_s_duty() -> None:
    answered = BINDING.replace("<output>", '<output><soap:header message="t:Head" part="auth" use="literal"/>')
    operation = read(document(post(sequence(element("A"))), port=PORT + HEADER.format(element="t:X"), binding=answered))
    assert (operation.problem, operation.login) == ("", False)


def test_a_security_header_is_a_login() -> None:
    port = PORT + HEADER.format(element="s:Security").replace("<message", f'<message xmlns:s="{SECURITY}"')
    operation = read(document(post(sequence(element("A"))), port=port, binding=HEADED))
    assert (operation.problem, operation.login) == ("", True)
