"""Routes: each names the action that it needs and the shape that it gives. One without an action cannot be made."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Literal, ParamSpec

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from flask_openapi3.types import ResponseDict
from pydantic import BaseModel

from designer.http.models.common import ErrorBody

PREFIX = "/api/v1"
P = ParamSpec("P")
Method = Literal["GET", "POST", "PUT", "DELETE"]
_SAID = {401: "Nobody is signed in", 403: "A right is missing", 404: "Not there", 422: "What was sent does not fit"}
_SAID_OF_CHANGES = {409: "Somebody else was there first", 413: "Too large", 415: "Not JSON"}


class Noun(APIBlueprint):
    """The routes of one noun. Views take parsed models and return one; nothing else happens in them."""

    def __init__(self, name: str) -> None:
        super().__init__(name, __name__, url_prefix=PREFIX, abp_tags=[Tag(name=name)])

    def on(
        self,
        method: Method,
        rule: str,
        *,
        needs: str,
        gives: type[BaseModel] | None = None,
        status: int = 200,
        media: str = "application/json",
    ) -> Callable[[Callable[P, BaseModel | Response | None]], Callable[P, Response]]:
        """Declares a view. ``gives`` None: an empty answer (204), or one of another ``media`` type."""

        def declared(view: Callable[P, BaseModel | Response | None]) -> Callable[P, Response]:
            @wraps(view)
            def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
                return responded(view(*args, **kwargs), status)

            answer.action = needs  # type: ignore[attr-defined]  # the guard reads it from the registered view
            answer.gives = gives  # type: ignore[attr-defined]
            register = {"GET": self.get, "POST": self.post, "PUT": self.put, "DELETE": self.delete}[method]
            register(rule, responses=_responses(method, gives, status, media), operation_id=_name(view))(answer)
            return answer

        return declared


def responded(value: BaseModel | Response | None, status: int = 200) -> Response:
    """A model as a JSON answer."""
    if isinstance(value, Response):
        return value
    if value is None:
        return Response(status=204)
    return Response(value.model_dump_json(by_alias=True), status, mimetype="application/json")


def _responses(method: Method, gives: type[BaseModel] | None, status: int, media: str) -> ResponseDict:
    said = {**_SAID, **(_SAID_OF_CHANGES if method != "GET" else {})}
    found: dict[Any, Any] = {str(code): ErrorBody for code in said}
    if gives is not None:
        found[str(status)] = gives
    elif media != "application/json":
        found["200"] = {"description": "OK", "content": {media: {"schema": {"type": "string"}}}}
    else:
        found["204"] = {"description": "Done"}
    return found


def _name(view: Callable[..., object]) -> str:
    return view.__name__
