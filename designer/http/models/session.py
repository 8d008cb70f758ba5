"""Shapes of signing in: who somebody is, what they may do, and where they are."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from designer.http.models.common import ApiModel, Id, Text
from flows.trust import Role
from flows.vocabulary import DataLabel

Password = Annotated[str, Field(min_length=1, max_length=1000)]
NewPassword = Annotated[str, Field(min_length=12, max_length=1000)]


class Installation(ApiModel):
    """What everybody may know before signing in."""

    environment: str
    label: DataLabel
    demo: bool
    """The trust root is a demo's: its keys protect nothing, and the data are invented."""
    version: str
    set_up: bool
    """False: nobody has an account yet but the one that the set-up token is for."""
    desk: str
    """Origin of the approval desk."""


class Me(ApiModel):
    """Who is signed in."""

    person: Id
    name: str
    roles: tuple[Role, ...]
    environment: str
    label: DataLabel
    demo: bool
    desk: str
    rights: tuple[str, ...]
    """The actions that this person may do, as designer/rights.md lists them."""


class SignIn(ApiModel):
    name: Annotated[str, Field(min_length=1, max_length=64)]
    """The person's id, such as ``ana``."""
    password: Password


class SetUp(ApiModel):
    """The first password of a person, with the one-time token that an administrator gave."""

    token: Annotated[str, Field(min_length=1, max_length=200)]
    password: NewPassword


class PasswordChange(ApiModel):
    old: Password
    new: NewPassword


class Persona(ApiModel):
    """A person of the demo, for one click."""

    person: Id
    name: str
    roles: tuple[Role, ...]
    sentence: str
    """What this person does here."""


class Personas(ApiModel):
    personas: tuple[Persona, ...]


class PersonaChoice(ApiModel):
    person: Id


class Account(ApiModel):
    """A person with an account in the designer. Roles that count for signatures stand in the trust root alone."""

    person: Id
    name: str
    roles: tuple[Role, ...]
    state: str
    """``active``, ``new`` (has not set a password yet), ``locked`` or ``disabled``."""


class Accounts(ApiModel):
    people: tuple[Account, ...]


class NewAccount(ApiModel):
    person: Id
    name: Text
    roles: Annotated[tuple[Role, ...], Field(min_length=1, max_length=6)]


class AccountChange(ApiModel):
    name: Text
    roles: Annotated[tuple[Role, ...], Field(min_length=1, max_length=6)]
    disabled: bool = False


class Invited(ApiModel):
    """A token with which the person sets a first password; shown once."""

    account: Account
    token: str
    hours: int
    """So long it holds."""
