"""The guard: nothing is answered before it is known from where a request comes, who asks, and that they may.

A route without an action is refused; so is every change that another site could have caused.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from designer import sessions
from designer.context import Caller, Designer, here
from designer.errors import DesignerError, NotAllowed, NotSignedIn
from designer.http import cookies
from designer.http.headers import protect
from designer.http.tabs import tab
from designer.settings import Settings

HEADER = "X-Lockgate"
_READING = ("GET", "HEAD", "OPTIONS")
_OWN_SITE = ("same-origin", "none")


class Misdirected(DesignerError):
    """The request is for another host: a name was pointed here that is not ours."""

    status = 421


def guarded(app: Flask, settings: Settings) -> None:
    """Puts the guard before every route, and the headers on every answer."""
    app.before_request(_guard)
    app.after_request(lambda answer: _protected(settings, answer))


def action_of(app: Flask, endpoint: str | None) -> str | None:
    """The action that a route needs; None where none is declared."""
    view = app.view_functions.get(endpoint or "")
    action = getattr(view, "action", None)
    return action if isinstance(action, str) else None


def _guard() -> BaseResponse | None:
    designer = here()
    if request.host != urlsplit(designer.settings.origin).netloc:
        return _elsewhere(designer.settings)
    if request.method not in _READING:
        _check_site(designer.settings)
    g.caller = sessions.find(designer, request.cookies.get(cookies.name(designer.settings)), tab())
    if request.url_rule is not None:
        _check_right(designer, g.caller, action_of(current_app, request.endpoint))
    return None


def _elsewhere(settings: Settings) -> BaseResponse:
    """Whoever typed the number of this machine is shown the way; every other name was pointed here by somebody."""
    where = urlsplit(settings.origin)
    number = request.host.partition(":")[0] == "127.0.0.1" and where.hostname == "localhost"
    if number and request.method == "GET" and not request.path.startswith("/api/"):
        return redirect(settings.origin, 308)
    raise Misdirected("wrong-host", f"Lockgate is at {settings.origin}.")


def _check_site(settings: Settings) -> None:
    """Only our own pages send the header: another origin would have to ask first, and is not let."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    foreign = (origin is not None and origin != settings.origin) or (site is not None and site not in _OWN_SITE)
    if foreign or request.headers.get(HEADER) != "1":
        raise NotAllowed("wrong-origin", "This change did not come from a page of Lockgate.")


def _check_right(designer: Designer, caller: Caller | None, action: str | None) -> None:
    if action is None:
        raise NotAllowed("no-action", "This address is not for anybody.")
    roles = caller.roles if caller else None
    if designer.rights.may(action, roles, demo=designer.demo):
        return
    if caller is None:
        raise NotSignedIn("not-signed-in", "Sign in first.")
    able = designer.rights.roles_for(action, demo=designer.demo)
    has = f"The roles {_listed(able)} have it" if able else "Nobody has it here"
    raise NotAllowed("not-allowed", f"This needs the right '{action}'. {has}; an administrator gives roles.")


def _listed(roles: tuple[str, ...]) -> str:
    names = [str(role) for role in roles]
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]


def _protected(settings: Settings, answer: Response) -> Response:
    return protect(settings, answer)
