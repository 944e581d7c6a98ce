"""Conditions fit what they look at: the question exists and may be answered, and its type can be so compared."""

import re
from collections.abc import Callable, Collection
from datetime import date

from scrt_workflow.conditions import Condition, Test, tests_in
from scrt_workflow.forms.schema import CLOSED_LISTS, Question, a_question
from scrt_workflow.lint.places import Place, plain
from scrt_workflow.lint.scope import REVIEW_TYPE, Scope
from scrt_workflow.yaml_reader import did_you_mean

LISTS = frozenset({"choices", "ranked_choices"})
WRITTEN_AS = {"number": re.compile(r"-?\d{1,9}"), "date": re.compile(r"\d{4}-\d{2}-\d{2}")}
"""How a condition writes an answer that is in no list, by the type of its question."""


def check_condition(scope: Scope, condition: Condition | None, place: Place, field: str, *, workflows: Collection[str]) -> None:
    """Report what is wrong with *condition*, at *field* of *place*, which reviews under *workflows* meet."""
    for test in tests_in(condition):
        line = test.line or place.line
        question = scope.question(test.question)
        if question is None:
            scope.missing("question", test.question, scope.folder.questions, place, field, line=line)
            continue
        if not any(test.question in scope.on_record[key] for key in workflows):
            scope.unasked(test.question, workflows, place, field, line=line)
        _FITS[test.operator](scope, test, question, _saying(place, field, line), workflows)


Say = Callable[[str], None]


def _saying(place: Place, field: str, line: int) -> Say:
    return lambda sentence: place.wrong(sentence, field, line=line)


def _fits_values(scope: Scope, test: Test, question: Question, say: Say, workflows: Collection[str]) -> None:
    if question.type in CLOSED_LISTS:
        options = scope.options(question, workflows)
        for value in test.values:
            is_read = scope.all_is_read or question.type != REVIEW_TYPE
            if options is not None and value not in options and is_read:
                say(f"{question.key} has no option '{plain(value)}'{did_you_mean(value, options)}.")
        return
    wanted = WRITTEN_AS.get(question.type)
    if wanted is None:
        say(
            f"{question.key} is {a_question(question.type)}: "
            "ask whether it is answered, unanswered or not_asked, not what it says."
        )
        return
    for value in test.values:
        if not wanted.fullmatch(value):
            say(f"{question.key} is {a_question(question.type)} and never is '{plain(value)}'.")


def _fits_ever(scope: Scope, test: Test, question: Question, say: Say, workflows: Collection[str]) -> None:
    if question.type in CLOSED_LISTS:
        _fits_values(scope, test, question, say, workflows)
    else:
        say(f"{question.key} is {a_question(question.type)}: ever_in is for questions with a list of answers.")


def _fits_dates(scope: Scope, test: Test, question: Question, say: Say, _workflows: Collection[str]) -> None:
    if question.type != "date":
        say(f"{question.key} is {a_question(question.type)}: {test.operator} is for dates.")
    value = test.values[0]
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        if not is_date(value):
            say(f"'{value}' is not a date of the calendar.")
        return
    other = scope.question(value)
    if other is None and "question" not in scope.whole:
        return
    if other is None:
        say(f"no question is called '{plain(value)}'{did_you_mean(value, scope.folder.questions)}.")
    elif other.type != "date":
        say(f"{other.key} is {a_question(other.type)}: {test.operator} compares with a date.")
    elif other.key == question.key:
        say(f"{question.key} is compared with itself.")


def _fits_amount(_scope: Scope, test: Test, question: Question, say: Say, _workflows: Collection[str]) -> None:
    if question.type != "number" and question.type not in LISTS:
        say(f"{question.key} is {a_question(question.type)}: {test.operator} is for numbers and for lists of choices.")


def _fits_any(_scope: Scope, _test: Test, _question: Question, _say: Say, _workflows: Collection[str]) -> None:
    """Answered, unanswered and not_asked can be said of every question."""


_FITS: dict[str, Callable[[Scope, Test, Question, Say, Collection[str]], None]] = {
    "in": _fits_values,
    "not_in": _fits_values,
    "ever_in": _fits_ever,
    "before": _fits_dates,
    "after": _fits_dates,
    "at_least": _fits_amount,
    "at_most": _fits_amount,
    "answered": _fits_any,
    "unanswered": _fits_any,
    "not_asked": _fits_any,
}


def is_date(text: str) -> bool:
    """Say whether *text* is a date of the calendar, written 2024-07-22."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
