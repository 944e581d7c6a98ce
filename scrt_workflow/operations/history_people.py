"""The people of a documented history: each found once, or added, and given as the actor that they are on a line's day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor
from scrt_workflow.models import Membership, Organisation, Person
from scrt_workflow.operations import people
from scrt_workflow.operations.authority import PersonRefusedError
from scrt_workflow.operations.history_lines import Line, LineRefusedError
from scrt_workflow.permissions import Role
from scrt_workflow.working_days import local_date
from scrt_workflow.yaml_reader import did_you_mean

_Part = tuple[str, str, str]
"""Who acts as what: e-mail address, role and organisation."""


class HistoryPeople:
    """Finds the people that lines name; with *add_people* it adds those who are not there, with the roles that they act in."""

    def __init__(self, session: Session, lines: Sequence[Line], *, add_people: bool) -> None:
        """Note from which day on each of them is needed in which role."""
        self.session, self.add_people = session, add_people
        self.organisations = set(session.scalars(select(Organisation.code)))
        self._first_day: dict[_Part, date] = {}
        for line in lines:
            self._first_day.setdefault(_part(line), local_date(line.at))
        self._found: dict[_Part, Person] = {}
        self._actors: dict[tuple[_Part, date], Actor] = {}

    def actor(self, line: Line) -> Actor:
        """Give the person of a line in the one role that it names; raises LineRefusedError when they do not hold it that day."""
        key = (_part(line), local_date(line.at))
        if key not in self._actors:
            self._actors[key] = self._actor(line, key[1])
        return self._actors[key]

    def _actor(self, line: Line, day: date) -> Actor:
        part = _part(line)
        if part not in self._found:
            self._found[part] = self._person(line)
        whole = people.actor_of(self.session, self._found[part].id, on=day)
        held = tuple(one for one in whole.held if one.role == line.role and one.organisation == line.organisation)
        if not held:
            day_words = f"{day.day} {day:%B %Y}"
            raise LineRefusedError(f"'{line.person}' does not hold the role {line.role} in {line.organisation} on {day_words}.")
        return Actor(whole.person_id, whole.name, whole.email, held)

    def _person(self, line: Line) -> Person:
        """Find the person of a line, or add them, and their role; raises LineRefusedError."""
        if line.role not in set(Role):
            raise LineRefusedError(f"No role is called '{line.role}'{did_you_mean(line.role, list(Role))}.")
        if line.organisation not in self.organisations:
            raise LineRefusedError(f"No organisation has the code '{line.organisation}'.")
        email = line.person.strip().casefold()
        person = self.session.scalars(select(Person).where(Person.email_key == email)).one_or_none()
        if person is None and not self.add_people:
            raise LineRefusedError(f"Nobody has the e-mail address '{line.person}'. Add them first, or play with --add-people.")
        person = person or self._added(line)
        if self.add_people:
            self._grant(line, person)
        return person

    def _added(self, line: Line) -> Person:
        name = line.person.partition("@")[0].replace(".", " ").replace("_", " ").title()
        try:
            return people.add_person(self.session, email=line.person, name=name, at=line.at)
        except PersonRefusedError as refused:
            raise LineRefusedError(f"person: {refused}") from refused

    def _grant(self, line: Line, person: Person) -> None:
        """Let a person hold the role of a line from the first day that the history needs it, if they do not yet."""
        mine = (
            Membership.person_id == person.id,
            Membership.role == line.role,
            Membership.organisation == line.organisation,
        )
        if self.session.scalars(select(Membership.id).where(*mine)).first() is None:
            first = self._first_day[_part(line)]
            try:
                people.grant_role(self.session, person, Role(line.role), line.organisation, valid_from=first, at=line.at)
            except PersonRefusedError as refused:
                raise LineRefusedError(str(refused)) from refused


def _part(line: Line) -> _Part:
    return line.person.strip().casefold(), line.role, line.organisation
