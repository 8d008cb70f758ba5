"""The description of the API: what the code says, and strict about what comes in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from designer.openapi import FILE, described, main, written

DOCUMENT = described()


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_the_committed_description_is_what_the_code_says() -> None:
    assert FILE.read_text("utf-8") == written()
    assert main(["--check"]) == 0


def test_every_operation_has_a_name_a_sentence_and_an_action() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    for method, path, operation in operations():
        assert operation["summary"], f"{method} {path}"
        assert operation["x-needs"], f"{method} {path}"


def test_every_body_refuses_unknown_keys() -> None:
    for method, path, operation in operations():
        if "requestBody" in operation:
            reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
            shape = DOCUMENT["components"]["schemas"][reference.rpartition("/")[2]]
            assert shape["additionalProperties"] is False, f"{method} {path}"


def test_every_reference_leads_somewhere() -> None:
    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for each in value.values():
                yield from references(each)
        elif isinstance(value, list):
            for each in value:
                yield from references(each)

    known = DOCUMENT["components"]["schemas"]
    assert {each.rpartition("/")[2] for each in references(DOCUMENT)} <= set(known)


def test_every_error_has_the_one_shape() -> None:
    for method, path, operation in operations():
        for status, answer in operation["responses"].items():
            if status.startswith("4"):
                assert answer["content"]["application/json"]["schema"]["$ref"].endswith("/ErrorBody"), (
                    f"{method} {path}"
                )
