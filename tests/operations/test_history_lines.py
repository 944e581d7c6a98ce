"""A line of a history that nothing can be made of is a mistake with its number, whatever is in it."""

import json

import pytest

from scrt_workflow.operations.history_lines import read_lines

WELL = {
    "at": "2024-10-01T10:00",
    "person": "designate@example.nhs.uk",
    "role": "designate",
    "organisation": "QMJ",
    "review": "one",
    "workflow": "rapid_review",
    "step": "notify",
    "answers": {"brief_overview": "What happened."},
}


def line(**changes: object) -> str:
    return json.dumps({**WELL, **changes})


@pytest.mark.parametrize(
    "odd",
    [
        line(person="a\0b@example.nhs.uk"),
        line(review="\ud800"),
        line(answers={"brief_overview": ["\udce9 as another code page writes it"]}),
        line(answers={"a": float("nan")}),
        line()[:-1] + ', "opens": ' + "9" * 5000 + "}",
        line()[:-1] + ', "opens": ' + "[" * 5000 + "]" * 5000 + "}",
        "[" * 5000,
        "{",
        "null",
    ],
)
def test_a_line_that_nothing_can_be_made_of_is_said_with_its_number(odd: str) -> None:
    lines, mistakes = read_lines([line(), odd, line(review="two")])

    assert [one.review for one in lines] == ["one", "two"]
    assert [mistake.line for mistake in mistakes] == [2]
    assert "\n".join(map(str, mistakes)).isprintable()
