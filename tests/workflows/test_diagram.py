"""The picture of a workflow: its text for Graphviz, and the SVG that comes of it."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from xml.etree.ElementTree import Element, fromstring

import pytest

from scrt_workflow.folder import read_folder
from scrt_workflow.reports.diagrams import SHAPES, SVG, as_svg
from scrt_workflow.workflows.diagram import as_dot, is_too_large, moves_of
from scrt_workflow.workflows.schema import Definition
from tests.definitions import shipped

SAR, DHR, OLDER = (shipped.SHIPPED.definition(key) for key in (shipped.SAR, shipped.DHR, shipped.OLDER))
TELEPHONE = 390


def drawn(definition: Definition) -> set[tuple[str, str]]:
    return {(move.source, move.target) for move in moves_of(definition)}


def test_only_what_takes_a_review_on_is_drawn() -> None:
    assert drawn(SAR) == {
        ("referred", "commissioned"),
        ("referred", "no_review"),
        ("commissioned", "in_progress"),
        ("in_progress", "signed_off"),
        ("signed_off", "published"),
        ("signed_off", "embargoed"),
        ("embargoed", "published"),
        ("published", "closed"),
        ("embargoed", "closed"),
    }


def test_an_answer_that_sends_a_review_back_is_drawn_as_going_back() -> None:
    back = {(move.source, move.target): move for move in moves_of(DHR) if move.leads_back}

    assert set(back) == {("icb_assurance", "signed_off"), ("regional_assurance", "signed_off")}
    assert back["icb_assurance", "signed_off"].labels == ("Give ICB assurance: No",)


def test_a_step_after_which_a_review_goes_on_under_another_workflow_leads_elsewhere() -> None:
    assert drawn(OLDER) == {("open", "(elsewhere)"), ("closed", "(elsewhere)")}


def test_the_state_that_a_review_is_in_is_marked_in_words_too() -> None:
    assert "this review is here" not in as_dot(DHR)
    assert as_dot(DHR, here="signed_off").count("this review is here") == 1


def test_a_state_that_no_step_leads_on_to_is_drawn_when_a_review_is_there() -> None:
    assert "Entered in error" not in as_dot(SAR)
    assert "Entered in error" in as_dot(SAR, here="entered_in_error")


@pytest.mark.parametrize("key", shipped.WORKFLOWS)
def test_a_picture_can_be_read_on_a_telephone(key: str) -> None:
    picture = fromstring(as_svg(as_dot(shipped.SHIPPED.definition(key)), "A picture"))

    assert int(picture.attrib["width"]) <= TELEPHONE


def test_a_picture_has_a_title_and_nothing_that_could_run_link_or_fetch() -> None:
    picture = fromstring(as_svg(as_dot(DHR, here="assured"), "Stages & steps"))

    everything = list(picture.iter())
    assert picture.attrib["role"] == "img"
    assert [one.text for one in everything if one.tag == f"{{{SVG}}}title"] == ["Stages & steps"]
    assert {one.tag.removeprefix(f"{{{SVG}}}") for one in everything} <= SHAPES | {"svg", "title"}
    assert not {name for one in everything for name in one.attrib if re.match("on|style|href|class|id", name)}


HOSTILE = ('"] evil [', "</text><script>alert(1)</script>", "\\N \\G \\", "&lt;b&gt; & co", "<b>bold</b>", "x" * 300)


@pytest.mark.parametrize("title", HOSTILE)
def test_a_title_stays_words_whatever_it_says(title: str) -> None:
    states = dict(SAR.workflow.states)
    states["in_progress"] = replace(states["in_progress"], title=title)
    hostile = replace(SAR, workflow=replace(SAR.workflow, states=states))

    picture = fromstring(as_svg(as_dot(hostile, here="in_progress"), title))

    assert "".join(title.split()) in "".join(_words(picture))
    assert len(_words(picture)) >= len(_words(fromstring(as_svg(as_dot(SAR), "x")))) - 1


def _words(picture: Element) -> list[str]:
    return ["".join((one.text or "").split()) for one in picture.iter(f"{{{SVG}}}text")]


def test_pictures_can_be_asked_for_at_the_same_time() -> None:
    texts = [as_dot(DHR, here=state) for state in DHR.workflow.states] * 3

    with ThreadPoolExecutor(8) as threads:
        pictures = list(threads.map(lambda text: as_svg(text, f"{len(text)}"), texts))

    assert len(set(pictures)) == len(DHR.workflow.states)


def test_what_nobody_could_read_is_not_drawn() -> None:
    many = {f"state_{n}": replace(SAR.workflow.states["closed"], key=f"state_{n}") for n in range(61)}

    assert is_too_large(replace(SAR.workflow, states=many))
    assert not is_too_large(DHR.workflow)


def test_any_folder_can_be_drawn() -> None:
    folder = read_folder(shipped.LOAN)

    picture = as_svg(as_dot(folder.definition("equipment_loan")), "Loans")

    assert ">Being repaired<" in picture
