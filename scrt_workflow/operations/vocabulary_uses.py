"""Who depends on a vocabulary: the questions that offer it, the rules that name its terms, the reviews that have them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.conditions import Condition, tests_in
from scrt_workflow.models import Answer, Review, TermSpan
from scrt_workflow.reference import POSTS
from scrt_workflow.workflows.schema import OPEN, Definition


def definitions_in_use(session: Session) -> list[Definition]:
    """Give the definitions under which reviews may start, and those by which an open review goes."""
    pinned = select(Review.definition_version_id).where(Review.status == OPEN, Review.withdrawn_at.is_(None)).distinct()
    versions = {version for version, _ in catalogue.live_definitions(session).values()} | set(session.scalars(pinned))
    return [catalogue.definition(session, version) for version in sorted(versions)]


def questions_offering(session: Session, vocabulary: str) -> dict[str, str]:
    """Give the questions that offer *vocabulary*, key to title."""
    found = definitions_in_use(session)
    return {q.key: q.title for one in found for q in one.questions.values() if q.vocabulary == vocabulary}


def rules_naming(session: Session, vocabulary: str, code: str) -> list[str]:
    """Name what a definition in use decides by this very term, as people know it."""
    return sorted(
        dict.fromkeys(
            f"{what} of “{found.workflow.title}”"
            for found in definitions_in_use(session)
            for what, condition in _conditions(found)
            if any(_is_of(found, test.question, vocabulary) and code in test.values for test in tests_in(condition))
        )
        | dict.fromkeys(_telling(session, code) if vocabulary == POSTS else ())
    )


def _telling(session: Session, post: str) -> Iterator[str]:
    """Name the escalations that tell a post."""
    for found in definitions_in_use(session):
        for rule in found.workflow.escalations.values():
            if post in rule.every_post:
                yield f"the escalation “{rule.title}” of “{found.workflow.title}”"


def steps_at_a_loss(session: Session, vocabulary: str) -> list[str]:
    """Name the steps that lead where an answer of *vocabulary* says, and say nothing of an answer that is new."""
    return list(
        dict.fromkeys(
            f"“{step.title}” of “{found.workflow.title}”"
            for found in definitions_in_use(session)
            for step in found.workflow.steps.values()
            if step.outcomes
            and step.outcomes[-1].when is not None
            and any(_is_of(found, t.question, vocabulary) for outcome in step.outcomes for t in tests_in(outcome.when))
        )
    )


def _is_of(found: Definition, question: str, vocabulary: str) -> bool:
    return question in found.questions and found.questions[question].vocabulary == vocabulary


def _conditions(found: Definition) -> Iterator[tuple[str, Condition | None]]:
    for step in found.workflow.steps.values():
        name = f"the step “{step.title}”"
        yield from ((name, outcome.when) for outcome in step.outcomes)
        yield from ((name, guard.when) for guard in step.needs)
        yield from ((name, tell.when) for tell in step.tells)
    for rule in found.workflow.escalations.values():
        yield from ((f"the escalation “{rule.title}”", condition) for condition in rule.conditions)
    for form in found.forms.values():
        yield from ((f"the page “{page.title}”", page.show_when) for page in form.pages)
    yield from ((f"the question “{question.title}”", question.show_when) for question in found.questions.values())


def reviews_with(session: Session, vocabulary: str) -> Counter[str]:
    """Count the reviews that have each term of *vocabulary* on record now, by code."""
    now = (TermSpan.vocabulary == vocabulary, TermSpan.known_to.is_(None), TermSpan.to_on.is_(None))
    ranked = select(TermSpan.code, func.count(TermSpan.review_id.distinct())).join(Review, Review.id == TermSpan.review_id)
    rows = session.execute(ranked.where(*now, Review.withdrawn_at.is_(None)).group_by(TermSpan.code))
    found = Counter({str(code): int(number) for code, number in rows})
    asked = [q for one in definitions_in_use(session) for q in one.questions.values() if q.vocabulary == vocabulary]
    others = {question.key for question in asked if question.type != "ranked_choices"}
    if others:
        chosen = select(Answer.value, func.count(Answer.review_id.distinct())).join(Review, Review.id == Answer.review_id)
        living = (Answer.question.in_(sorted(others)), Review.withdrawn_at.is_(None), Answer.value.is_not(None))
        for value, number in session.execute(chosen.where(*living).group_by(Answer.value)):
            found.update(dict.fromkeys(catalogue.codes_in(value), int(number)))
    return found
