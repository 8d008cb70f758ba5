"""The tables of control.db. Each has one owning module; nothing else writes it."""

from designer.models.audit import AuditRow
from designer.models.drafts import AuthorRow, DraftRow, RevisionRow
from designer.models.operations import PreparedRow, TakenOnRow
from designer.models.people import PersonRow, SessionRow
from designer.models.reviews import CommentRow, ReviewRow
from designer.models.testcases import TestCaseRow

__all__ = [
    "AuditRow",
    "AuthorRow",
    "CommentRow",
    "DraftRow",
    "PersonRow",
    "PreparedRow",
    "ReviewRow",
    "RevisionRow",
    "SessionRow",
    "TakenOnRow",
    "TestCaseRow",
]
