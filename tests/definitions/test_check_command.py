"""`scrt definitions check` says every mistake with an address that can be opened, or that there is none."""

from pathlib import Path

from click.testing import CliRunner

from scrt_workflow.cli import scrt
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
