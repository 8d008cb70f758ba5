"""What people are called, by id: those of the trust root, and whoever has an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from designer import accounts

if TYPE_CHECKING:
    from designer.context import Designer


def people(designer: Designer) -> dict[str, str]:
    """Id to name; an account's name goes before the trust root's."""
    known = {person: each.name for person, each in designer.trusted.root.persons.items()}
    return known | {account.person: account.name for account in accounts.everybody(designer)}
