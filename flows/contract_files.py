"""Contract files: which kind one is, and the operations that a sink can post to. Pure: ``files`` does the reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flows import wsdl
from flows.contracts import ContractError, contract_fields, openapi_operations
from flows.csv_contract import FORMAT, NotCsvContract, csv_operation
from flows.environment import OperationContract

Json = Any
Files = Callable[[str], bytes]
_XML = (".wsdl", ".xml")


def contract_operations(path: str, files: Files) -> Mapping[str, OperationContract]:
    """The operations of the contract at ``path``: an OpenAPI document, a WSDL with its schemas, or a CSV contract."""
    data = files(path)
    if path.lower().endswith(_XML):
        return wsdl_operations(path, files)
    if FORMAT.encode() in data[:4096]:
        try:
            operation = csv_operation(path, data)
        except NotCsvContract as error:
            raise ContractError(str(error)) from None
        return {operation.operation: operation}
    return openapi_operations(data)


def wsdl_operations(path: str, files: Files) -> Mapping[str, OperationContract]:
    """The operations of a WSDL by name, those that nothing can be posted to with the reason."""
    try:
        contract = wsdl.read_contract(path, files)
        found = wsdl.operations(contract)
    except wsdl.Unusable as error:
        raise ContractError(str(error)) from None
    document, held = wsdl.digest(contract), tuple(contract.files.items())
    return {
        name: OperationContract(
            operation=name,
            method="POST",
            path="",
            fields=contract_fields(each.request),
            request=each.request,
            answer=each.answer,
            success=(200, 201, 202, 204) if each.answer is None else (200,),
            document=document,
            kind="wsdl",
            files=held,
            faults=tuple(dict.fromkeys(fault.name for fault in each.faults)),
            problem=each.problem,
            login=each.login,
        )
        for name, each in found.items()
    }
