"""The forms of the contacts pages."""

from datetime import date
from typing import cast

from wtforms import EmailField, Form
from wtforms.validators import InputRequired, Optional

from scrt_workflow.web.people_forms import DAY, DayField

ADDRESS = "A work address, of a person or of a team that reads it every day."


class ContactForm(Form):
    """Somebody who holds a post from a day on."""

    email = EmailField("E-mail address", [InputRequired("Enter the e-mail address of the contact.")], description=ADDRESS)
    valid_from = DayField("First day", [InputRequired("Enter the contact’s first day.")])
    last_day = DayField("Last day", [Optional()], description="Leave it empty if no end is known.")

    @property
    def begins(self) -> date:
        """The first day on which they are told; ask once the form is valid."""
        return cast("date", self.valid_from.data)

    @property
    def ends(self) -> date | None:
        """The first day on which they are not told."""
        return self.last_day.data + DAY if self.last_day.data else None


class ReplaceForm(Form):
    """Who holds a post instead, from a day on."""

    email = EmailField("New e-mail address", [InputRequired("Enter the e-mail address of the new contact.")], description=ADDRESS)
    on = DayField("First day of the new contact", [InputRequired("Enter the new contact’s first day.")])

    @property
    def begins(self) -> date:
        """The first day on which the new contact is told; ask once the form is valid."""
        return cast("date", self.on.data)


class EndForm(Form):
    """When a contact ends."""

    last_day = DayField("Last day of the contact", [InputRequired("Enter the contact’s last day.")])

    @property
    def ends(self) -> date:
        """The first day on which they are not told; ask once the form is valid."""
        return cast("date", self.last_day.data) + DAY
