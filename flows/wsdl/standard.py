"""The standard schemas that contracts import by an address of the web: ours, written out here, never fetched.

They hold what a contract refers to: the attributes of XML itself, and the names of SOAP's own encoding.
"""

from __future__ import annotations

from collections.abc import Mapping

XSD = "http://www.w3.org/2001/XMLSchema"
XML = "http://www.w3.org/XML/1998/namespace"
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
SCHEME = "standard:"
"""Begins the name under which a standard schema goes by among the files of a contract."""

_PLAIN = (
    "string normalizedString token boolean decimal integer nonNegativeInteger positiveInteger nonPositiveInteger "
    "negativeInteger long int short byte unsignedLong unsignedInt unsignedShort unsignedByte float double date time "
    "dateTime duration anyURI QName base64Binary hexBinary language Name NCName NMTOKEN ID"
).split()


def _xml() -> str:
    return f"""<xs:schema xmlns:xs="{XSD}" targetNamespace="{XML}" xml:lang="en">
  <xs:attribute name="lang" type="xs:string"/>
  <xs:attribute name="base" type="xs:anyURI"/>
  <xs:attribute name="id" type="xs:ID"/>
  <xs:attribute name="space">
    <xs:simpleType><xs:restriction base="xs:NCName">
      <xs:enumeration value="default"/><xs:enumeration value="preserve"/>
    </xs:restriction></xs:simpleType>
  </xs:attribute>
  <xs:attributeGroup name="specialAttrs">
    <xs:attribute ref="xml:base"/><xs:attribute ref="xml:lang"/>
    <xs:attribute ref="xml:space"/><xs:attribute ref="xml:id"/>
  </xs:attributeGroup>
</xs:schema>"""


def _encoding() -> str:
    types = "\n".join(
        f'  <xs:element name="{name}" type="tns:{name}"/>\n'
        f'  <xs:complexType name="{name}"><xs:simpleContent><xs:extension base="xs:{name}">'
        f'<xs:attributeGroup ref="tns:commonAttributes"/></xs:extension></xs:simpleContent></xs:complexType>'
        for name in _PLAIN
    )
    return f"""<xs:schema xmlns:xs="{XSD}" xmlns:tns="{ENCODING}" targetNamespace="{ENCODING}"
  elementFormDefault="qualified">
  <xs:attribute name="root" type="xs:boolean"/>
  <xs:attribute name="arrayType" type="xs:string"/>
  <xs:attribute name="offset" type="xs:string"/>
  <xs:attribute name="position" type="xs:string"/>
  <xs:attributeGroup name="commonAttributes">
    <xs:attribute name="id" type="xs:ID"/><xs:attribute name="href" type="xs:anyURI"/>
  </xs:attributeGroup>
  <xs:attributeGroup name="arrayAttributes">
    <xs:attribute ref="tns:arrayType"/><xs:attribute ref="tns:offset"/>
  </xs:attributeGroup>
  <xs:attributeGroup name="arrayMemberAttributes"><xs:attribute ref="tns:position"/></xs:attributeGroup>
  <xs:group name="Array"><xs:sequence>
    <xs:any namespace="##any" minOccurs="0" maxOccurs="unbounded" processContents="lax"/>
  </xs:sequence></xs:group>
  <xs:group name="Struct"><xs:sequence>
    <xs:any namespace="##any" minOccurs="0" maxOccurs="unbounded" processContents="lax"/>
  </xs:sequence></xs:group>
  <xs:complexType name="Array">
    <xs:group ref="tns:Array" minOccurs="0"/>
    <xs:attributeGroup ref="tns:arrayAttributes"/><xs:attributeGroup ref="tns:commonAttributes"/>
  </xs:complexType>
  <xs:element name="Array" type="tns:Array"/>
  <xs:complexType name="Struct">
    <xs:group ref="tns:Struct" minOccurs="0"/><xs:attributeGroup ref="tns:commonAttributes"/>
  </xs:complexType>
  <xs:element name="Struct" type="tns:Struct"/>
  <xs:simpleType name="base64"><xs:restriction base="xs:base64Binary"/></xs:simpleType>
{types}
</xs:schema>"""


SCHEMAS: Mapping[str, tuple[str, bytes]] = {
    XML: (f"{SCHEME}xml.xsd", _xml().encode()),
    ENCODING: (f"{SCHEME}soap-encoding.xsd", _encoding().encode()),
}
"""Namespace -> (name, content)."""
