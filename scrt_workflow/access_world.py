"""The invented service that the matrix of access is asked of: who there is, and what stands for each part of an address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor
from scrt_workflow.conditions import tests_in
from scrt_workflow.folder import BANK
from scrt_workflow.models import Answer, Approval, Notice, Person, Rebase, Review
from scrt_workflow.operations import contacts, drafting, drafts, history, people, rehearsals, rehearsed, rehearsing, spans
from scrt_workflow.operations.conversions import blank_review, keep_new
from scrt_workflow.operations.notices import queue_all
from scrt_workflow.operations.people import ACCOUNT_CHANGED
from scrt_workflow.operations.records import Record
from scrt_workflow.permissions import Role
from scrt_workflow.workflows.schema import Definition, Step

AT = datetime(2024, 11, 1, 9, 0, tzinfo=UTC)
SINCE = date(2022, 7, 1)
HERE, ITS_REGION = "QMJ", "Y56"
ELSEWHERE, OTHER_REGION = "QOP", "Y62"
WORKFLOW, APPROVING = "safeguarding_adult_review", "domestic_homicide_review"
POST = "medical_director"
REVIEW, NEW = UUID(int=1), UUID(int=2)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of person: what they are called in the matrix, and the role that they hold, if any."""

    name: str
    role: Role | None = None
    organisation: str = ""

    @property
    def email(self) -> str:
        """Their invented address."""
        return f"{self.name.replace(' ', '.')}@example.nhs.uk"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A review that waits for an approval: the step's title, what stands for it in addresses, and the answers that give it."""

    title: str
    parts: Mapping[str, Any]
    answers: Mapping[str, str]


def a_person(session: Session, kind: Kind) -> Person:
    """Make someone of one *kind*."""
    person = people.add_person(session, email=kind.email, name=kind.name, at=AT)
    if kind.role:
        people.grant_role(session, person, kind.role, kind.organisation, valid_from=SINCE, at=AT)
    return person


def parts_of_addresses(session: Session, designate: Person, administrator: Person) -> tuple[dict[str, Any], str]:
    """Give what stands for each part of an address, such as a step that is the designate's, and a page of the draft."""
    version, definition = catalogue.live(session, WORKFLOW)
    workflow = definition.workflow
    review = _review(session, REVIEW, definition, version, workflow.starts_in)
    link = next(one.key for one in definition.questions.values() if one.type == "url")
    answer = {"review_id": REVIEW, "question": link, "value": "https://www.example.org/report"}
    session.add(Answer(**answer, set_seq=0, asked_under_id=version))
    step = next(one for one in workflow.steps_from[review.state] if Role.DESIGNATE in one.who and one.form)
    history.append(session, stream=f"review:{REVIEW}", kind="review:step", body={}, at=AT, step=step.key)
    makes = next(one for one in workflow.steps.values() if one.makes)
    new = Record(blank_review(NEW, definition, version, organisation=HERE, at=AT), definition, {}, {})
    actor = people.actor_of(session, designate.id, on=AT.date())
    looks_after = people.actor_of(session, administrator.id, on=AT.date())
    parts = {
        "review_id": REVIEW,
        "number": 1,
        "job_key": "reminders",
        "notice_id": _dead_letter(session, designate),
        "version_id": version,
        "source": f"version:{version}",
        "rebase_id": _rebase(session, version),
        "state_key": review.state,
        "step_key": step.key,
        "question_key": link,
        "page_key": _first_page(definition, step),
        **_parts_of_a_draft(session, looks_after),
        "rehearsal_id": _rehearsal(session, looks_after, f"version:{version}"),
        "draft_id": drafts.begin_new(session, new, makes, actor=actor, held=actor.held[0], at=AT).id,
        "person_id": designate.id,
        **_contact(session),
        "membership_id": actor.held[0].membership_id,
    }
    return parts | {"vocabulary_key": "themes", "change": "reword"}, _first_page(definition, makes)


def _contact(session: Session) -> dict[str, Any]:
    """Make a contact, and give what stands for each part of its address."""
    made = contacts.add_contact(session, HERE, POST, "director@example.nhs.uk", valid_from=SINCE, at=AT)
    return {"organisation": HERE, "post": POST, "contact_id": made.id}


def _dead_letter(session: Session, reader: Person) -> int:
    """Make an e-mail that could not be sent."""
    (number,) = queue_all(session, [("dead", ACCOUNT_CHANGED, reader.id, {"seq": 1})], at=AT).values()
    letter = session.get_one(Notice, number)
    letter.status, letter.last_error = "failed", "550 No such user here"
    return number


def _rebase(session: Session, version: int) -> int:
    """Make a plan for moving reviews, which has still to be begun."""
    made = Rebase(from_version_id=version, to_version_id=version, plan={}, mode="now", at=AT)
    session.add(made)
    session.flush()
    return made.id


def _rehearsal(session: Session, administrator: Actor, source: str) -> UUID:
    """Make a rehearsal of a released version."""
    found = rehearsed.find(session, source)
    script = rehearsing.begun(session, found, rehearsing.Script(HERE, AT.date(), ""), name=NEW)
    return rehearsals.begin(session, administrator, found.source, script, role=Role.DESIGNATE, at=AT).id


def _parts_of_a_draft(session: Session, administrator: Actor) -> dict[str, Any]:
    """Give what stands for each part of the address of a draft of definitions."""
    flow = ("workflows", WORKFLOW)
    return {
        "definition_draft_id": drafting.begin(session, WORKFLOW, title="A draft", actor=administrator, at=AT),
        "place": flow,
        "into": (*flow, "states"),
        "condition": (*flow, "steps", "decide_publication", "needs", "0", "when"),
        "root": "questions",
        "workflow": WORKFLOW,
        "path": BANK,
    }


def _review(session: Session, review_id: UUID, definition: Definition, version: int, state: str) -> Review:
    """Make an invented review of the ICB "here" in a state."""
    review = blank_review(review_id, definition, version, organisation=HERE, at=AT)
    status = definition.workflow.states[state].counts_as
    days = {"state_since": AT.date(), "last_update_on": AT.date()}
    keep_new(session, review, {"state": state, "status": status, "search_text": "", "version": 1, **days})
    return review


def waiting_reviews(session: Session, approver: Person) -> list[Waiting]:
    """Make a review for each approval, which waits for it; *approver* has given those that come before."""
    version, definition = catalogue.live(session, APPROVING)
    found = []
    approving = [step for step in definition.workflow.steps.values() if step.is_approval]
    for number, step in enumerate(approving, 1):
        review = _review(session, UUID(int=number << 120), definition, version, step.comes_from[0])
        event = history.append(session, stream=f"review:{review.id}", kind="review:step", body={}, at=AT)
        spans.begin(session, review, on=AT.date(), known=AT, event_id=event.id)
        for before in approving[: number - 1]:
            by = {"person_id": approver.id, "role": before.who[0]}
            session.add(Approval(review_id=review.id, seq=event.seq, step=before.key, **by))
        given = [outcome.when for outcome in step.outcomes if outcome.approves]
        answers = {test.question: test.values[0] for condition in given for test in tests_in(condition)}
        parts = {"review_id": review.id, "step_key": step.key, "page_key": _first_page(definition, step)}
        found.append(Waiting(step.title, parts, answers))
    return found


def _first_page(definition: Definition, step: Step) -> str:
    """Give the first page of *step* that is asked of every review."""
    return next(page.key for page in definition.form_of(step).pages if page.show_when is None)
