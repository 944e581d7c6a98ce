"""A workflow that is only YAML: loaded while the service runs, and run to its end in the browser."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from scrt_workflow.folder import read_folder
from scrt_workflow.permissions import Role
from tests.journeys.telling import (
    given_somebody_is_signed_in,
    then_i_see,
    then_the_step_is_done,
    when_i_answer_all,
    when_i_begin_a_new,
    when_i_complete,
    when_i_open,
    when_i_submit,
)
from tests.journeys.windows import Journey

FOLDER = Path(__file__).parents[1] / "definitions" / "equipment_loan"
ROOT = Path(__file__).parents[2]


def when_an_administrator_loads(journey: Journey, folder: Path) -> str:
    """Run `scrt definitions load` beside the running service, and give what it said."""
    settings = journey.live.running.app.extensions["surroundings"].settings
    variables = {
        "SCRT_DATABASE_URL": settings.database,
        "SCRT_INSTANCE": str(settings.instance),
        "SCRT_DEMO": "yes",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", "from scrt_workflow.cli import scrt; scrt()", "definitions", "load", str(folder)]
    return subprocess.run(command, env=os.environ | variables, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("javascript", [True, pytest.param(False, marks=pytest.mark.thorough)])
def test_a_workflow_that_is_only_yaml_is_loaded_and_runs_to_its_end(journey: Journey) -> None:
    loans = replace(journey, bank=read_folder(FOLDER).questions)
    me = given_somebody_is_signed_in(loans, Role.DESIGNATE)
    lead = given_somebody_is_signed_in(loans, Role.ICB_LEAD)

    assert "Equipment loan: version 1 is new." in when_an_administrator_loads(loans, FOLDER)

    # Somebody asks, and somebody else agrees.
    when_i_begin_a_new(me, "Equipment loan")
    when_i_answer_all(
        me,
        review_type="Projector",
        what_for="A meeting of the board.",
        how_many_days="5",
        asked_on="28 10 2024",
        delivery="Yes",
        delivery_room="Room 12",
    )
    then_i_see(me, "Projector", "Room 12")
    when_i_submit(me)
    then_the_step_is_done(me, "Ask for a loan")
    me.follow("Go to the review")
    then_i_see(me, "Wanted", "Agree to the loan")
    lead.follow("Home")
    then_i_see(lead, "Waiting for your answer")
    when_i_open(lead, me.path)
    when_i_complete(lead, "Agree to the loan", loan_agreed="Yes")

    # It is handed over, looked over and given back.
    when_i_open(me, me.path)
    when_i_complete(
        me,
        "Hand it over",
        tag_kind="Asset number",
        tag="PR-0417",
        accessories=["Bag", "Cable"],
        handed_over_on="1 11 2024",
    )
    then_i_see(me, "On loan", "Open", "29 November 2024", "PR-0417")
    when_i_complete(me, "Look it over", equipment_condition="Worn")
    when_i_complete(me, "Give it back", given_back_on="1 11 2024")
    then_i_see(me, "Given back", "Closed", "Nothing more is due.")
