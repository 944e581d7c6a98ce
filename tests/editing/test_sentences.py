"""Mistakes are said by the names that the pages give things, not by keys."""

import pytest

from scrt_workflow.editing.sentences import in_titles, names_around
from tests.editing.folders import SHIPPED, WORKFLOW

STEP = ("workflows", WORKFLOW, "steps", "give_icb_assurance")
END = (*STEP, "outcomes", "0")
QUESTION = ("questions", "embargoed_on")


@pytest.mark.parametrize(
    ("place", "sentence", "said"),
    [
        (END, "give_icb_assurance: to is missing.", "‘Leads to’ is missing."),
        (STEP, "give_icb_assurance: to is missing: name the state it leads to, or `same`.",
         "‘Leads to’ is missing: name the state it leads to, or ‘Stays where it is’."),
        (STEP, "give_icb_assurance: from: no state is called 'asured'. Did you mean 'assured'?",
         "‘From’: no state is called 'asured'. Did you mean ‘Assured’?"),
        (STEP, "give_icb_assurance: this step asks icb_chief_nurse_assured itself, and nobody may approve their own work.",
         "This step asks ‘ICB Chief Nurse assured’ itself, and nobody may approve their own work."),
        (STEP, "give_icb_assurance: lessons is a question with a list of answers.",
         "‘Lessons and recommendations’ is a question with a list of answers."),
        (STEP, "a review can be stranded in signed_off, icb_assurance: no step leads on to a final state.",
         "A review can be stranded in ‘Signed off’, ‘With the ICB Chief Nurse’: no step leads on to a final state."),
        (QUESTION, "embargoed_on: checks: not_before needs a date question, and lessons is a text question.",
         "‘Checks’: ‘Not before another date’ needs a date question, and lessons is a text question."),
        (("workflows", WORKFLOW), "Older record names no state that its reviews start in (`starts_in`).",
         "Older record names no state that its reviews start in (‘First stage’)."),
    ],
)  # fmt: skip
def test_a_mistake_is_said_by_the_names_of_the_pages(place: tuple[str, ...], sentence: str, said: str) -> None:
    assert in_titles(sentence, names_around(SHIPPED, place), place) == said
