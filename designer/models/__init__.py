"""The tables of control.db. Each has one owning module; nothing else writes it."""

from designer.models.audit import AuditRow
from designer.models.drafts import AuthorRow, DraftRow, RevisionRow
from designer.models.people import PersonRow, SessionRow

__all__ = ["AuditRow", "AuthorRow", "DraftRow", "PersonRow", "RevisionRow", "SessionRow"]
