"""Reads an environment file and all that it names. Pure: ``files`` does the reading, refusals are sentences."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from flows.canonical import NotCanonical, loads_strict
from flows.contract_files import contract_operations
from flows.contracts import ContractError
from flows.environment import Environment, OperationContract, RecordSchema, Surroundings
from flows.masters import MasterContract
from flows.refusals import pointer, sentence

M = TypeVar("M", bound=BaseModel)
Files = Callable[[str], bytes]


class SurroundingsError(ValueError):
    """An environment that cannot be used: ``file`` (as the environment names it) and a sentence with the place."""

    def __init__(self, file: str, sentence: str) -> None:
        super().__init__(f"{file}: {sentence}")
        self.file, self.sentence = file, sentence


def load_environment(data: bytes, name: str = "environment.json") -> Environment:
    """The environment that ``data`` spells, or SurroundingsError."""
    return _model(Environment, data, name)


def files_of(environment: Environment) -> tuple[str, ...]:
    """Every file that the environment names, each once, sorted: what travels with it as an attachment."""
    contracts = {each.contract for each in environment.connections.values() if each.contract}
    return tuple(sorted(contracts | set(environment.masters.values())))


def load_surroundings(environment_json: bytes, files: Files) -> Surroundings:
    """The environment with its contracts and masters; ``files`` gives the bytes of a file that it names."""
    environment = load_environment(environment_json)
    return Surroundings(
        environment=environment,
        masters={name: _master(name, path, files) for name, path in environment.masters.items()},
        operations=_operations(environment, files),
        schemas=record_schemas(),
    )


@cache
def record_schemas() -> Mapping[str, RecordSchema]:
    """The canonical records that are shipped: ``utilisation-event@1`` -> schema."""
    found = {}
    for entry in resources.files("flows.schemas").iterdir():
        if entry.name.endswith(".json"):
            schema = RecordSchema.model_validate(json.loads(entry.read_text("utf-8")))
            found[f"{schema.name}@{schema.version}"] = schema
    return dict(sorted(found.items()))


def _master(name: str, path: str, files: Files) -> MasterContract:
    contract = _model(MasterContract, _read(path, files), path)
    if contract.id != name:
        raise SurroundingsError(path, f"this is the contract of master '{contract.id}', not of '{name}'.")
    return contract


def _operations(environment: Environment, files: Files) -> dict[tuple[str, str], OperationContract]:
    found: dict[tuple[str, str], OperationContract] = {}
    for name, connection in environment.connections.items():
        if connection.contract is None:
            continue
        try:
            operations = _offered(connection.contract, files)
        except ContractError as error:
            raise SurroundingsError(connection.contract, str(error)) from None
        found.update({(name, operation): each for operation, each in operations.items()})
    return found


def _offered(path: str, files: Files) -> Mapping[str, OperationContract]:
    """The contract's operations. It is read under the rules for every file; what it imports may be somewhere else."""
    first = _read(path, files)
    return contract_operations(path, lambda name: first if name == path else files(name))


def _read(path: str, files: Files) -> bytes:
    if path.startswith(("/", "~")) or "\\" in path or ".." in path.split("/"):
        raise SurroundingsError(path, "a file must stand beside or below the environment file.")
    try:
        return files(path)
    except (OSError, KeyError):
        raise SurroundingsError(path, "this file, named by the environment, cannot be read.") from None


def _model(model: type[M], data: bytes, name: str) -> M:
    try:
        return model.model_validate(loads_strict(data))
    except NotCanonical as error:
        raise SurroundingsError(name, str(error)) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise SurroundingsError(name, f"at {pointer(first['loc']) or '/'}: {sentence(first)}") from None
