"""The escalations of a review in words: since when each waits and whom it told, or who acknowledged it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from scrt_workflow.operations.contacts import posts_on
from scrt_workflow.operations.escalation_states import Standing, standing_of
from scrt_workflow.operations.records import Access, Record
from scrt_workflow.web.jinja import datetime_words
from scrt_workflow.web.requests import today

TIMES = {1: "once", 2: "twice"}
ENDED = {
    "acknowledged": "Acknowledged",
    "dropped": "Ended: the definition of this review has no such escalation any more",
    "fell": "Stopped, since what began it was changed",
    "rose": "Raised anew",
    "withdrawn": "Ended, since the review was withdrawn",
}


def escalations_of(session: Session, record: Record, accesses: Iterable[Access]) -> list[dict[str, Any]]:
    """Give the newest of each escalation of a review as its page shows it; *accesses* say which steps are the reader's."""
    mine = {access.step.key for access in accesses if access.refusal is None}
    newest: dict[str, Standing] = {}
    for one in standing_of(session, record.review, record.definition):
        newest.setdefault(one.escalation.escalation, one)
    titles = posts_on(session, today(), ever=True) if newest else {}
    return [_row(one, record, titles, mine) for one in newest.values()]


def _row(one: Standing, record: Record, titles: dict[str, str], mine: set[str]) -> dict[str, Any]:
    escalation, step = one.escalation, one.step
    is_mine = one.is_waiting and step is not None and step.key in mine
    by = f" by {one.by}, on {datetime_words(one.ended_at)}" if one.by else ""
    return {
        "title": one.rule.title if one.rule else escalation.escalation.replace("_", " ").capitalize(),
        "is_waiting": one.is_waiting,
        "is_acknowledged": escalation.ended == "acknowledged",
        "began_at": escalation.began_at,
        "times": TIMES.get(escalation.number, f"{escalation.number} times"),
        "next_at": escalation.next_at,
        "posts": [titles.get(post, post) for post in _in_order(one.posts, titles)],
        "without": [titles.get(post, post) for post in _in_order(one.without, titles)],
        "people": one.people,
        "ended": f"{ENDED[escalation.ended]}{by}." if escalation.ended else "",
        "step": step.title if step else "",
        "href": url_for("steps.begin", review_id=record.review.id, step_key=step.key) if step and is_mine else "",
    }


def _in_order(posts: Iterable[str], titles: dict[str, str]) -> list[str]:
    order = list(titles)
    return sorted(posts, key=lambda post: order.index(post) if post in titles else len(order))
