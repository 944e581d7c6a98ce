"""A notice as the e-mail that its reader gets: written when it is sent, from what the reader may see then (OU4).

The words are the definition's, with names such as {reference} filled in. Nothing that anybody wrote in a review is among
them: a letter says that something is to be looked at, and where.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.models import Contact, Event, Notice, Organisation, Person, Review
from scrt_workflow.operations.people import actor_of
from scrt_workflow.permissions import ROLES, Permission
from scrt_workflow.settings import shipped
from scrt_workflow.workflows.schema import Definition, Wording

SERVICE = "Safeguarding case review tracker"
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
LONGEST_SUBJECT = 200
PLAIN = Wording(
    "",
    subject="{title}: review {reference}",
    body="Review: {reference}\nOrganisation: {organisation}\nStage: {state}\n\nRead the review: {link}",
)
"""What is written where a definition has no words of its own."""


class WithheldError(Exception):
    """The letter is not written, since its reader may not see the review, or it has nothing to say any more."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail to one reader, as text and as HTML."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str


def letter_for(session: Session, notice: Notice, *, on: date, address: str) -> Letter:
    """Write the letter of *notice* as it is true on a day; links begin with *address*. Raises WithheldError."""
    review = session.get(Review, UUID(notice.refs["review"]))
    if review is None or review.withdrawn_at is not None:
        raise WithheldError("The review was withdrawn.")
    definition = catalogue.definition(session, notice.refs.get("version") or review.definition_version_id)
    _check_reminder(session, notice, review)
    organisation = session.get_one(Organisation, review.responsible).name
    to, role = _reader(session, notice, review, on=on)
    wording = definition.workflow.notices.get(notice.template, PLAIN)
    words = _words(session, notice, review, definition, on=on)
    words |= {"organisation": organisation, "link": f"{address}/reviews/{review.id}"}
    subject = " ".join(filled_in(wording.subject, words).split())[:LONGEST_SUBJECT]
    why = f"You get this message as {role} for {organisation}."
    return _laid_out(to, subject, filled_in(wording.body, words), words["link"], why, notice.message_id)


def filled_in(text: str, words: Mapping[str, str]) -> str:
    """Put *words* in the place of the names in braces. A name that is not among them stays as it is."""
    return PLACEHOLDER.sub(lambda found: words.get(found[1], found[0]), text)


def _check_reminder(session: Session, notice: Notice, review: Review) -> None:
    """Raise WithheldError for a reminder of a review that has moved on since it was queued."""
    if "reminder" in notice.refs:
        now = catalogue.definition(session, review.definition_version_id)
        rule = now.workflow.reminders.get(notice.refs["reminder"])
        if rule is None or review.state not in rule.while_in:
            raise WithheldError("The review has moved on since.")


def _reader(session: Session, notice: Notice, review: Review, *, on: date) -> tuple[str, str]:
    """Give the address of the reader, and as what they read it; raises WithheldError when they may not, or not any more."""
    if notice.person_id is None:
        contact = session.get_one(Contact, notice.contact_id)
        if not contact.valid_from <= on or (contact.valid_to is not None and contact.valid_to <= on):
            raise WithheldError("The contact is no longer in that post.")
        return contact.email, contact.post.replace("_", " ")
    actor = actor_of(session, notice.person_id, on=on)
    held = actor.covering(review.responsible, notice.refs.get("roles") or [one.role for one in actor.held])
    if held is None or not held.may(Permission.REVIEW_SEE):
        raise WithheldError("The reader may no longer see the review.")
    return actor.email, ROLES[held.role].title.lower().replace("icb", "ICB")


def _words(session: Session, notice: Notice, review: Review, definition: Definition, *, on: date) -> dict[str, str]:
    """Give what may be filled in, each on one line."""
    refs, workflow = notice.refs, definition.workflow
    kind, state = workflow.review_types.get(review.review_type or ""), workflow.states.get(review.state)
    since = date.fromisoformat(refs["since_on"]) if "since_on" in refs else review.state_since
    due_on = date.fromisoformat(refs["due_on"]) if "due_on" in refs else review.next_due_on
    done = _event(session, review, refs)
    step = workflow.steps.get(done.step or "") if done else None
    person = session.get(Person, done.person_id) if done and done.person_id else None
    return {
        "reference": review.reference,
        "title": kind.title if kind else workflow.title,
        "state": state.title if state else review.state,
        "step": step.title if step else "",
        "person": " ".join(person.name.split()) if person else "",
        "days": str((on - since).days),
        "due_on": f"{due_on.day} {due_on:%B %Y}" if due_on else "",
    }


def _event(session: Session, review: Review, refs: Mapping[str, Any]) -> Event | None:
    """Give the event that a notice tells of."""
    query = select(Event).where(Event.stream == f"review:{review.id}", Event.seq == refs.get("seq"))
    return session.scalars(query).one_or_none()


def _laid_out(to: str, subject: str, body: str, link: str, why: str, message_id: str) -> Letter:
    paragraphs = [
        [[part for part in re.split(f"({re.escape(link)})", line) if part] for line in paragraph.splitlines()]
        for paragraph in re.split(r"\n\s*\n", body.strip())
    ]
    filling = {"service": SERVICE, "subject": subject, "body": body.strip(), "paragraphs": paragraphs, "link": link, "why": why}
    text, html = (_templates().get_template(f"notice.{kind}").render(filling) for kind in ("txt", "html"))
    return Letter(to, subject, text, html, message_id)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(shipped("templates") / "emails"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
