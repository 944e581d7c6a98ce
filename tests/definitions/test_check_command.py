"""`scrt definitions check` says every mistake with an address that can be opened, or that there is none."""

from pathlib import Path

from click.testing import CliRunner

from scrt_workflow import conditions
from scrt_workflow.cli import scrt
from scrt_workflow.folder import read_sources
from scrt_workflow.workflows.wording import condition_in_words
from tests.definitions.shipped import LOAN

BROKEN = Path(__file__).parent / "broken"


def test_the_shipped_definitions_are_checked_when_no_folder_is_named() -> None:
    checked = CliRunner().invoke(scrt, ["definitions", "check"])

    assert checked.exit_code == 0
    assert checked.output.startswith("5 workflows, ")
    assert checked.output.endswith(" questions: no mistakes.\n")


def test_somebody_elses_folder_is_checked_by_its_path() -> None:
    checked = CliRunner().invoke(scrt, ["definitions", "check", str(LOAN)])

    assert checked.exit_code == 0
    assert checked.output.startswith("1 workflow, ")


def test_every_mistake_is_a_line_with_the_path_from_here_and_the_command_fails() -> None:
    checked = CliRunner().invoke(scrt, ["definitions", "check", str(BROKEN / "unknown_role")])

    assert checked.exit_code == 1
    assert checked.output.splitlines() == [
        f"{BROKEN}/unknown_role/workflows/visit.yaml:8: finish: who: no role is called 'designat' (did you mean designate?).",
        f"{BROKEN}/unknown_role/workflows/visit.yaml:8: finish: who: no role is called 'icb_leed' (did you mean icb_lead?).",
        "Error: 2 mistakes.",
    ]


def test_a_folder_that_is_not_there_is_a_mistake_too(tmp_path: Path) -> None:
    checked = CliRunner().invoke(scrt, ["definitions", "check", str(tmp_path / "none")])

    assert checked.exit_code == 1
    assert checked.output == f"{tmp_path / 'none'}: There is no such folder.\nError: 1 mistake.\n"


def test_a_workflow_in_words_says_who_is_told_of_what_and_its_deadlines_and_reminders() -> None:
    shown = CliRunner().invoke(scrt, ["definitions", "show", "--workflow", "domestic_homicide_review"]).output

    assert "Tells the ICB Chief Nurse “Your assurance is asked for”." in shown
    both = "Tells the designated professional and the ICB Chief Nurse"
    assert f"{both} “A review was sent back”, when “Regional Chief content” is “No”." in shown
    assert (
        "Decision whether to hold a review: 1 calendar month after “Referral date”, until “Record the commissioning” or" in shown
    )
    assert "Update overdue. To the designated professional: 30 days after the last of “Record the commissioning”," in shown


def test_how_many_were_chosen_is_said_so() -> None:
    bank = "skills: {type: choices, label: Which skills?, options: [one, two]}\nhow_many: {type: number, label: How many?}\n"
    texts = {
        "forms/questions.yaml": bank,
        "forms/short.yaml": "plan: [skills, how_many]\n",
        "workflows/visit.yaml": "workflow: visit\ntitle: Visit\nreview_types: [visit]\nstates: {planned: {counts_as: open}}\n"
        "steps: {plan: {from: new, who: [designate], form: plan, to: planned}}\n",
    }
    visit = read_sources(texts).definition("visit")

    def said(question: str, operator: str, *, negated: bool = False) -> str:
        test = conditions.Test(question, operator, ("2",))
        return condition_in_words(conditions.Not(test) if negated else test, visit)

    assert said("skills", "at_least") == "“Which skills?” has at least 2 chosen"
    assert said("skills", "at_least", negated=True) == "“Which skills?” has fewer than 2 chosen"
    assert said("skills", "at_most") == "“Which skills?” has at most 2 chosen"
    assert said("how_many", "at_least") == "“How many?” is at least 2"
