"""Invented reviews for tests of pages, made by the service's own operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from scrt_workflow.database import reading
from scrt_workflow.models import Person, Review
from scrt_workflow.permissions import Role
from tests.factories import Browser, Running
from tests.web.guided import with_definitions, with_history

CANARY = "quokka"
"""A word that stands in every invented review, and nowhere else."""
ABOUT: dict[str, Any] = {
    "incident_date": "2023-11-20",
    "brief_overview": f"Somebody was harmed while several services were in touch. {CANARY}",
    "themes": ["Neglect", "Mental Health"],
    "partnership": "LSCP-E09000007",
    "identifier_type_1": "steis",
    "identifier_ref_1": "2023/12345",
    "designated_professional": "AB",
    "media_interest": "none",
    "specialised_commissioning": "no",
}
LEARNING: dict[str, Any] = {
    "organisational_learning": ["Professional Curiosity"],
    "lessons": "Every service is to name one lead.",
}
SAR: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("refer", {**ABOUT, "partnership": "SAB-E09000007", "referred_on": "2024-01-09"}),
    ("commission", {"decided_on": "2024-01-09", "commissioned_on": "2024-01-09"}),
    ("start", {"started_on": "2024-01-10"}),
    ("record_learning", LEARNING),
    ("sign_off", {"report_signed_off_date": "2024-01-10"}),
    (
        "decide_publication",
        {"publication_status": "public", "publication_date": "2024-01-10", "report_link": "https://board.example/report"},
    ),
    ("close", {}),
)
DHR: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("refer", {**ABOUT, "review_type": "dhr_adult", "partnership": "CSP-E22000191", "referred_on": "2024-01-09"}),
    *SAR[1:5],
    ("ask_for_assurance", {}),
)
RAPID: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("notify", {**ABOUT, "notified_on": "2024-01-09"}),
    ("start", {"started_on": "2024-01-10"}),
    ("complete", {"sent_to_panel_on": "2024-01-11", **LEARNING}),
    ("decide_next", {"next_review": "cspr_child", "next_review_decided_on": "2024-01-12"}),
)
KINDS = {"safeguarding_adult_review": SAR, "domestic_homicide_review": DHR, "rapid_review": RAPID}


def designate_of(code: str) -> str:
    """Give the e-mail address of the person who made the reviews of an ICB."""
    return f"designate.{code.lower()}@example.nhs.uk"


def lines_of(kind: str, *, up_to: str, code: str = "QMJ", label: str = "A", **changes: Any) -> list[dict[str, Any]]:
    """Write the history of a review *up_to* a step, of the ICB *code*; *changes* are other answers to its first form."""
    who = {"person": designate_of(code), "role": "designate", "organisation": code, "review": label, "workflow": kind}
    steps = KINDS[kind]
    last = next(place for place, (key, _) in enumerate(steps) if key == up_to)
    (first, answers), *others = steps[: last + 1]
    told = [(first, {**answers, **changes}), *others]
    return [{**who, "at": f"2024-01-{day:02}T10:00:00", "step": key, "answers": said} for day, (key, said) in enumerate(told, 10)]


def review(running: Running, kind: str = "safeguarding_adult_review", *, up_to: str, **more: Any) -> UUID:
    """Make one review *up_to* a step."""
    return with_history(running, *lines_of(kind, up_to=up_to, **more))[0]


def reference_of(running: Running, review_id: UUID) -> str:
    """Give the reference of a review."""
    with reading(running.engine) as session:
        return session.scalars(select(Review.reference).where(Review.id == review_id)).one()


def child_of(running: Running, review_id: UUID) -> UUID:
    """Give the review that a conversion opened."""
    with reading(running.engine) as session:
        return session.scalars(select(Review.id).where(Review.converted_from_id == review_id)).one()


def designate(running: Running, code: str = "QMJ") -> Browser:
    """Open a browser as whoever made the reviews of an ICB, or will."""
    with reading(running.engine) as session:
        is_there = session.scalars(select(Person.id).where(Person.email_key == designate_of(code))).one_or_none()
    if is_there is None:
        running.person((Role.DESIGNATE, code), email=designate_of(code), name="Dana Oke")
    return running.browser(person_behind(running, code))


def colleague(running: Running, role: Role = Role.DESIGNATE, code: str = "QMJ", *, name: str = "Colin Ash") -> Browser:
    """Open a browser as someone else, called *name*."""
    return running.browser(running.person((role, code), name=name))


def ready(running: Running) -> Running:
    """Release the shipped definitions into the service."""
    return with_definitions(running)


def person_behind(running: Running, code: str = "QMJ") -> Person:
    """Give the person who made the reviews of an ICB."""
    with reading(running.engine) as session:
        person = session.scalars(select(Person).where(Person.email_key == designate_of(code))).one()
        session.expunge(person)
    return person
