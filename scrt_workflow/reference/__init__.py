"""Facts that the service is shipped with, read once from the tables beside this module."""

from scrt_workflow.reference.bank_holidays import bank_holidays
from scrt_workflow.reference.organisations import (
    ENGLAND,
    OrganisationRow,
    ParentRow,
    SuccessionRow,
    organisations,
    successions,
)
from scrt_workflow.reference.partnerships import PartnershipRow, partnership_labels, partnerships
from scrt_workflow.reference.record_fields import RecordFieldRow, record_fields
from scrt_workflow.reference.rules import DeadlineRow, EscalationRow, media_escalation, statutory_deadlines
from scrt_workflow.reference.vocabularies import (
    NOT_STATED,
    POSTS,
    ReviewTypeRow,
    TermRow,
    UnknownTermError,
    aliases,
    find_term,
    review_types,
    vocabularies,
    vocabulary,
)

__all__ = [
    "ENGLAND",
    "NOT_STATED",
    "POSTS",
    "DeadlineRow",
    "EscalationRow",
    "OrganisationRow",
    "ParentRow",
    "PartnershipRow",
    "RecordFieldRow",
    "ReviewTypeRow",
    "SuccessionRow",
    "TermRow",
    "UnknownTermError",
    "aliases",
    "bank_holidays",
    "find_term",
    "media_escalation",
    "organisations",
    "partnership_labels",
    "partnerships",
    "record_fields",
    "review_types",
    "statutory_deadlines",
    "successions",
    "vocabularies",
    "vocabulary",
]
