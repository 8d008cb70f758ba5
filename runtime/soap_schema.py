"""A contract's schemas as one validator of libxml2: for the worker that writes and reads the XML, never elsewhere.

Each document is read without network, entities and document types. Includes are folded into one wrapper a namespace,
and imports point to those wrappers, since libxml2 follows only the first import of a namespace.
"""

from __future__ import annotations

from lxml import etree

from flows.wsdl.documents import Contract, Schema
from flows.wsdl.standard import XSD

_IN = f"{{{XSD}}}"


def parser() -> etree.XMLParser:
    """A parser that fetches nothing and expands nothing."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def validator(contract: Contract) -> etree.XMLSchema | None:
    """The validator; None where libxml2 does not take the schemas."""
    made = _Made(contract)
    reading = parser()
    reading.resolvers.add(made)
    try:
        root = etree.fromstring(made.driver(), reading, base_url="lockgate:driver")
        return etree.XMLSchema(root)
    except (etree.XMLSchemaParseError, etree.XMLSyntaxError):
        return None


class _Made(etree.Resolver):  # type: ignore[misc]  # lxml brings no types
    """The rewritten documents by address; nothing else is found."""

    def __init__(self, contract: Contract) -> None:
        super().__init__()
        self._spaces = sorted({schema.target for schema in contract.schemas})
        self._documents: dict[str, bytes] = {}
        for number, schema in enumerate(contract.schemas):
            self._documents[f"lockgate:schema-{number}"] = self._rewritten(contract, schema)
        for space in self._spaces:
            self._documents[self._of(space)] = self._wrapper(contract, space)

    def resolve(self, url: str, pubid: str, context: object) -> object:
        return self.resolve_string(self._documents.get(url, b""), context)

    def driver(self) -> bytes:
        imports = "".join(_import(space, self._of(space)) for space in self._spaces if space)
        nameless = f'<xs:include schemaLocation="{self._of("")}"/>' if "" in self._spaces else ""
        return f'<xs:schema xmlns:xs="{XSD}">{nameless}{imports}</xs:schema>'.encode()

    def _of(self, space: str) -> str:
        return f"lockgate:space-{self._spaces.index(space)}"

    def _wrapper(self, contract: Contract, space: str) -> bytes:
        root = etree.Element(f"{_IN}schema", nsmap={"xs": XSD})
        if space:
            root.set("targetNamespace", space)
        for number, schema in enumerate(contract.schemas):
            if schema.target == space:
                etree.SubElement(root, f"{_IN}include", schemaLocation=f"lockgate:schema-{number}")
        return bytes(etree.tostring(root))

    def _rewritten(self, contract: Contract, schema: Schema) -> bytes:
        root = _source(contract, schema)
        for each in root.findall(f"{_IN}import") + root.findall(f"{_IN}include"):
            root.remove(each)
        for space in reversed(self._spaces):
            if space and space != schema.target:
                root.insert(0, etree.Element(f"{_IN}import", namespace=space, schemaLocation=self._of(space)))
        return bytes(etree.tostring(root))


def _source(contract: Contract, schema: Schema) -> etree._Element:
    """The schema as libxml2 reads it: the whole document, or the one that stands in a WSDL at the same line."""
    root = etree.fromstring(contract.files[schema.path], parser())
    if root.tag == f"{_IN}schema":
        return root
    inside = list(root.iter(f"{_IN}schema"))
    same = [each for each in contract.schemas if each.path == schema.path]
    return _alone(inside[same.index(schema)])


def _alone(element: etree._Element) -> etree._Element:
    """An inner schema as a document of its own, with the prefixes that are in force around it."""
    root = etree.Element(element.tag, nsmap=element.nsmap)
    root.attrib.update(element.attrib)
    root.extend(list(element))
    return root


def _import(space: str, where: str) -> str:
    quoted = space.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return f'<xs:import namespace="{quoted}" schemaLocation="{where}"/>'
