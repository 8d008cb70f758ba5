"""The session cookie: out of reach of scripts, sent to this site alone."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, after_this_request, request

from designer import sessions
from designer.accounts import Account
from designer.context import Caller, Designer
from designer.http.tabs import tab
from designer.settings import Settings


def name(settings: Settings) -> str:
    """With the port: browsers send a cookie to every port of a host, and two installations may share one."""
    port = urlsplit(settings.origin).port
    plain = f"lockgate-{port}" if port else "lockgate"
    return f"__Host-{plain}" if settings.secure else plain


def signed_in(designer: Designer, account: Account) -> Caller:
    """Begins a session for this browser, under a new value."""
    settings = designer.settings
    value = sessions.begin(designer, account, request.cookies.get(name(settings)))

    @after_this_request
    def _set(answer: Response) -> Response:
        answer.set_cookie(name(settings), value, httponly=True, samesite="Strict", secure=settings.secure, path="/")
        return answer

    found = sessions.find(designer, value, tab())
    return found or Caller(account.person, account.name, account.roles, "", tab())


def forgotten(settings: Settings) -> None:
    """Takes the cookie away from this browser."""

    @after_this_request
    def _clear(answer: Response) -> Response:
        answer.delete_cookie(name(settings), httponly=True, samesite="Strict", secure=settings.secure, path="/")
        return answer
