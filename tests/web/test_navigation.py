"""The header leads where the person may go, and nowhere else."""

from uuid import UUID

import pytest
from flask import Flask

from scrt_workflow.actors import Actor, Held
from scrt_workflow.permissions import Role
from scrt_workflow.web.navigation import links_for
from tests.web.showcase import make_app

PLACES = ("reviews.index", "reviews.show", "rollups.show", "people.index")


@pytest.fixture(scope="module")
def app() -> Flask:
    app = make_app(signed_in=False)
    for endpoint in PLACES:
        app.add_url_rule("/" + endpoint.replace(".", "/"), endpoint, lambda: "")
    return app


def someone(role: Role) -> Actor:
    held = Held(UUID(int=1), role, "QMF", everywhere=False, covers=frozenset({"QMF"}))
    return Actor(UUID(int=2), "Amara Okafor", "amara@example.nhs.uk", (held,))


def shown(app: Flask, role: Role, path: str = "/home") -> list[str]:
    with app.test_request_context(path):
        return [link.text for link in links_for(someone(role))]


def test_a_designate_goes_to_reviews_and_figures(app: Flask) -> None:
    assert shown(app, Role.DESIGNATE) == ["Home", "Reviews", "Figures"]


def test_an_administrator_does_not_read_reviews(app: Flask) -> None:
    assert shown(app, Role.ADMINISTRATOR) == ["Home", "People"]


def test_nobody_signed_in_goes_anywhere(app: Flask) -> None:
    with app.test_request_context("/"):
        assert links_for(None) == []


def test_a_page_within_a_place_marks_the_place(app: Flask) -> None:
    with app.test_request_context("/reviews/show"):
        links = {link.text: link for link in links_for(someone(Role.VIEWER))}

    assert (links["Reviews"].is_current, links["Reviews"].is_this_page) == (True, False)
    assert not links["Home"].is_current


def test_the_page_itself_is_marked_as_such(app: Flask) -> None:
    with app.test_request_context("/reviews/index"):
        links = {link.text: link for link in links_for(someone(Role.VIEWER))}

    assert (links["Reviews"].is_current, links["Reviews"].is_this_page) == (True, True)
