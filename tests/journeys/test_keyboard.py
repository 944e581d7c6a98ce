"""A whole step by keyboard alone: Tab, Enter, Space and the arrows, from signing in to the end; nothing is clicked."""

from scrt_workflow.permissions import Role
from tests.factories import PASSWORD
from tests.journeys.beginnings import given_a_sar
from tests.journeys.telling import given_somebody_is_signed_in, then_i_see, then_the_step_is_done
from tests.journeys.windows import Journey, Window

MOST_TABS = 80
FOCUSED = """() => {
  const one = document.activeElement
  const text = (found) => (found?.textContent ?? '').replace(/\\s+/g, ' ').trim()
  const box = one.getBoundingClientRect()
  const marks = [one, ...(one.labels ?? [])].flatMap((mark) => [getComputedStyle(mark), getComputedStyle(mark, '::before')])
  return {
    name: text(one.labels?.[0]) || one.getAttribute('aria-label') || text(one),
    group: text(one.closest('fieldset')?.querySelector('legend')),
    isShown: box.bottom > 0 && box.top < innerHeight && box.width > 0,
    isMarked: marks.some((style) => style.outlineStyle !== 'none' || style.boxShadow !== 'none'),
  }
}"""
"""Tells where the keyboard is: how the element is called, and whether a person can see that it is there."""


def when_i_tab_to(me: Window, name: str, *, group: str = "", back: bool = False) -> None:
    """Press Tab until the keyboard is at *name* (in the *group* of controls), seeing at each stop where it is."""
    passed = []
    for _ in range(MOST_TABS):
        me.page.keyboard.press("Shift+Tab" if back else "Tab")
        here = me.page.evaluate(FOCUSED)
        if here["name"] == name and group in here["group"]:
            assert here["isShown"], name
            assert here["isMarked"], name
            return
        passed.append(here["name"])
    raise AssertionError(f"Tab never came to {name!r}, but to {passed}")


def when_i_press_enter(me: Window) -> None:
    """Press Enter on what leads to another page."""
    me.goes(lambda: me.page.keyboard.press("Enter"))


def test_a_person_signs_in_and_takes_a_step_by_keyboard_alone(journey: Journey) -> None:
    review = given_a_sar(journey, up_to="start")
    person = journey.someone(Role.DESIGNATE)
    me = journey.window()
    keys = me.page.keyboard

    # Sign in.
    me.open(f"/reviews/{review}")
    when_i_tab_to(me, "E-mail address")
    keys.type(person.email_key)
    when_i_tab_to(me, "Password")
    keys.type(PASSWORD)
    when_i_press_enter(me)

    # Past the menu to the content, and to a step of the review.
    keys.press("Tab")
    assert me.page.evaluate(FOCUSED)["name"] == "Skip to main content"
    keys.press("Enter")
    when_i_tab_to(me, "Flag media interest")
    when_i_press_enter(me)

    # Radios: the keyboard comes to the answer on record, and the arrows choose another.
    when_i_tab_to(me, "None expected", group="How likely is media interest?")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    assert me.page.get_by_label("Medium - local coverage likely").is_checked()
    when_i_tab_to(me, "No", group="specialised commissioning")
    keys.press("ArrowUp")
    when_i_tab_to(me, "Continue")
    when_i_press_enter(me)

    # Back to mend an answer, by its change link.
    then_i_see(me, "Medium - local coverage likely", "Yes")
    when_i_tab_to(me, "Change Specialised commissioned patient")
    when_i_press_enter(me)
    when_i_tab_to(me, "Yes", group="specialised commissioning")
    keys.press("ArrowDown")
    when_i_tab_to(me, "Continue")
    when_i_press_enter(me)
    when_i_tab_to(me, "Submit")
    when_i_press_enter(me)
    then_the_step_is_done(me, "Flag media interest")
    when_i_tab_to(me, "Go to the review")
    when_i_press_enter(me)
    then_i_see(me, "Medium - local coverage likely")


def test_a_mistake_is_found_and_mended_by_keyboard_alone(journey: Journey) -> None:
    review = given_a_sar(journey, up_to="start")
    me = given_somebody_is_signed_in(journey, Role.DESIGNATE)
    keys = me.page.keyboard

    # Nothing is chosen: the line that says so leads to the first select, where letters choose.
    me.open(f"/reviews/{review}/steps/record-learning")
    when_i_tab_to(me, "Continue")
    me.goes(lambda: keys.press("Space"))
    when_i_tab_to(me, "Select at least one kind of organisational learning")
    keys.press("Enter")
    keys.type("Comm")
    when_i_tab_to(me, "Continue")
    when_i_press_enter(me)
    when_i_tab_to(me, "What are the lessons and recommendations?")
    keys.type("Every service is to name one lead.")
    when_i_tab_to(me, "Continue")
    when_i_press_enter(me)
    then_i_see(me, "Communication", "Every service is to name one lead.")
    when_i_tab_to(me, "Submit")
    when_i_press_enter(me)
    then_the_step_is_done(me, "Record lessons and learning")
