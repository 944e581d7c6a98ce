"""A notice as the e-mail that its reader gets: written when it is sent, from what the reader may see then (OU4).

The words are the definition's, with names such as {reference} filled in. Nothing that anybody wrote in a review is among
them: a letter says that something is to be looked at, and where.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from textwrap import wrap
from typing import Any
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.mail import Enclosure
from scrt_workflow.models import Contact, Event, Notice, Organisation, Person, Review
from scrt_workflow.operations import account_letters, summary_letters
from scrt_workflow.operations.people import ACCOUNT_CHANGED, actor_of
from scrt_workflow.operations.summaries import LEADS, MONTH_END_SUMMARY, summary_of
from scrt_workflow.operations.summary_letters import enclosures_of
from scrt_workflow.permissions import ROLES, Permission
from scrt_workflow.reports.suppression import protected
from scrt_workflow.settings import shipped
from scrt_workflow.workflows.schema import Definition, Wording
from scrt_workflow.working_days import local_date

SERVICE = "Safeguarding case review tracker"
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
LONGEST_SUBJECT = 200
FULL_LINE, LONGEST_LINE = 80, 150  # a mail server takes lines of 998 bytes; an escaped character has up to five
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
    enclosures: tuple[Enclosure, ...] = ()


def letter_for(session: Session, notice: Notice, *, on: date, address: str, hides_below: int = 0) -> Letter:
    """Write the letter of *notice* as it is true on a day; links begin with *address*. Raises WithheldError.

    Of figures, counts from 1 to *hides_below* - 1 are hidden.
    """
    if notice.template == ACCOUNT_CHANGED:
        return _about_an_account(session, notice, on=on, address=address)
    if notice.template == MONTH_END_SUMMARY:
        return _about_a_month_end(session, notice, on=on, address=address, hides_below=hides_below)
    review = session.get(Review, UUID(notice.refs["review"]))
    if review is None or review.withdrawn_at is not None:
        raise WithheldError("The review was withdrawn.")
    definition = catalogue.definition(session, notice.refs.get("version") or review.definition_version_id)
    _check_reminder(session, notice, review)
    organisation = session.get_one(Organisation, review.responsible).name
    to, reads_as = _reader(session, notice, review, on=on)
    wording = definition.workflow.notices.get(notice.template, PLAIN)
    words = _words(session, notice, review, definition)
    words |= {"organisation": organisation, "link": f"{address}/reviews/{review.id}"}
    words = {name: " ".join(word.split()) for name, word in words.items()}
    subject = " ".join(filled_in(wording.subject, words).split())[:LONGEST_SUBJECT]
    why = f"You get this message as {reads_as}. Nobody reads replies to this address."
    return _laid_out(to, subject, filled_in(wording.body, words), words["link"], why, notice.message_id)


def _about_an_account(session: Session, notice: Notice, *, on: date, address: str) -> Letter:
    """Write to the holder of an account what was done to it."""
    person, link = session.get_one(Person, notice.person_id), f"{address}/account"
    subject, body = account_letters.words_for(session, person, notice.refs["seq"], on=on)
    why = "You get this message as the holder of an account here. Nobody reads replies to this address."
    if person.disabled_at is None:
        body += f"\n\nSee your roles: {link}"
    return _laid_out(person.email_key, subject, body, link, why, notice.message_id)


def _about_a_month_end(session: Session, notice: Notice, *, on: date, address: str, hides_below: int) -> Letter:
    """Write the figures of an organisation to someone who leads it; whoever does so no longer gets nothing."""
    actor, organisation = actor_of(session, notice.person_id or UUID(int=0), on=on), notice.refs["organisation"]
    held = next((one for one in actor.held if one.organisation == organisation and one.role in LEADS), None)
    if held is None or not held.may(Permission.ROLLUP_SEE):
        raise WithheldError("The reader no longer leads the organisation.")
    summary = protected(summary_of(session, organisation, notice.refs["month"], today=on), hides_below)
    enclosures = enclosures_of(summary)
    reads_as = f"{_in_a_sentence(ROLES[held.role].title)} for {summary.name}"
    why = f"You get this message as {reads_as}. Nobody reads replies to this address."
    filling = summary_letters.filling(summary, enclosures, address=address) | {"service": SERVICE, "why": why}
    text, html = (_templates().get_template(f"summary.{kind}").render(filling) for kind in ("txt", "html"))
    return Letter(actor.email, filling["subject"][:LONGEST_SUBJECT], text, html, notice.message_id, enclosures)


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
    place = session.get_one(Organisation, held.organisation).name
    return actor.email, f"{_in_a_sentence(ROLES[held.role].title)} for {place}"


def _words(session: Session, notice: Notice, review: Review, definition: Definition) -> dict[str, str]:
    """Give what may be filled in."""
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
        "person": person.name if person else "",
        "days": str((local_date(notice.queued_at) - since).days),
        "due_on": f"{due_on.day} {due_on:%B %Y}" if due_on else "",
    }


def _event(session: Session, review: Review, refs: Mapping[str, Any]) -> Event | None:
    """Give the event that a notice tells of."""
    query = select(Event).where(Event.stream == f"review:{review.id}", Event.seq == refs.get("seq"))
    return session.scalars(query).one_or_none()


def _in_a_sentence(title: str) -> str:
    return title if title.startswith("ICB") else title[:1].lower() + title[1:]


def _laid_out(to: str, subject: str, body: str, link: str, why: str, message_id: str) -> Letter:
    lines = [fold for line in body.strip().splitlines() for fold in _folded(line)]
    filling: dict[str, Any] = {"service": SERVICE, "subject": subject, "link": link, "why": "\n".join(_folded(why))}
    text = _templates().get_template("notice.txt").render(filling, body="\n".join(lines))
    html = _templates().get_template("notice.html").render(filling, paragraphs=list(_paragraphs(lines, link)))
    return Letter(to, subject, text, html, message_id)


def _folded(line: str) -> list[str]:
    return wrap(line, LONGEST_LINE, break_long_words=False, break_on_hyphens=False) or [""]


def _paragraphs(lines: list[str], link: str) -> Iterator[list[list[str]]]:
    """Give the paragraphs that empty lines part, as lines of text and links; a line that was full goes on in the next."""
    paragraph: list[str] = []
    goes_on = False
    for line in (*lines, ""):
        if not line.strip():
            if paragraph:
                yield [[part for part in re.split(f"({re.escape(link)})", one) if part] for one in paragraph]
            paragraph, goes_on = [], False
        elif goes_on:
            paragraph[-1] += f"\n{line}"
            goes_on = len(line) > FULL_LINE
        else:
            paragraph.append(line)
            goes_on = len(line) > FULL_LINE


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(shipped("templates") / "emails"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
