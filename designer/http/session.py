"""Routes of signing in and out, and of what everybody may know before."""

from __future__ import annotations

from designer import accounts, sessions
from designer.context import caller, here
from designer.http import cookies, describe
from designer.http.models import session as shapes
from designer.http.routes import Noun

api = Noun("session")


@api.on("GET", "/installation", needs="installation.read", gives=shapes.Installation)
def read_installation() -> shapes.Installation:
    """What everybody may know before signing in."""
    return describe.installation(here())


@api.on("GET", "/session", needs="session.read", gives=shapes.Me)
def read_session() -> shapes.Me:
    """Who is signed in, and what they may do."""
    return describe.me(here(), caller())


@api.on("POST", "/session", needs="session.open", gives=shapes.Me)
def open_session(body: shapes.SignIn) -> shapes.Me:
    """Sign in with a password."""
    designer = here()
    person = accounts.signing_in(designer, body.name, body.password)
    return describe.me(designer, cookies.signed_in(designer, person))


@api.on("DELETE", "/session", needs="session.close")
def close_session() -> None:
    """Sign out: the session ends on the server too."""
    designer = here()
    sessions.close(designer, caller())
    cookies.forgotten(designer.settings)


@api.on("POST", "/session/set-up", needs="session.set-up", gives=shapes.Me)
def set_up_account(body: shapes.SetUp) -> shapes.Me:
    """Set a first password with a one-time token, and be signed in."""
    designer = here()
    person = accounts.setting_up(designer, body.token, body.password)
    return describe.me(designer, cookies.signed_in(designer, person))


@api.on("PUT", "/session/password", needs="session.change")
def change_password(body: shapes.PasswordChange) -> None:
    """Change one's own password. Every other session of the person ends."""
    accounts.changing_password(here(), caller(), body.old, body.new)


@api.on("GET", "/session/personas", needs="persona.list", gives=shapes.Personas)
def list_personas() -> shapes.Personas:
    """The people of a demo. A real installation has none."""
    return describe.personas(here())


@api.on("POST", "/session/persona", needs="persona.open", gives=shapes.Me)
def open_persona(body: shapes.PersonaChoice) -> shapes.Me:
    """Be one of the people of a demo."""
    designer = here()
    person = accounts.playing(designer, body.person)
    return describe.me(designer, cookies.signed_in(designer, person))
