"""The forms of the people pages, offering only what the person acting may give."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, cast

from sqlalchemy.orm import Session
from wtforms import DateField, EmailField, Form, SearchField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are a version behind
from wtforms.validators import InputRequired, Optional, StopValidation

from scrt_workflow.actors import Actor
from scrt_workflow.operations.authority import managing_roles
from scrt_workflow.operations.organisations import organisations_on
from scrt_workflow.permissions import MAY_GIVE, ROLES, Role

DAY = timedelta(days=1)
LAST_YEAR = 2100
"""No role is given for longer, and the day after every last day can be written."""


class DayField(DateField):
    """A day in three inputs."""

    def __init__(self, label: str, validators: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(label, list(validators), format=["%d %m %Y"], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read day, month and year; nothing at all is no answer, and nor is the day that the form began with."""
        self.data = None
        self.raw_data = parts = [part.strip() for part in valuelist]  # as the validators look at it
        if any(parts):
            try:
                super().process_formdata(parts)
            except ValueError:
                raise ValueError(f"{self.label.text} must be a real date, like 27 3 2024.") from None
            if self.data and self.data.year > LAST_YEAR:
                self.data = None
                raise ValueError(f"{self.label.text} must be in {LAST_YEAR} or before.")

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms asks so
        """Keep the error of a day that is none: `Optional` would take an empty first input for an empty field, and forget it."""
        if self.errors:
            raise StopValidation


class SearchForm(Form):
    """Whom to look for."""

    q = SearchField("Search by name or e-mail address")


class RoleForm(Form):
    """A role to give; `offer` fills in what may be given."""

    role = SelectField("Role", [InputRequired("Choose a role.")])
    organisation = SelectField("Organisation", [InputRequired("Choose an organisation.")])
    valid_from = DayField("First day", [InputRequired("Enter the first day of the role.")])
    last_day = DayField("Last day", [Optional()], description="Leave it empty if no end is known.")

    def offer(self, session: Session, actor: Actor, *, on: date) -> None:
        """Offer the roles and the organisations that *actor* may give on a day."""
        managing = managing_roles(actor)
        roles = {role for held in managing for role in MAY_GIVE[held.role]}
        self.role.choices = _choices((role.value, ROLES[role].title) for role in ROLES if role in roles)
        reach = [held.organisation for held in managing if not held.everywhere]
        places = organisations_on(session, on)
        if not any(held.everywhere for held in managing):
            places = [place for place in places if place.code in reach]
        self.organisation.choices = _choices((place.code, place.name) for place in places if place.kind != "ccg")

    @property
    def chosen_role(self) -> Role:
        """The role that was chosen."""
        return Role(self.role.data)

    @property
    def begins(self) -> date:
        """The first day on which the role is held; ask once the form is valid."""
        return cast("date", self.valid_from.data)

    @property
    def ends(self) -> date | None:
        """The first day on which the role is not held."""
        return self.last_day.data + DAY if self.last_day.data else None


class PersonForm(RoleForm):
    """Someone new, and their first role."""

    email = EmailField("E-mail address", [InputRequired("Enter the person’s work e-mail address.")])
    name = StringField("Name", [InputRequired("Enter the person’s name.")])

    field_order = ("email", "name", "role", "organisation", "valid_from", "last_day")


class LendForm(Form):
    """To whom a role is lent, and for how long."""

    email = EmailField("E-mail address of who borrows it", [InputRequired("Enter the e-mail address of who borrows the role.")])
    valid_from = DayField("First day", [InputRequired("Enter the first day on which it is lent.")])
    last_day = DayField("Last day", [InputRequired("Enter the last day on which it is lent.")])


class EndForm(Form):
    """When a role ends."""

    last_day = DayField("Last day of the role", [InputRequired("Enter the last day of the role.")])

    @property
    def ends(self) -> date:
        """The first day on which the role is not held; ask once the form is valid."""
        return cast("date", self.last_day.data) + DAY


def _choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice("", "Choose one"), *(SelectChoice(value, label) for value, label in pairs)]
