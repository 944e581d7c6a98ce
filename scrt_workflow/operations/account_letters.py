"""The letter to the holder of an account: what was done to it, by whom and when, and whom to tell. No secret is in it."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.models import Event, EventBody, Organisation, Person
from scrt_workflow.operations.notices import people_in
from scrt_workflow.operations.people import stream_of
from scrt_workflow.permissions import ROLES, Role
from scrt_workflow.reference import ENGLAND
from scrt_workflow.working_days import LONDON

MOST_NAMED = 3
"""Administrators whom a letter names: enough that one of them is there."""
SAID = {
    "person:disabled": (
        "Your account was disabled",
        "{by} disabled your account {when}. You were signed out everywhere, and cannot sign in until it is enabled again.",
    ),
    "person:enabled": ("Your account was enabled again", "{by} enabled your account again {when}. You can sign in as before."),
    "person:password-reset": (
        "Your password was reset",
        "{by} gave you a temporary password {when}. You were signed out everywhere, and your own password works no more.",
    ),
    "person:role-granted": ("You were given a role", "{by} gave you this role {when}: {role}."),
    "person:role-ended": ("The end of your role was set", "{by} set the end of this role of yours {when}: {role}."),
}


def words_for(session: Session, person: Person, seq: int, *, on: date) -> tuple[str, str]:
    """Give the subject and the text of the letter about the event *seq* of *person*, as it is read on a day."""
    event = session.scalars(select(Event).where(Event.stream == stream_of(person.id), Event.seq == seq)).one()
    at = event.recorded_at.astimezone(LONDON)
    when = f"on {at.day} {at:%B %Y} at {at:%H:%M}"
    subject, said = SAID[event.kind]
    said = said.format(by=_by(session, event), when=when, role=_role_in(session, event))
    return subject, f"{said}\n\nIf you did not expect this, tell {_whom_to_tell(session, event, on=on)} today."


def _by(session: Session, event: Event) -> str:
    if event.person_id is None:
        return "Whoever runs the service"
    name = session.get_one(Person, event.person_id).name
    if event.role is None or event.organisation is None:
        return name
    return f"{name} ({ROLES[Role(event.role)].title}, {session.get_one(Organisation, event.organisation).name})"


def _role_in(session: Session, event: Event) -> str:
    body = session.get_one(EventBody, event.id).body or {}
    if "role" not in body:
        return ""
    first, place = date.fromisoformat(body["from"]), session.get_one(Organisation, body["organisation"]).name
    until = ""
    if body["until"]:
        last = date.fromisoformat(body["until"]) - timedelta(days=1)
        until = f" to {_day(last)}" if last >= first else "; it was never held"
    return f"{ROLES[Role(body['role'])].title}, {place}, from {_day(first)}{until}"


def _whom_to_tell(session: Session, event: Event, *, on: date) -> str:
    """Name administrators, other than whoever did it if there is another."""
    ids = people_in(session, [Role.ADMINISTRATOR], ENGLAND, on=on)
    others = [one for one in ids if one != event.person_id] or ids
    named = [session.get_one(Person, one) for one in others[:MOST_NAMED]]
    return " or ".join(f"{one.name} ({one.email_key})" for one in named) or "whoever runs the service"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
