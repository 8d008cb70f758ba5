"""Before any socket is opened: only our own host, only somebody signed in. A socket holds a thread for its life."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from designer import sessions
from designer.http import cookies

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from designer.context import Designer

PATH = "/socket.io"


class Doorkeeper:
    """Stands before the application and its sockets; everything else is the guard's."""

    def __init__(self, inner: WSGIApplication, designer: Designer) -> None:
        self._inner, self._designer = inner, designer

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(PATH):
            refusal = self._refusal(Request(environ))
            if refusal is not None:
                return refusal(environ, start)
        return self._inner(environ, start)

    def _refusal(self, request: Request) -> Response | None:
        settings = self._designer.settings
        origin = request.headers.get("Origin")
        if request.host != urlsplit(settings.origin).netloc or (origin is not None and origin != settings.origin):
            return Response("Not from here.\n", 403, mimetype="text/plain")
        if sessions.find(self._designer, request.cookies.get(cookies.name(settings))) is None:
            return Response("Sign in first.\n", 401, mimetype="text/plain")
        return None
