"""Invented answers: what fills a form in a rehearsal, and what stands for the free text of a recorded history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from scrt_workflow.conditions import Facts, holds
from scrt_workflow.forms.builder import PageForm, Raw, Reading, Setting, read_form
from scrt_workflow.forms.question_types import typed_from
from scrt_workflow.forms.schema import Form, Question

SENTENCE = "This was invented for a rehearsal."
FILLED_IN = f"{SENTENCE} Nothing in it is about anybody."
SHORT, MIDDLING, LONG = 40, 400, 2000
"""The lengths to which invented text is written, in characters: a text of up to the first stands for one that was as short."""
DAYS = (0, -1, -7, -30, -90, -365, 1, 30, 90, 365)


def fill_in(form: Form, questions: Mapping[str, Question], setting: Setting, typed: Raw) -> dict[str, list[str]]:
    """Fill in every question that comes into play and was left empty with an invented answer that its checks let pass.

    What was *typed* stays. A question for which no such answer is found stays empty.
    """
    raw = {name: list(values) for name, values in typed.items()}
    tried: set[str] = set()
    while question := _first_empty(reading := read_form(form, questions, setting, raw), setting, raw, tried):
        tried.add(question.key)
        for answer in _answers(question, setting, reading):
            attempt = {**raw, question.key: typed_from(question, answer)}
            if question.key not in read_form(form, questions, setting, attempt).errors:
                raw = attempt
                break
    return raw


def _first_empty(reading: Reading, setting: Setting, raw: Raw, tried: set[str]) -> Question | None:
    facts = Facts({**setting.facts.answers, **reading.answers}, setting.facts.ever)
    for page in reading.pages:
        for asked in page:
            question = asked.question
            if question.key not in tried and not any(raw.get(question.key, [])) and holds(question.show_when, facts):
                return question
    return None


def _answers(question: Question, setting: Setting, reading: Reading) -> Iterator[Any]:
    """Give answers to try, the likeliest first."""
    options = list(_options(question, setting, reading.pages))
    if question.type in {"choices", "ranked_choices"}:
        yield from ([one] for one in options)
    elif options:
        yield from options
    elif question.type == "date":
        known = {**setting.facts.answers, **reading.answers}
        near = [_day(known.get(check.operand)) for check in question.checks]
        days = [setting.today, *(day for day in near if day)]
        yield from ((day + timedelta(days=by)).isoformat() for day in days for by in DAYS)
    elif question.type == "number":
        bounds = [int(check.operand) for check in question.checks if check.operand.isdigit()]
        yield from (1, *bounds, *(bound + 1 for bound in bounds), 0)
    elif question.type in {"entry", "long_text"}:
        yield FILLED_IN[: question.max_length].strip()
    else:
        yield from (stand_in(question, length=SHORT, number=number) for number in range(3))


def _options(question: Question, setting: Setting, pages: tuple[PageForm, ...]) -> Mapping[str, str]:
    asked = (one for page in pages for one in page if one.question.key == question.key)
    return next((one.options for one in asked), None) or setting.options(question)


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def stand_in(question: Question, *, length: int, number: int = 0) -> str:
    """Invent a text for *question* in the place of one of *length* characters: as short, middling or long as that was.

    *number* gives another of the same kind.
    """
    if question.type == "url":
        return f"https://example.org/invented-{number + 1}"
    if question.type == "initials":
        return ("AB", "CD", "EF")[number % 3]
    if question.type == "identifier":
        return f"{2020 + number % 5}/{1001 + number}"
    most = next((most for most in (SHORT, MIDDLING, LONG) if length <= most), LONG)
    words = " ".join([SENTENCE] * max(1, most // (len(SENTENCE) + 1)))
    return words[: question.max_length].strip() or "x"
