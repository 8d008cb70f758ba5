"""How records are spelt on the wire: HL7 v2 and plain records."""
