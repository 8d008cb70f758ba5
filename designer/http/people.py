"""Routes of accounts: an administrator makes and changes them; nobody sees or sets another one's password."""

from __future__ import annotations

from designer import accounts
from designer.context import caller, here
from designer.http import describe
from designer.http.models import session as shapes
from designer.http.models.people import PersonPath
from designer.http.routes import Noun

api = Noun("people")


@api.on("GET", "/people", needs="person.read", gives=shapes.Accounts)
def list_people() -> shapes.Accounts:
    """Everybody with an account."""
    designer = here()
    return shapes.Accounts(people=tuple(describe.account(designer, each) for each in accounts.everybody(designer)))


@api.on("POST", "/people", needs="person.change", gives=shapes.Invited, status=201)
def invite_person(body: shapes.NewAccount) -> shapes.Invited:
    """Make an account. The person sets a password with the token, which is shown once."""
    designer = here()
    return describe.invited(designer, accounts.invite(designer, caller(), body.person, body.name, body.roles))


@api.on("PUT", "/people/<person>", needs="person.change", gives=shapes.Account)
def change_person(path: PersonPath, body: shapes.AccountChange) -> shapes.Account:
    """Change an account's name and roles, or disable it: then its sessions end."""
    designer = here()
    return describe.account(designer, accounts.change(designer, caller(), path.person, body))


@api.on("POST", "/people/<person>/token", needs="person.change", gives=shapes.Invited, status=201)
def renew_token(path: PersonPath) -> shapes.Invited:
    """A new one-time token for somebody who lost the password: the old one no longer counts, and sessions end."""
    designer = here()
    return describe.invited(designer, accounts.renew(designer, caller(), path.person))
