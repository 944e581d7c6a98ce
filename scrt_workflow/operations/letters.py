"""A notice as the e-mail that its reader gets: written when it is sent, from what the reader may see then (OU4).

The words are the definition's, with names such as {reference} filled in. Nothing that anybody wrote in a review is among
them: a letter says that something is to be looked at, and where.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Held
from scrt_workflow.models import Contact, Event, Notice, Organisation, Person, Review
from scrt_workflow.operations import account_letters, administrator_letters, escalation_letters, mail_choices, summary_letters
from scrt_workflow.operations.administrator_letters import TO_ADMINISTRATORS
from scrt_workflow.operations.cycles import cycles_in
from scrt_workflow.operations.digests import MOVED_ON, Item, items_of
from scrt_workflow.operations.letter_layout import SERVICE, Choice, Letter, WithheldError, folded, laid_out, templates
from scrt_workflow.operations.mail_choices import Mail
from scrt_workflow.operations.organisations import belonging
from scrt_workflow.operations.people import ACCOUNT_CHANGED, actor_of
from scrt_workflow.operations.reminders import DIGEST
from scrt_workflow.operations.summaries import LEADS, PERIOD_SUMMARY, summary_to_send
from scrt_workflow.operations.summary_letters import enclosures_of
from scrt_workflow.permissions import ROLES, Permission
from scrt_workflow.reports.periods import read_period
from scrt_workflow.reports.suppression import protected
from scrt_workflow.workflows.schema import Definition, Wording, Workflow
from scrt_workflow.working_days import local_date

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
LONGEST_SUBJECT = 200
MOST_LISTED = 40
"""Reminders that a digest lists; the list of reviews has them all."""
RAISED = "What is raised with you comes whatever you chose. "
RAISED_TOO = "What is raised with you comes whatever you chose; the rest you can stop. "
PLAIN = Wording(
    "",
    subject="{title}: review {reference}",
    body="Review: {reference}\nOrganisation: {organisation}\nStage: {state}\n\nRead the review: {link}",
)
"""What is written where a definition has no words of its own."""
PLAIN_FOR_A_POST = replace(PLAIN, body="Review: {reference}\nOrganisation: {organisation}\n\nAsk about it: {whom_to_ask}")
"""The same, to a contact, who may have no account."""


def letter_for(session: Session, notice: Notice, *, on: date, address: str, hides_below: int = 0) -> Letter:
    """Write the letter of *notice* as it is true on a day; links begin with *address*. Raises WithheldError.

    Of figures, counts from 1 to *hides_below* - 1 are hidden.
    """
    if notice.template == ACCOUNT_CHANGED:
        return _about_an_account(session, notice, on=on, address=address)
    if notice.template == DIGEST:
        return _digest(session, notice, on=on, address=address)
    if notice.template == TO_ADMINISTRATORS:
        return _to_administrators(session, notice, on=on, address=address)
    if notice.template == PERIOD_SUMMARY:
        return _about_a_period(session, notice, on=on, address=address, hides_below=hides_below)
    review = session.get(Review, UUID(notice.refs["review"]))
    if review is None or review.withdrawn_at is not None:
        raise WithheldError("The review was withdrawn.")
    definition = catalogue.definition(session, notice.refs.get("version") or review.definition_version_id)
    _check_reminder(session, notice, review)
    if sentence := escalation_letters.why_withheld(session, notice):
        raise WithheldError(sentence)
    organisation = session.get_one(Organisation, review.responsible).name
    to, reads_as = _reader(session, notice, review, on=on)
    wording = definition.workflow.notices.get(notice.template, PLAIN if notice.person_id else PLAIN_FOR_A_POST)
    words = _words(session, review, definition, notice.refs, on=local_date(notice.queued_at))
    words |= {"organisation": organisation, "link": f"{address}/reviews/{review.id}"}
    if "{whom_to_ask}" in wording.body:
        words["whom_to_ask"] = escalation_letters.whom_to_ask(session, notice, review, definition, on=on)
    subject, body = _filled_in(wording, words)
    body = "\n\n".join((body.rstrip(), *escalation_letters.paragraphs_for(session, notice, definition, on=on)))
    why = f"{_sent_by(session, notice)}You get this message as {reads_as}. Nobody reads replies to this address."
    return laid_out(to, subject, body, words["link"], why, notice.message_id)


def _sent_by(session: Session, notice: Notice) -> str:
    """Say who had a reminder sent, if somebody did."""
    return f"{session.get_one(Person, UUID(notice.refs['by'])).name} had this reminder sent. " if "by" in notice.refs else ""


def _digest(session: Session, notice: Notice, *, on: date, address: str) -> Letter:
    """Write a day's reminders: of one review in the words of its own e-mail, of several as a list of what those are about."""
    items, left_out = items_of(session, notice, on=on)
    if not items:
        raise WithheldError(left_out)
    to, sent_on = session.get_one(Person, notice.person_id).email_key, local_date(notice.queued_at)
    raised = sum(one.is_raised for one in items)
    why = f"You get this message as {_all_roles(session, items)}. Nobody reads replies to this address."
    choice = Choice(RAISED if raised == len(items) else RAISED_TOO if raised else "", f"{address}/account#e-mails")
    told = [_told(session, one, on=sent_on, address=address) for one in items[:MOST_LISTED]]
    if len(items) == 1:
        body = told[0].body if not raised else f"{told[0].body.rstrip()}\n\n{_raised(items[0])}"
        return laid_out(to, told[0].subject, body, told[0].link, why, notice.message_id, choice)
    several = f"{len(items)} reminders " + ("raised with you" if raised == len(items) else "of reviews")
    several += f", {raised} of them raised with you" if 0 < raised < len(items) else ""
    filling: dict[str, Any] = {
        "service": SERVICE, "subject": several, "why": "\n".join(folded(why)), "choice": choice,
        "sections": _sections(told), "left": len(items) - len(told), "link": f"{address}/reviews?late=yes",
    }  # fmt: skip
    text, html = (templates().get_template(f"digest.{kind}").render(filling) for kind in ("txt", "html"))
    return Letter(to, several, text, html, notice.message_id)


