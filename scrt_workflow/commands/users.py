"""Add people, disable them, change their roles, and give temporary passwords."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from uuid import UUID

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow.clock import Clock
from scrt_workflow.database import unit_of_work
from scrt_workflow.models import Membership, Person
from scrt_workflow.operations import people
from scrt_workflow.operations.authority import NoSuchPersonError, PersonRefusedError
from scrt_workflow.operations.organisations import NoSuchOrganisationError, load_reference
from scrt_workflow.operations.service_time import clock_of
from scrt_workflow.permissions import Role
from scrt_workflow.settings import read_settings
from scrt_workflow.startup import opened

DAY = timedelta(days=1)


class Day(click.ParamType[date]):
    """A date, written 2024-11-03."""

    name = "YYYY-MM-DD"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read it."""
        try:
            day = value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date: write it like 2024-11-03.", param, ctx)
        if day == date.max:
            self.fail("There is no day after this one.", param, ctx)
        return day


ROLE = click.Choice([role.value for role in Role])
FROM = click.option("--from", "first", type=Day(), help="First day of the role.  [default: today]")
UNTIL = click.option("--until", "last", type=Day(), help="Last day of the role.  [default: no end]")


@contextmanager
def _working() -> Iterator[tuple[Session, Clock]]:
    """Give a unit of work on the database and the clock that it goes by; what is refused is said in a sentence."""
    settings = read_settings()
    try:
        with opened(settings) as engine:
            clock = clock_of(settings, engine)
            with unit_of_work(engine) as session:
                load_reference(session)
                yield session, clock
    except (NoSuchPersonError, NoSuchOrganisationError, PersonRefusedError) as error:
        raise click.ClickException(str(error)) from error


def _held(session: Session, person_id: UUID, role: str, organisation: str, *, on: date) -> Membership:
    """Find the role that someone holds on a day, or will."""
    query = select(Membership).where(Membership.person_id == person_id, Membership.role == role)
    query = query.where(Membership.organisation == organisation).order_by(Membership.valid_from)
    for one in session.scalars(query):
        if one.valid_to is None or one.valid_to > on:
            return one
    raise PersonRefusedError("They do not hold this role, so it cannot end.")


def _grant(session: Session, clock: Clock, person: Person, role: Role, code: str, first: date | None, last: date | None) -> None:
    begins, ends = first or clock.today(), last + DAY if last else None
    people.grant_role(session, person, role, code.upper(), valid_from=begins, valid_to=ends, at=clock.now())


@click.group
def users() -> None:
    """Add people, disable them, change their roles, and give temporary passwords.

    People are named by e-mail address, organisations by ODS code (an ICB, a region such as Y56, or ENG).
    """


@users.command
@click.argument("email")
@click.option("--name", required=True, help="The person's name, as others see it.")
@click.option("--role", type=ROLE, help="A first role; needs --organisation.")
@click.option("--organisation", metavar="CODE", help="The organisation that the role is held for.")
@FROM
@UNTIL
def add(email: str, name: str, role: str | None, organisation: str | None, first: date | None, last: date | None) -> None:
    """Add a person, with a first role if one is given, and print their temporary password."""
    if bool(role) is not bool(organisation):
        raise click.UsageError("Give --role and --organisation together.")
    with _working() as (session, clock):
        person = people.add_person(session, email=email, name=name, at=clock.now())
        if role and organisation:
            _grant(session, clock, person, Role(role), organisation, first, last)
        password = people.reset_password(session, person, at=clock.now())
    click.echo(f"Added {email}. Their temporary password, for three days: {password}")


@users.command
@click.argument("email")
@click.option("--undo", is_flag=True, help="Enable the account again.")
def disable(email: str, *, undo: bool) -> None:
    """Let a person sign in no longer; they are signed out everywhere, and what they did stays on record."""
    with _working() as (session, clock):
        change = people.enable_person if undo else people.disable_person
        change(session, people.find_person(session, email), at=clock.now())
    click.echo(f"{email} can sign in again." if undo else f"{email} cannot sign in any more.")


@users.command
@click.argument("email")
@click.argument("role", type=ROLE)
@click.argument("organisation", metavar="ORGANISATION")
@FROM
@UNTIL
@click.option("--end", is_flag=True, help="End the role, after the day given by --until or else from today on.")
def role(email: str, role: str, organisation: str, first: date | None, last: date | None, *, end: bool) -> None:
    """Give a person a role in an organisation from a day on, or with --end, end one."""
    with _working() as (session, clock):
        person, code = people.find_person(session, email), organisation.upper()
        if end:
            held = _held(session, person.id, role, code, on=clock.today())
            people.end_role(session, held, on=last + DAY if last else clock.today(), at=clock.now())
        else:
            _grant(session, clock, person, Role(role), code, first, last)
    told = "holds" if not end else f"holds until {last}" if last and last >= clock.today() else "no longer holds"
    click.echo(f"{email} {told} the role {role} in {code}; they must sign in again.")


@users.command
@click.argument("email")
def password(email: str) -> None:
    """Give a person a temporary password, and print it; they choose their own when they sign in with it."""
    with _working() as (session, clock):
        made = people.reset_password(session, people.find_person(session, email), at=clock.now())
    click.echo(f"The temporary password of {email}, for three days: {made}")
