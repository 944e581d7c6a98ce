"""The named checks that a definition may put on an answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from scrt_workflow.conditions import Facts
from scrt_workflow.forms.question_types import show_day
from scrt_workflow.forms.schema import Check, Question


def check(question: Question, value: Any, facts: Facts, *, today: date) -> str | None:
    """Give the sentence of the first check that *value* fails, or None when it passes them all."""
    for one in question.checks:
        if sentence := _CHECKS[one.name](question, one, value, facts, today):
            return sentence
    return None


def not_yet(question: Question) -> str:
    """Say that the day given to *question* has yet to come."""
    return f"{question.title} must be today or in the past"


def _not_in_the_future(question: Question, _check: Check, value: Any, _facts: Facts, today: date) -> str | None:
    return not_yet(question) if value > today.isoformat() else None


def _in_the_future(question: Question, _check: Check, value: Any, _facts: Facts, today: date) -> str | None:
    return f"{question.title} must be in the future" if value <= today.isoformat() else None


def _not_before(question: Question, one: Check, value: Any, facts: Facts, _today: date) -> str | None:
    other = facts.answer(one.operand)
    if isinstance(other, str) and value < other:
        return f"{question.title} must be on or after {show_day(other)}, the answer to “{one.other}”"
    return None


def _not_after(question: Question, one: Check, value: Any, facts: Facts, _today: date) -> str | None:
    other = facts.answer(one.operand)
    if isinstance(other, str) and value > other:
        return f"{question.title} must be on or before {show_day(other)}, the answer to “{one.other}”"
    return None


def _differs_from(question: Question, one: Check, value: Any, facts: Facts, _today: date) -> str | None:
    return f"{question.title} must be different from “{one.other}”" if value == facts.answer(one.operand) else None


def _at_least(question: Question, one: Check, value: Any, _facts: Facts, _today: date) -> str | None:
    return f"{question.title} must be {one.operand} or more" if value < int(one.operand) else None


def _at_most(question: Question, one: Check, value: Any, _facts: Facts, _today: date) -> str | None:
    return f"{question.title} must be {one.operand} or less" if value > int(one.operand) else None


_CHECKS: dict[str, Callable[[Question, Check, Any, Facts, date], str | None]] = {
    "not_in_the_future": _not_in_the_future,
    "in_the_future": _in_the_future,
    "not_before": _not_before,
    "not_after": _not_after,
    "differs_from": _differs_from,
    "at_least": _at_least,
    "at_most": _at_most,
}