@dataclass(frozen=True, slots=True)
class _Told:
    """A reminder in words: what its own e-mail would be called and say, and how a list puts it."""

    place: str
    subject: str
    body: str
    state: str
    due: str
    raised: str
    link: str


def _told(session: Session, one: Item, *, on: date, address: str) -> _Told:
    link = f"{address}/reviews/{one.review.id}"
    refs = {"seq": one.since.seq, "since_on": one.since.day, "due_on": one.wanted_by, "reminder": one.rule.key}
    wording = one.definition.workflow.notices.get(one.rule.notice or one.rule.key, PLAIN)
    words = _words(session, one.review, one.definition, refs, on=on)
    words |= {"organisation": one.place, "link": link}
    subject, body = _filled_in(wording, words)
    state, late = words["state"], (on - one.wanted_by).days
    when = f"{abs(late)} {'day' if abs(late) == 1 else 'days'} ago" if late > 0 else "today" if late == 0 else f"in {-late} days"
    return _Told(one.place, subject, body, state, f"{words['due_on']} ({when})", _raised(one) if one.is_raised else "", link)


def _raised(one: Item) -> str:
    above = one.number - 1
    if one.rule.escalate_after is None or above < one.rule.escalate_after:
        return "Raised with you, since nobody holds the role that is reminded first."
    return f"Raised with you, since {above} reminders have brought no answer."


def _sections(told: list[_Told]) -> list[tuple[str, list[_Told]]]:
    """Put those of one organisation together, in the order of the first of each; one that is alone needs no heading."""
    found: dict[str, list[_Told]] = {}
    for one in told:
        found.setdefault(one.place, []).append(one)
    return list(found.items()) if len(found) > 1 else [("", told)]


def _all_roles(session: Session, items: list[Item]) -> str:
    """Say as what someone reads *items*, each role once."""
    held = {one.held.membership_id: one.held for one in items}.values()
    return " and ".join(_reads_as(session, one) for one in held)


def _reads_as(session: Session, held: Held) -> str:
    return f"{_in_a_sentence(ROLES[held.role].title)} for {session.get_one(Organisation, held.organisation).name}"


def _filled_in(wording: Wording, words: Mapping[str, str]) -> tuple[str, str]:
    """Give the subject, on one line, and the body of *wording*."""
    plain = {name: " ".join(word.split()) for name, word in words.items()}
    return " ".join(filled_in(wording.subject, plain).split())[:LONGEST_SUBJECT], filled_in(wording.body, plain)


def _about_an_account(session: Session, notice: Notice, *, on: date, address: str) -> Letter:
    """Write to the holder of an account what was done to it."""
    person, link = session.get_one(Person, notice.person_id), f"{address}/account"
    subject, body = account_letters.words_for(session, person, notice.refs["seq"], on=on)
    why = "You get this message as the holder of an account here. Nobody reads replies to this address."
    if person.disabled_at is None:
        body += f"\n\nSee your roles: {link}"
    return laid_out(person.email_key, subject, body, link, why, notice.message_id)


def _to_administrators(session: Session, notice: Notice, *, on: date, address: str) -> Letter:
    """Write to an administrator what is wrong with the service."""
    if not administrator_letters.may_read(session, notice, on=on):
        raise WithheldError("The reader is no longer an administrator.")
    subject, body, link = administrator_letters.words_for(session, notice, address=address)
    why = "You get this message as an administrator. Nobody reads replies to this address."
    return laid_out(session.get_one(Person, notice.person_id).email_key, subject, body, link, why, notice.message_id)


