"""The header of a page: where the person may go, and who they are signed in as."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, request

from scrt_workflow.actors import Actor
from scrt_workflow.permissions import Permission
from scrt_workflow.web.jinja import url_if_any


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the header, open to whoever holds `permission` somewhere; without one, to everyone who is signed in."""

    text: str
    endpoint: str
    permission: Permission | None = None

    @property
    def blueprint(self) -> str:
        """The part of the service that it is in: all of a blueprint's pages mark the same place."""
        return self.endpoint.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Link:
    """A place as one person sees it from one page."""

    text: str
    href: str
    is_current: bool
    is_this_page: bool


PLACES = (
    Place("Home", "home.show"),
    Place("Reviews", "reviews.index", Permission.REVIEW_SEE),
    Place("Figures", "rollups.show", Permission.ROLLUP_SEE),
    Place("People", "people.index", Permission.PERSON_MANAGE),
    Place("Contacts", "contacts.index", Permission.ORGANISATION_MANAGE),
    Place("Definitions", "definitions.index", Permission.DEFINITION_EDIT),
    Place("Vocabularies", "vocabularies.index", Permission.VOCABULARY_MANAGE),
    Place("Jobs", "jobs.index", Permission.JOB_RUN),
    Place("Mailbox", "mailbox.index", Permission.MAILBOX_SEE),
)
"""In the order shown. A page that this installation does not have, such as the demo's mailbox, is left out."""


def install(app: Flask, *, actor: Callable[[], Actor | None]) -> None:
    """Give the layout of *app* its navigation; *actor* says who is signed in, if anyone."""
    app.jinja_env.globals["navigation"] = lambda: links_for(actor())
    app.jinja_env.globals["account_name"] = lambda: found.name if (found := actor()) else ""


def links_for(person: Actor | None) -> list[Link]:
    """List the places that *person* may open, marking the one that the request is in."""
    if person is None:
        return []
    return [
        Link(place.text, href, is_current=place.blueprint == request.blueprint, is_this_page=href == request.path)
        for place in PLACES
        if (place.permission is None or person.may(place.permission)) and (href := url_if_any(place.endpoint))
    ]
