"""What comes back from a SOAP service, read: envelopes, faults, and the plain fields of an answer. In the worker only.

Codes and names are all that a fault gives away; its text is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from lxml import etree

from flows import wsdl
from runtime.soap_schema import parser

Json = Any
_LONGEST_TEXT = 1_000
_ENVELOPES = {"http://schemas.xmlsoap.org/soap/envelope/": "1.1", "http://www.w3.org/2003/05/soap-envelope": "1.2"}
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class Opened(NamedTuple):
    """An envelope, its body, and the version of SOAP that it speaks."""

    root: etree._Element
    body: etree._Element
    space: str
    version: str


def opened(data: bytes) -> Opened | str:
    """The envelope that ``data`` spells, or why it is none."""
    try:
        root = etree.fromstring(data, parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        return "too-deep" if "depth" in str(error).lower() else "no-xml"
    if root.getroottree().docinfo.doctype:
        return "document-type"
    name = etree.QName(root)
    version = _ENVELOPES.get(name.namespace or "")
    if name.localname != "Envelope" or version is None:
        return "no-envelope"
    body = root.find(f"{{{name.namespace}}}Body")
    return "no-body" if body is None else Opened(root, body, name.namespace or "", version)


def clark(name: wsdl.Name) -> str:
    """A name as lxml and zeep write it."""
    return f"{{{name.space}}}{name.local}" if name.space else name.local


def wrong(why: str) -> Json:
    return {"wrong": why}


def fault_in(fault: etree._Element, envelope: Opened, signed: wsdl.Operation, key: str) -> Json:
    """Codes, the declared fault that it is, and whether its detail names our key. Never its text."""
    space, in_12 = envelope.space, envelope.version == "1.2"
    code = fault.findtext(f"{{{space}}}Code/{{{space}}}Value") if in_12 else fault.findtext("faultcode")
    detail = fault.find(f"{{{space}}}Detail") if in_12 else fault.find("detail")
    inside = [etree.QName(each) for each in detail] if detail is not None else []
    names = {clark(each.detail): each.name for each in signed.faults}
    told = detail is not None and any(key == (each.text or "").strip() for each in detail.iter())
    return {
        "fault": (code or "").strip().rpartition(":")[2][:80],
        "name": next((names[each.text] for each in inside if each.text in names), ""),
        "key": told,
    }


def document(element: etree._Element, schema: Mapping[str, Json]) -> Json:
    """The fields of an answer as its contract names them."""
    if element.get(_NIL) in ("true", "1"):
        return None
    if schema.get("type") != "object":
        return _plain(element.text or "", schema)
    if set(schema.get("properties", {})) and not len(element) and not element.attrib and element.text is None:
        return {}
    made = {}
    for name, each in schema.get("properties", {}).items():
        found = _found(element, each)
        if found is not None:
            made[name] = found
    return made


def _found(element: etree._Element, schema: Mapping[str, Json]) -> Json:
    xml = schema["xml"]
    if xml == "_value_1":
        return _plain(element.text or "", schema)
    attribute = xml.removeprefix("attr__")
    children = [child for child in element if etree.QName(child).localname == xml]
    if not children:
        text = next((v for k, v in element.attrib.items() if etree.QName(k).localname == attribute), None)
        return None if text is None else _plain(str(text), schema)
    if schema.get("type") == "array":
        return [document(child, schema["items"]) for child in children]
    return document(children[0], schema)


def _plain(text: str, schema: Mapping[str, Json]) -> Json:
    text = text if schema.get("type") == "string" and "format" not in schema else text.strip()
    if schema.get("type") == "boolean" and text in ("true", "1", "false", "0"):
        return text in ("true", "1")
    if schema.get("type") == "integer" and text.lstrip("+-").isdigit() and len(text) < 19:
        return int(text)
    return text[:_LONGEST_TEXT]
