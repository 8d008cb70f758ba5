"""Contracts of sinks: the operations of an OpenAPI document, each with what it takes and what counts as success."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from flows.environment import ContractField, OperationContract

MAX_BYTES = 8 << 20
MAX_DEPTH = 16
_METHODS = ("get", "put", "post", "delete", "patch")
_KEPT = ("type", "enum", "format", "minLength", "maxLength", "minimum", "maximum", "nullable", "title")
_KINDS = ("string", "integer", "number", "boolean", "object", "array")
Json = Any


class ContractError(ValueError):
    """A contract that cannot be used; the sentence names the place."""


def openapi_operations(document: bytes) -> Mapping[str, OperationContract]:
    """The operations of a JSON OpenAPI document (3.0 or 3.1) that post a JSON body, by operationId."""
    spec = _load(document)
    digest = hashlib.sha256(document).hexdigest()
    found: dict[str, OperationContract] = {}
    for path, method, operation in _each(spec):
        name = operation.get("operationId")
        if not isinstance(name, str) or not name:
            continue
        if name in found:
            raise ContractError(f"the operationId '{name[:80]}' stands twice.")
        contract = _operation(spec, name, method, path, operation, digest)
        if contract is not None:
            found[name] = contract
    return found


def _load(document: bytes) -> Mapping[str, Json]:
    if len(document) > MAX_BYTES:
        raise ContractError(f"the contract has {len(document)} bytes; {MAX_BYTES} are allowed.")
    try:
        spec = json.loads(document.decode("utf-8"), object_pairs_hook=_unique)
    except UnicodeDecodeError:
        raise ContractError("the contract is not UTF-8.") from None
    except RecursionError:
        raise ContractError("the contract is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise ContractError(f"the contract is no JSON: {error.msg} in line {error.lineno}.") from None
    if not isinstance(spec, dict) or not str(spec.get("openapi", "")).startswith(("3.0", "3.1")):
        raise ContractError("the contract is no OpenAPI document of version 3.0 or 3.1.")
    return spec


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ContractError(f"the key '{twice[:80]}' stands twice in one object.")
    return result


def _each(spec: Mapping[str, Json]) -> Iterator[tuple[str, str, Mapping[str, Json]]]:
    paths = spec.get("paths", {})
    for path, item in paths.items() if isinstance(paths, dict) else ():
        item = _followed(spec, item)
        for method in _METHODS:
            operation = item.get(method) if isinstance(item, dict) else None
            if isinstance(operation, dict):
                yield path, method, operation


def _operation(
    spec: Mapping[str, Json], name: str, method: str, path: str, operation: Mapping[str, Json], digest: str
) -> OperationContract | None:
    """The contract of one operation, or None where a posting could not fill it: no JSON body, or a path to fill in."""
    body = _json_schema(spec, operation.get("requestBody"))
    if body is None or "{" in path:
        return None
    request = _reduced(spec, body, 0)
    answers = operation.get("responses")
    answers = answers if isinstance(answers, dict) else {}
    success = tuple(sorted(int(code) for code in answers if code.isdigit() and 200 <= int(code) < 300))
    answer = next((s for code in success if (s := _json_schema(spec, answers[str(code)])) is not None), None)
    return OperationContract(
        operation=name,
        method=method.upper(),
        path=path,
        fields=contract_fields(request),
        request=request,
        answer=None if answer is None else _reduced(spec, answer, 0),
        success=success or (200, 201, 202, 204),
        document=digest,
    )


def _json_schema(spec: Mapping[str, Json], holder: Json) -> Json:
    """The JSON schema of a body or an answer, or None where there is no JSON content."""
    holder = _followed(spec, holder)
    content = holder.get("content") if isinstance(holder, dict) else None
    for media, each in content.items() if isinstance(content, dict) else ():
        if media.split(";")[0].strip().lower() == "application/json" and isinstance(each, dict):
            return each.get("schema", {})
    return None


def _followed(spec: Mapping[str, Json], value: Json, hops: int = 0) -> Json:
    """What a ``$ref`` inside the document stands for."""
    if not isinstance(value, dict) or "$ref" not in value:
        return value
    reference = value["$ref"]
    if not isinstance(reference, str) or not reference.startswith("#/"):
        raise ContractError(f"the reference '{str(reference)[:120]}' leads out of the document; include what it names.")
    if hops > MAX_DEPTH:
        raise ContractError(f"the reference '{reference[:120]}' leads in a circle.")
    here: Json = spec
    for part in reference[2:].split("/"):
        part = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(here, dict) or part not in here:
            raise ContractError(f"the reference '{reference[:120]}' leads nowhere.")
        here = here[part]
    return _followed(spec, here, hops + 1)


def _reduced(spec: Mapping[str, Json], schema: Json, depth: int) -> dict[str, Json]:
    """A JSON schema of the keywords that are checked here, without references; deeper than 16 it says nothing."""
    schema = _followed(spec, schema)
    if not isinstance(schema, dict) or depth > MAX_DEPTH:
        return {}
    schema = _merged(spec, schema, depth)
    kept = {key: schema[key] for key in _KEPT if key in schema and not isinstance(schema[key], float)}
    if isinstance(kept.get("type"), list):
        kinds = [kind for kind in kept["type"] if kind != "null"]
        kept["nullable"] = "null" in kept["type"]
        kept["type"] = kinds[0] if len(kinds) == 1 else "object"
    properties = schema.get("properties")
    if isinstance(properties, dict):
        kept["type"] = "object"
        kept["properties"] = {name: _reduced(spec, each, depth + 1) for name, each in properties.items()}
        kept["required"] = [name for name in schema.get("required", ()) if name in properties]
    if kept.get("type") == "array" or "items" in schema:
        kept["type"] = "array"
        kept["items"] = _reduced(spec, schema.get("items", {}), depth + 1)
    return kept


def _merged(spec: Mapping[str, Json], schema: Mapping[str, Json], depth: int) -> Mapping[str, Json]:
    """``allOf`` folded into one object schema."""
    parts = schema.get("allOf")
    if not isinstance(parts, list):
        return schema
    merged: dict[str, Json] = {key: value for key, value in schema.items() if key != "allOf"}
    for part in parts:
        part = _followed(spec, part)
        if not isinstance(part, dict) or depth > MAX_DEPTH:
            continue
        part = _merged(spec, part, depth + 1)
        merged["properties"] = {**merged.get("properties", {}), **part.get("properties", {})}
        merged["required"] = [*merged.get("required", ()), *part.get("required", ())]
        merged = {**{k: v for k, v in part.items() if k not in ("properties", "required")}, **merged}
    if not merged.get("properties"):
        merged.pop("properties", None)
    return merged


def contract_fields(schema: Mapping[str, Json]) -> tuple[ContractField, ...]:
    """Every field of a reduced schema by record path."""
    return tuple(_fields(schema, "", True))


def _fields(schema: Mapping[str, Json], above: str, required: bool) -> Iterator[ContractField]:
    """The fields of a reduced schema by record path; an array's elements stand under its own name."""
    for name, each in schema.get("properties", {}).items():
        path = f"{above}.{name}" if above else name
        needed = required and name in schema.get("required", ())
        kind = each.get("type", "string")
        yield ContractField(path, kind if kind in _KINDS else "string", needed)
        inner = each.get("items", {}) if kind == "array" else each
        yield from _fields(inner, path, needed)
