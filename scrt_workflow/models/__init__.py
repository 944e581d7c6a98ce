"""What is remembered: one module a topic, one class a table.

Times named `_at` are UTC moments, dates are Europe/London calendar days. A column that ends in `_id` holds the id of
another row; codes and keys carry the plain name. Write with Core statements where speed matters: no attribute loads
anything by itself.
"""

from scrt_workflow.models.clock import ClockRun, ReminderSent
from scrt_workflow.models.columns import Model, UnstorableError
from scrt_workflow.models.definition import (
    DefinitionDraft,
    DefinitionRetirement,
    DefinitionVersion,
    DraftFile,
    QuestionKey,
    Release,
    ReleaseFile,
    ReleaseWorkflow,
)
from scrt_workflow.models.draft import Draft, Idempotency
from scrt_workflow.models.escalation import Escalation, EscalationTold
from scrt_workflow.models.event import AccessEvent, Checkpoint, CheckpointHead, Event, EventBody
from scrt_workflow.models.insert_order import follow_foreign_keys
from scrt_workflow.models.job import Heartbeat, JobPause, JobRun, JobWish
from scrt_workflow.models.notice import MailStopped, Notice
from scrt_workflow.models.organisation import Contact, Organisation, OrganisationParent, OrganisationSuccession
from scrt_workflow.models.person import Membership, Person, PersonIdentity
from scrt_workflow.models.rebase import Rebase, RebaseItem
from scrt_workflow.models.rehearsal import Rehearsal
from scrt_workflow.models.report import MonthChange, Rollup, RollupCell, TieOutFinding
from scrt_workflow.models.review import NO_DEADLINE, Answer, AnswerChange, Approval, Entry, Identifier, Review
from scrt_workflow.models.session import Attempt, WebSession
from scrt_workflow.models.setting import ServiceSetting
from scrt_workflow.models.span import Span, TermSpan
from scrt_workflow.models.vocabulary import Term, TermLabel, TermSuccession, Vocabulary

__all__ = [
    "NO_DEADLINE",
    "AccessEvent",
    "Answer",
    "AnswerChange",
    "Approval",
    "Attempt",
    "Checkpoint",
    "CheckpointHead",
    "ClockRun",
    "Contact",
    "DefinitionDraft",
    "DefinitionRetirement",
    "DefinitionVersion",
    "Draft",
    "DraftFile",
    "Entry",
    "Escalation",
    "EscalationTold",
    "Event",
    "EventBody",
    "Heartbeat",
    "Idempotency",
    "Identifier",
    "JobPause",
    "JobRun",
    "JobWish",
    "MailStopped",
    "Membership",
    "Model",
    "MonthChange",
    "Notice",
    "Organisation",
    "OrganisationParent",
    "OrganisationSuccession",
    "Person",
    "PersonIdentity",
    "QuestionKey",
    "Rebase",
    "RebaseItem",
    "Rehearsal",
    "Release",
    "ReleaseFile",
    "ReleaseWorkflow",
    "ReminderSent",
    "Review",
    "Rollup",
    "RollupCell",
    "ServiceSetting",
    "Span",
    "Term",
    "TermLabel",
    "TermSpan",
    "TermSuccession",
    "TieOutFinding",
    "UnstorableError",
    "Vocabulary",
    "WebSession",
]

follow_foreign_keys(Model)
