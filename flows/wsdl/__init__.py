"""Contracts of SOAP services, read purely: WSDL 1.1 and XML Schema as the operations that a sink can post to.

What is read here is what people sign: the fields of a message and of its answer. The XML itself is written and read by
a library in a worker process (``runtime.soap_worker``), which refuses a contract that it reads differently.
"""

from flows.wsdl.documents import Contract, Files, Unusable, read_contract
from flows.wsdl.operations import Fault, Operation, digest, operations
from flows.wsdl.xmltree import Name

__all__ = ["Contract", "Fault", "Files", "Name", "Operation", "Unusable", "digest", "operations", "read_contract"]