def _about_a_period(session: Session, notice: Notice, *, on: date, address: str, hides_below: int) -> Letter:
    """Write the figures of an organisation to someone who leads it; whoever does so no longer gets nothing."""
    actor, organisation = actor_of(session, notice.person_id or UUID(int=0), on=on), notice.refs["organisation"]
    held = next((one for one in actor.held if one.organisation == organisation and one.role in LEADS), None)
    if held is None or not held.may(Permission.ROLLUP_SEE):
        raise WithheldError("The reader no longer leads the organisation.")
    if not mail_choices.wants(session, actor.person_id, Mail.SUMMARIES):
        raise WithheldError("The reader has stopped these e-mails.")
    summary = protected(summary_to_send(session, organisation, read_period(notice.refs["period"]), today=on), hides_below)
    enclosures, missing = enclosures_of(summary)
    why = f"You get this message as {_reads_as(session, held)}. Nobody reads replies to this address."
    began = session.get_one(Organisation, organisation).valid_from
    filling = summary_letters.filling(summary, enclosures, missing=missing, address=address, began=began)
    filling |= {"service": SERVICE, "why": why}
    text, html = (templates().get_template(f"summary.{kind}").render(filling) for kind in ("txt", "html"))
    return Letter(actor.email, filling["subject"][:LONGEST_SUBJECT], text, html, notice.message_id, enclosures)


def filled_in(text: str, words: Mapping[str, str]) -> str:
    """Put *words* in the place of the names in braces. A name that is not among them stays as it is."""
    return PLACEHOLDER.sub(lambda found: words.get(found[1], found[0]), text)


def _check_reminder(session: Session, notice: Notice, review: Review) -> None:
    """Raise WithheldError for a reminder of a review that has moved on, or was updated, since it was queued."""
    if "reminder" in notice.refs:
        workflow, on = catalogue.definition(session, review.definition_version_id).workflow, local_date(notice.queued_at)
        begun = {rule.key: cycles for rule, cycles in cycles_in(session, workflow, [review], on=on)}
        since = begun.get(notice.refs["reminder"], {}).get(review.id)
        if since is None or since.seq != notice.refs["seq"]:
            raise WithheldError(MOVED_ON)


def _reader(session: Session, notice: Notice, review: Review, *, on: date) -> tuple[str, str]:
    """Give the address of the reader, and as what they read it; raises WithheldError when they may not, or not any more."""
    if notice.person_id is None:
        contact = session.get_one(Contact, notice.contact_id)
        if not contact.valid_from <= on or (contact.valid_to is not None and contact.valid_to <= on):
            raise WithheldError("The contact is no longer in that post.")
        covers = belonging(session).covered(contact.organisation, on) | {contact.organisation}
        if review.responsible not in covers:
            raise WithheldError("The review is no longer one of the contact's organisation.")
        place = session.get_one(Organisation, contact.organisation).name
        return contact.email, f"{escalation_letters.post_of(session, contact.post, on=on)} of {place}"
    actor = actor_of(session, notice.person_id, on=on)
    held = actor.covering(review.responsible, notice.refs.get("roles") or [one.role for one in actor.held])
    if held is None or not held.may(Permission.REVIEW_SEE):
        raise WithheldError("The reader may no longer see the review.")
    return actor.email, _reads_as(session, held)


def _words(session: Session, review: Review, definition: Definition, refs: Mapping[str, Any], *, on: date) -> dict[str, str]:
    """Give what may be filled in on a day; *refs* say which event it is about, since when, and by which day it is wanted."""
    workflow = definition.workflow
    kind, state = workflow.review_types.get(review.review_type or ""), workflow.states.get(review.state)
    since, due_on = _day(refs.get("since_on")) or review.state_since, _day(refs.get("due_on")) or review.next_due_on
    done = _event(session, review, refs)
    step = workflow.steps.get(done.step or "") if done else None
    person = session.get(Person, done.person_id) if done and done.person_id else None
    return {
        "reference": review.reference,
        "title": kind.title if kind else workflow.title,
        "state": state.title if state else review.state,
        "step": step.title if step else "",
        "person": person.name if person else "",
        "days": str(abs((on - since).days)),
        "due_on": f"{due_on.day} {due_on:%B %Y}" if due_on else "",
        "deadline": _deadline_of(workflow, refs.get("reminder")),
    }


def _deadline_of(workflow: Workflow, reminder: str | None) -> str:
    rule = workflow.reminders.get(reminder or "")
    clock = workflow.clocks.get(rule.deadline) if rule else None
    return clock.title if clock else ""


def _day(found: date | str | None) -> date | None:
    return date.fromisoformat(found) if isinstance(found, str) else found


def _event(session: Session, review: Review, refs: Mapping[str, Any]) -> Event | None:
    """Give the event that a notice tells of."""
    query = select(Event).where(Event.stream == f"review:{review.id}", Event.seq == refs.get("seq"))
    return session.scalars(query).one_or_none()


def _in_a_sentence(title: str) -> str:
    return title if title.startswith("ICB") else title[:1].lower() + title[1:]
