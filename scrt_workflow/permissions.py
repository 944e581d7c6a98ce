"""Who may do what: the roles that people hold in organisations, and one table of what each role allows.

A permission opens a page or an operation. Which reviews it covers follows from the organisation that the role is held
in; which steps are a role's own is said by the workflows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What someone is for an organisation. Workflows name these keys."""

    ADMINISTRATOR = "administrator"
    DESIGNATE = "designate"
    ICB_CHIEF_NURSE = "icb_chief_nurse"
    ICB_LEAD = "icb_lead"
    NATIONAL_LEAD = "national_lead"
    REGIONAL_CHIEF = "regional_chief"
    REGIONAL_LEAD = "regional_lead"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """How a role is called, where it may be held (kinds of organisation), and what it does, in a line."""

    title: str
    sits_in: frozenset[str]
    does: str


ROLES: dict[Role, RoleFacts] = {
    Role.DESIGNATE: RoleFacts(
        "Designated professional",
        frozenset({"icb"}),
        "Opens reviews, completes the guided steps and gives updates.",
    ),
    Role.ICB_LEAD: RoleFacts(
        "ICB lead",
        frozenset({"icb"}),
        "Oversees the ICB's reviews, receives escalations and summaries, and manages its people, but for the ICB Chief Nurse.",
    ),
    Role.ICB_CHIEF_NURSE: RoleFacts(
        "ICB Chief Nurse",
        frozenset({"icb"}),
        "Says whether the ICB is assured about a DHR's health recommendations.",
    ),
    Role.REGIONAL_LEAD: RoleFacts(
        "Regional lead",
        frozenset({"region"}),
        "Oversees the region's ICBs, and receives summaries, escalated reminders and media-interest flags.",
    ),
    Role.REGIONAL_CHIEF: RoleFacts(
        "Regional Chief Nurse",
        frozenset({"region"}),
        "Says whether the region accepts a DHR's health recommendations.",
    ),
    Role.NATIONAL_LEAD: RoleFacts(
        "National lead",
        frozenset({"england"}),
        "Sees and reports on everything.",
    ),
    Role.VIEWER: RoleFacts(
        "Viewer",
        frozenset({"icb", "region", "england"}),
        "Reads reviews and reports: an ICS meeting, an analyst.",
    ),
    Role.ADMINISTRATOR: RoleFacts(
        "Administrator",
        frozenset({"england"}),
        "Looks after people, organisations, vocabularies and definitions. Does not read reviews.",
    ),
}

READERS = frozenset(Role) - {Role.ADMINISTRATOR}
ACTORS = READERS - {Role.VIEWER}  # the roles that a workflow may name in `who`


class Permission(StrEnum):
    """What a page or an operation asks for: `thing:verb`."""

    AUDIT_VERIFY = "audit:verify"
    DEFINITION_EDIT = "definition:edit"
    DEFINITION_SEE = "definition:see"
    JOB_RUN = "job:run"
    MAILBOX_SEE = "mailbox:see"
    ORGANISATION_MANAGE = "organisation:manage"
    PERSON_MANAGE = "person:manage"
    REVIEW_COMPLETE_STEP = "review:complete-step"
    REVIEW_CREATE = "review:create"
    REVIEW_REMIND = "review:remind"
    REVIEW_SEE = "review:see"
    ROLLUP_SEE = "rollup:see"
    VOCABULARY_MANAGE = "vocabulary:manage"


WHO_MAY: dict[Permission, frozenset[Role]] = {
    Permission.AUDIT_VERIFY: frozenset({Role.ADMINISTRATOR}),
    Permission.DEFINITION_EDIT: frozenset({Role.ADMINISTRATOR}),
    Permission.DEFINITION_SEE: frozenset(Role),
    Permission.JOB_RUN: frozenset({Role.ADMINISTRATOR}),
    Permission.MAILBOX_SEE: frozenset({Role.ADMINISTRATOR}),
    Permission.ORGANISATION_MANAGE: frozenset({Role.ADMINISTRATOR}),
    Permission.PERSON_MANAGE: frozenset({Role.ADMINISTRATOR, Role.ICB_LEAD}),
    Permission.REVIEW_COMPLETE_STEP: ACTORS,
    Permission.REVIEW_CREATE: ACTORS,
    Permission.REVIEW_REMIND: frozenset({Role.ICB_LEAD, Role.REGIONAL_LEAD, Role.NATIONAL_LEAD}),
    Permission.REVIEW_SEE: READERS,
    Permission.ROLLUP_SEE: READERS,
    Permission.VOCABULARY_MANAGE: frozenset({Role.ADMINISTRATOR}),
}

# Which roles someone with `person:manage` may give: an administrator any, anywhere; an ICB lead these, in the same ICB. Who
# assures a DHR is not among them: a lead could reset that person's password, sign in as them, and so give two of the eyes.
MAY_GIVE: dict[Role, frozenset[Role]] = {
    Role.ADMINISTRATOR: frozenset(Role),
    Role.ICB_LEAD: frozenset({Role.DESIGNATE, Role.ICB_LEAD, Role.VIEWER}),
}


def may(roles: Iterable[Role], permission: Permission) -> bool:
    """Whether any of *roles* allows *permission*."""
    return not WHO_MAY[permission].isdisjoint(roles)


def may_sit_in(role: Role, kind: str) -> bool:
    """Whether *role* may be held in an organisation of *kind* (england, region, icb or ccg)."""
    return kind in ROLES[role].sits_in


def may_give(role: Role, *, given: Role) -> bool:
    """Whether someone acting as *role* may make another person a *given*; an ICB lead, in the lead's own ICB."""
    return given in MAY_GIVE.get(role, frozenset())
