"""``python -m designer.openapi``: writes the description of the API to frontend/openapi.json; ``--check`` for drift."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from designer.http.models.live import LiveShapes
from designer.http.nouns import nouns
from designer.http.service import Service

FILE = Path(__file__).parents[1] / "frontend" / "openapi.json"


def described() -> dict[str, Any]:
    """The whole API. Shapes of answers are described as they are sent: every member is there."""
    service = Service()
    for noun in nouns():
        service.register_api(noun)
    document: dict[str, Any] = service.api_doc
    views = {name.partition(".")[2]: view for name, view in service.view_functions.items()}
    for name, operation in _operations(document):
        operation["x-needs"] = getattr(views[name], "action", "")
        gives = getattr(views[name], "gives", None)
        if gives is not None:
            _put(document["components"]["schemas"], gives)
    _put(document["components"]["schemas"], LiveShapes)
    return document


def written() -> str:
    """The file's text."""
    return json.dumps(described(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Writes the file, or says whether it is what it must be."""
    if "--check" not in arguments:
        FILE.write_text(written(), "utf-8")
        return 0
    if FILE.is_file() and FILE.read_text("utf-8") == written():
        return 0
    print("frontend/openapi.json is not what the code says: run 'python -m designer.openapi'.", file=sys.stderr)  # noqa: T201
    return 1


def _put(schemas: dict[str, Any], model: type[BaseModel]) -> None:
    schema = model.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}", mode="serialization")
    for name, each in {**schema.pop("$defs", {}), model.__name__: schema}.items():
        schemas[name] = each  # noqa: PERF403  what is there stays


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in document["paths"].values():
        for operation in path.values():
            yield operation["operationId"], operation


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
