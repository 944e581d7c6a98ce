"""What the e-mails of an escalation say beside their wording: who was told, who was not, and that it comes again.

None of it was written by anybody in the review.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.models import Escalation, EscalationTold, Notice, Person, Review
from scrt_workflow.operations import contacts, notices
from scrt_workflow.operations.escalations import NOBODY
from scrt_workflow.workflows.schema import Definition
from scrt_workflow.workflows.time_rules import EscalationRule

WITHHELD = {
    "dropped": "The review is not escalated any more.",
    "fell": "What it tells of is not so any more.",
    "rose": "It was raised further since, and told anew.",
    "withdrawn": "The review was withdrawn.",
}
ASK_THE_REGION = "the safeguarding team of your NHS England region"


def why_withheld(session: Session, notice: Notice) -> str:
    """Say why the letter of *notice* is not sent any more; nothing where it is sent, or tells of no escalation.

    Whoever was to be told first is told even if somebody was quick to acknowledge it.
    """
    refs = notice.refs
    if "escalation" not in refs:
        return ""
    found = session.get(Escalation, (UUID(refs["review"]), refs["escalation"], refs["seq"]))
    if found is not None and found.ended == "acknowledged" and refs["number"] > 1 and not _is_first_of_a_post(session, notice):
        return "Somebody has acknowledged it since."
    return WITHHELD.get(found.ended or "", "") if found else ""


def _is_first_of_a_post(session: Session, notice: Notice) -> bool:
    """Say whether a post hears of its escalation for the first time by *notice*, such as one that came to be told later."""
    mine = select(EscalationTold.post).where(EscalationTold.notice_id == notice.id, EscalationTold.post != "")
    refs, reached = notice.refs, EscalationTold.recipient != NOBODY
    escalation = (EscalationTold.review_id == UUID(refs["review"]), EscalationTold.escalation == refs["escalation"])
    before = (EscalationTold.since_seq == refs["seq"], EscalationTold.number < refs["number"])
    told = select(EscalationTold.post).where(*escalation, *before, reached)
    return session.scalars(mine.where(EscalationTold.post.not_in(told)).limit(1)).first() is not None


def whom_to_ask(session: Session, notice: Notice, review: Review, definition: Definition, *, on: date) -> str:
    """Name those who can answer whoever has no account: the people who are told too, with their addresses."""
    rule = _rule_of(notice, definition)
    if rule is None:
        return ASK_THE_REGION
    for roles in (rule.to, rule.escalate_to):
        ids = notices.people_in(session, roles, review.responsible, on=on)
        people = session.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.name, Person.id))
        if named := [f"{one.name} ({one.email_key})" for one in people]:
            return _listed(named, "or")
    return ASK_THE_REGION


def paragraphs_for(session: Session, notice: Notice, definition: Definition, *, on: date) -> Iterator[str]:
    """Give what the letter of *notice* says after its wording; nothing where it tells of no escalation."""
    rule = _rule_of(notice, definition)
    if rule is None:
        return
    if notice.person_id is not None:
        titles = contacts.posts_on(session, on, ever=True)
        told = _titles(titles, _posts_told(session, notice))
        if told:
            yield f"Told by e-mail too: {_listed(told, 'and')}."
        if missing := _titles(titles, notice.refs["missing"]):
            yield (
                f"Not told, since nobody is recorded here in that post: {_listed(missing, 'and')}. "
                "Please tell them, and ask an administrator to record who they are."
            )
    step = definition.workflow.steps.get(rule.acknowledged_by)
    always = "" if "working" in rule.again_every else ", on weekends and bank holidays too"
    title = f" by “{step.title}”" if step and notice.person_id is not None else ""
    yield (
        f"This is message {notice.refs['number']} of its kind. Until somebody acknowledges it{title}, "
        f"another comes after {rule.again_every}{always}."
    )


def post_of(session: Session, post: str, *, on: date) -> str:
    """Give what a post is called within a sentence."""
    (title,) = _titles(contacts.posts_on(session, on, ever=True), [post])
    return title


def _rule_of(notice: Notice, definition: Definition) -> EscalationRule | None:
    return definition.workflow.escalations.get(notice.refs.get("escalation", ""))


def _posts_told(session: Session, notice: Notice) -> list[str]:
    refs = notice.refs
    raising = (
        EscalationTold.review_id == UUID(refs["review"]),
        EscalationTold.escalation == refs["escalation"],
        EscalationTold.since_seq == refs["seq"],
        EscalationTold.number == refs["number"],
    )
    reached = (EscalationTold.recipient != NOBODY, EscalationTold.post != "")
    return list(session.scalars(select(EscalationTold.post).where(*raising, *reached)))


def _titles(titles: dict[str, str], posts: Iterable[str]) -> list[str]:
    """Name *posts* in the order of the vocabulary, as within a sentence."""
    wanted = set(posts)
    ordered = [post for post in titles if post in wanted] + sorted(wanted - set(titles))
    named = [titles.get(post, post.replace("_", " ")) for post in ordered]
    return [title if title[:2].isupper() else title[:1].lower() + title[1:] for title in named]


def _listed(words: list[str], joint: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {joint} {words[-1]}"
