"""Vocabularies as administrators change them in the browser, and what others see of it."""

from __future__ import annotations

import re
from typing import Any

from scrt_workflow.permissions import Role
from tests.factories import Browser, Running
from tests.web.guided import with_history
from tests.web.invented import lines_of, ready
from tests.web.reading import links, words

SENT = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">')
WHY = {"reason": "The steering group decided it.", "on": ["1", "11", "2024"]}
MERGE = "/vocabularies/themes/changes/merge"


def administrator(running: Running) -> Browser:
    return running.as_a(Role.ADMINISTRATOR, "ENG")


def sent(page: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in SENT.findall(page):
        found.setdefault(name, []).append(value)
    return found


def typed(browser: Browser, address: str, **answers: Any) -> dict[str, Any]:
    """Open a form, and give what it sends when it is filled in."""
    return {**sent(browser.get(address).text), **WHY, **answers}


def test_a_merge_says_what_it_will_do_before_it_does_it(running: Running) -> None:
    ready(running)
    with_history(running, *lines_of("safeguarding_adult_review", up_to="start", label="1", themes=["Domestic Violence"]))
    browser = administrator(running)
    form = typed(browser, MERGE, terms=["T09"], into="T08")

    checked = browser.post(MERGE, form)

    assert checked.status_code == 200
    assert "From 1 November 2024 new answers choose ‘Domestic Abuse’ in place of ‘Domestic Violence’." in words(checked)
    assert (
        "1 review keeps ‘Domestic Violence’; reports as now grouped count them under ‘Domestic’, the group of ‘Domestic Abuse’."
        in words(checked)
    )
    assert "Nothing has been changed" in words(browser.get("/vocabularies/themes"))

    made = browser.post(MERGE, {**sent(checked.text), "action": "confirm"})

    assert made.headers["Location"] == "/vocabularies/themes"
    shown = words(browser.get("/vocabularies/themes"))
    assert "‘Domestic Abuse’ took the place of ‘Domestic Violence’ on 1 November 2024. 1 review has it." in shown
    assert "Why: The steering group decided it." in shown


def test_the_second_of_two_administrators_is_shown_what_the_first_did_and_keeps_what_they_typed(
    running_on_sqlite: Running,
) -> None:
    ready(running_on_sqlite)
    first, second = administrator(running_on_sqlite), administrator(running_on_sqlite)
    address = "/vocabularies/themes/changes/reword"
    forms = [typed(one, address, term="T22", label=f"Neglect {number}") for number, one in enumerate((first, second), 1)]
    first.post(address, {**forms[0], "action": "confirm"})

    refused = second.post(address, {**forms[1], "action": "confirm"})

    assert refused.status_code == 422
    assert "‘Neglect’ is worded ‘Neglect 1’" in words(refused)
    assert 'value="Neglect 2"' in refused.text
    again = second.post(address, {**sent(refused.text), **WHY, "term": "T22", "label": "Neglect 2", "action": "confirm"})
    assert again.status_code == 303


def test_what_is_refused_is_said_beside_what_was_typed_and_a_step_back_keeps_it(running_on_sqlite: Running) -> None:
    browser = administrator(ready(running_on_sqlite))
    address = "/vocabularies/embargo-reasons/changes/retire"

    refused = browser.post(address, typed(browser, address, term="other"))

    assert refused.status_code == 422
    assert "must stay while definitions in use decide by it: the question “Other reason for the embargo”" in words(refused)
    back = browser.post(address, {**typed(browser, address, term="inquest"), "action": "back"})
    assert back.status_code == 200
    assert "The steering group decided it." in back.text


def test_a_vocabulary_for_another_workflow_is_added_in_the_browser(running_on_sqlite: Running) -> None:
    browser = administrator(ready(running_on_sqlite))
    form = typed(browser, "/vocabularies/new", title="Loan reasons", key="loan_reasons", labels="Repair\r\n\r\n<b>Visit</b>")
    checked = browser.post("/vocabularies/new", form)
    assert "its terms are ‘Repair’ and ‘<b>Visit</b>’" in words(checked)

    made = browser.post("/vocabularies/new", {**form, "action": "confirm"})

    assert made.headers["Location"] == "/vocabularies/loan-reasons"
    assert "Loan reasons" in links(browser.get("/vocabularies"))


def test_a_vocabulary_that_changes_with_definitions_is_read_only(running_on_sqlite: Running) -> None:
    browser = administrator(ready(running_on_sqlite))

    assert "cannot be changed here" in words(browser.get("/vocabularies/review-types"))
    assert browser.get("/vocabularies/review-types/changes/add").status_code == 404
    assert browser.get("/vocabularies/themes/changes/burn").status_code == 404
    assert browser.get("/vocabularies/nothing").status_code == 404


def test_each_figure_of_grouped_terms_opens_the_reviews_that_it_counts(running: Running) -> None:
    ready(running)
    with_history(
        running,
        *lines_of("safeguarding_adult_review", up_to="start", label="1", themes=["Domestic Violence", "Domestic Abuse"]),
        *lines_of("safeguarding_adult_review", up_to="start", label="2", themes=["Domestic Violence"]),
    )
    browser = running.as_a(Role.REGIONAL_LEAD, "Y56")

    page = browser.get("/figures?month=2024-10&terms=grouped")

    found = [one for one in re.findall(r'href="([^"]*)">(\d+)</a>', page.text) if "code=group:domestic" in one[0]]
    assert {number for _, number in found} == {"2"}
    behind = browser.get(found[0][0].replace("&amp;", "&"))
    assert behind.text.count("Domestic") >= 1
    assert len(re.findall(r"R-[0-9A-Z]{5}-[0-9A-Z]{5}</a>", behind.text)) == 2
    assert "Domestic Violence" in words(browser.get("/figures?month=2024-10"))
