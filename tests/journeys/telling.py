"""Given, when, then: what the journeys are told with. *me* is a window, whoever sits before it."""

from typing import Any

from scrt_workflow.models import Person
from scrt_workflow.permissions import Role
from tests.factories import PASSWORD
from tests.journeys.windows import Journey, Window

MOST_PAGES = 20


# Given


def given_somebody_is_signed_in(journey: Journey, role: Role, organisation: str = "QMJ", *, name: str = "") -> Window:
    """Open a window in which somebody new who holds *role* is signed in, and their work is shown."""
    return given_this_person_is_signed_in(journey, journey.someone(role, organisation, name=name))


def given_this_person_is_signed_in(journey: Journey, person: Person) -> Window:
    """Open a window on another device, in which *person* is signed in."""
    me = journey.window(person)
    me.open("/")
    return me


# When


def when_i_open(me: Window, path: str) -> None:
    """Open the page at *path*, as from a link in an e-mail."""
    me.open(path)


def when_i_sign_in(me: Window, person: Person) -> None:
    """Fill in the page that asks who it is."""
    me.page.get_by_label("E-mail address", exact=True).fill(person.email_key)
    me.page.get_by_label("Password", exact=True).fill(PASSWORD)
    me.press("Sign in")


def when_i_answer(me: Window, **answers: Any) -> None:
    """Answer questions of the page that is open, and go on."""
    for question, value in answers.items():
        me.answer(question, value)
    me.press("Continue")


def when_i_answer_all(me: Window, **answers: Any) -> None:
    """Go from page to page, answering what each asks, until all answers can be checked; nothing may be left over."""
    left = dict(answers)
    for _ in range(MOST_PAGES):
        if me.path.endswith("/check"):
            assert not left, f"Nobody asked for {', '.join(left)}."
            return
        asked = me.asked_of(left)
        when_i_answer(me, **{question: left.pop(question) for question in asked})
        assert me.complaints == [], me.path
    raise AssertionError("The form has no end.")


def when_i_begin(me: Window, step: str) -> None:
    """Open a step from the review's page, where the rarer ones are folded away."""
    link = me.link(step)
    if not link.is_visible():
        me.unfold("Put something right, or take it back")
    me.follow(step)


def when_i_submit(me: Window) -> None:
    """Submit what was checked."""
    button = me.page.get_by_role("button", name="Confirm and submit", exact=True)
    me.press("Confirm and submit" if button.count() else "Submit")


def when_i_complete(me: Window, step: str, **answers: Any) -> None:
    """Take a step from the review's page, through its form, and back to the review."""
    when_i_begin(me, step)
    when_i_answer_all(me, **answers)
    when_i_submit(me)
    then_the_step_is_done(me, step)
    me.follow("Go to the review")


def when_i_begin_a_new(me: Window, kind: str) -> None:
    """Go from my work to the first page of a new review."""
    me.follow("Home")
    me.follow("Create new record")
    me.page.get_by_label(kind, exact=True).check()
    me.press("Continue")


# Then


def then_the_step_is_done(me: Window, step: str) -> None:
    assert f"Done: {step}" in me.heading, me.text


def then_i_see(me: Window, *words: str) -> None:
    """Find *words* on the page."""
    said = me.text
    assert [one for one in words if one not in said] == [], said


def then_i_do_not_see(me: Window, *words: str) -> None:
    """Find none of *words* on the page, not even where it is folded away."""
    said = me.page.content()
    assert [one for one in words if one in said] == []


def then_i_am_told(me: Window, *sentences: str) -> None:
    """Find exactly *sentences* in the error summary, which the page's title announces."""
    assert me.complaints == list(sentences)
    assert me.page.title().startswith("Error: ")
