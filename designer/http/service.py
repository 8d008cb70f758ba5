"""The Flask application as an API: what it says of itself, how it reads a request, and the one shape of its errors."""

from __future__ import annotations

from typing import Any

from flask import Request, Response, make_response
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, UnsupportedMediaType

from designer.errors import DesignerError, NotThere, TooMany, Unfit
from designer.faults import reference
from designer.http.models.common import ErrorBody
from designer.http.routes import responded
from flows.canonical import NotCanonical, loads_plain
from flows.refusals import pointer, sentence

VERSION = "1"
_CODES = {404: "not-there", 405: "not-that-way", 413: "too-large", 415: "not-json"}
_SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not answer to that method.",
    413: "What was sent is too large.",
    415: "Send JSON: Content-Type application/json.",
}


class StrictRequest(Request):
    """A request whose JSON is read strictly: no key twice, no fraction, no depth without end."""

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """The body's text, checked. A text is validated in JSON mode, where strict models know tuples and enums."""
        if not self.is_json:
            raise UnsupportedMediaType
        data = self.get_data(cache=cache)
        try:
            loads_plain(data, limit=len(data))
        except NotCanonical as error:
            raise Unfit("not-json", error.sentence, error.pointer or None) from None
        return data.decode()


class Service(OpenAPI):
    """OpenAPI from the code. The description is written into the frontend at build time and served nowhere."""

    request_class = StrictRequest

    def __init__(self, static: str | None = None) -> None:
        super().__init__(
            "designer",
            info=Info(title="Lockgate designer", version=VERSION),
            security_schemes={},
            validation_error_model=ErrorBody,
            validation_error_callback=_invalid,
            static_folder=static,
        )
        self.register_error_handler(DesignerError, _refused)
        self.register_error_handler(HTTPException, _http)
        self.register_error_handler(Exception, _fault)

    def _init_doc(self) -> None:
        """No page of documentation and no address for the description."""


def _invalid(error: ValidationError) -> Response:
    if error.title.endswith("Path"):  # an address that names nothing, such as /exceptions/nope
        return responded(ErrorBody(error=_CODES[404], sentence=_SENTENCES[404]), 404)
    first = error.errors(include_url=False, include_input=False)[0]
    body = ErrorBody(error="does-not-fit", sentence=sentence(first), pointer=pointer(first["loc"]) or None)
    return responded(body, 422)


def _refused(error: DesignerError) -> Response:
    link = error.link if isinstance(error, NotThere) else None
    body = ErrorBody(error=error.code, sentence=error.sentence, pointer=error.pointer, link=link)
    answer = responded(body, error.status)
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.after_s)
    return answer


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    code = error.code or 500
    said = _SENTENCES.get(code, "This request cannot be answered.")
    return responded(ErrorBody(error=_CODES.get(code, "refused"), sentence=said), code)


def _fault(error: Exception) -> Response:
    """A fault of ours: by kind and place in the log, by reference in the answer. Its text could hold a value."""
    name = reference(error)
    said = "The designer has a fault of its own here. What was saved is safe; try again, and report the reference."
    return responded(ErrorBody(error="fault", sentence=said, reference=name), 500)
