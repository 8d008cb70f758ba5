"""People and the installation as the API shows them."""

from __future__ import annotations

from designer import accounts
from designer.accounts import Account, Invitation
from designer.context import Caller, Designer
from designer.errors import DesignerError
from designer.http.models import session as shapes
from designer.release import release
from flows.trust import Role
from flows.vocabulary import DataLabel

_DOES = {
    Role.ANALYST: "Draws flows and submits them.",
    Role.PRIVACY: "Reviews what leaves, and approves for privacy.",
    Role.ERP_OWNER: "Reviews what the ERP receives, and approves for it.",
    Role.STEWARD: "Keeps the masters.",
    Role.OPERATOR: "Activates releases and resolves cases.",
    Role.ADMINISTRATOR: "Keeps accounts and the trust root.",
}


def installation(designer: Designer) -> shapes.Installation:
    """What everybody may know."""
    name, label = _environment(designer)
    return shapes.Installation(
        environment=name,
        label=label,
        demo=designer.demo,
        version=release(),
        set_up=designer.demo or accounts.anybody(designer),
        desk=designer.settings.desk,
    )


def me(designer: Designer, caller: Caller) -> shapes.Me:
    """Who is signed in."""
    name, label = _environment(designer)
    return shapes.Me(
        person=caller.person,
        name=caller.name,
        roles=caller.roles,
        environment=name,
        label=label,
        demo=designer.demo,
        desk=designer.settings.desk,
        rights=designer.rights.all_of(caller.roles, demo=designer.demo),
    )


def personas(designer: Designer) -> shapes.Personas:
    """The people of a demo, without the one who only keeps its root."""
    people = designer.trusted.root.persons
    return shapes.Personas(
        personas=tuple(
            shapes.Persona(
                person=name, name=each.name, roles=each.roles, sentence=" ".join(_DOES[role] for role in each.roles)
            )
            for name, each in people.items()
            if set(each.roles) != {Role.ADMINISTRATOR}
        )
    )


def account(designer: Designer, each: Account) -> shapes.Account:
    """An account in the list of people."""
    return shapes.Account(person=each.person, name=each.name, roles=each.roles, state=each.state)


def invited(designer: Designer, each: Invitation) -> shapes.Invited:
    """An account with its token, shown once."""
    return shapes.Invited(account=account(designer, each.account), token=each.token, hours=accounts.TOKEN_HOURS)


def _environment(designer: Designer) -> tuple[str, DataLabel]:
    """Its name and label. Signing in works even where the environment file cannot be used."""
    try:
        environment = designer.drawing.around().environment
    except DesignerError:
        return "?", DataLabel.LIVE
    return environment.name, environment.label
