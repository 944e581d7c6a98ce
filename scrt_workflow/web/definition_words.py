"""What the page of a definition says of its forms, deadlines and reminders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from scrt_workflow import catalogue
from scrt_workflow.forms.schema import Question
from scrt_workflow.operations.definitions import known_types
from scrt_workflow.reference import POSTS
from scrt_workflow.web.requests import database, today
from scrt_workflow.workflows.ahead import roles_in_words
from scrt_workflow.workflows.schema import Definition
from scrt_workflow.workflows.time_rules import ReminderRule
from scrt_workflow.workflows.wording import condition_in_words, escalation_in_words, notice_in_words
from scrt_workflow.working_days import Period

KINDS = {
    "choice": "one of a few answers",
    "choices": "any of a few answers",
    "date": "a date",
    "entry": "a dated note, which adds to those before it",
    "identifier": "a reference",
    "initials": "initials",
    "long_text": "text of several lines",
    "number": "a whole number",
    "partnership": "a safeguarding partnership or board",
    "ranked_choices": "answers from a list, the most important first",
    "review_type": "the type of review",
    "text": "a line of text",
    "url": "a link",
    "yes_no": "yes or no",
}


def with_answers(definition: Definition) -> Definition:
    """Give *definition* for saying its conditions: each answer of a vocabulary, and each type of any workflow, by its label."""
    session, day = database(), today()
    questions = {
        key: replace(one, options=catalogue.terms(session, one.vocabulary, on=day, ever=True)) if one.vocabulary else one
        for key, one in definition.questions.items()
    }
    types = {**known_types(), **definition.workflow.review_types}
    return replace(definition, questions=questions, workflow=replace(definition.workflow, review_types=types))


def forms(definition: Definition) -> list[dict[str, Any]]:
    """Give the forms of a workflow, once each in the order of its steps: their pages, and what each page asks."""
    used = {form.key: form for step in definition.workflow.steps.values() if (form := definition.form_of(step)).pages}
    return [
        {
            "key": form.key,
            "title": form.title,
            "pages": [
                {
                    "title": page.title,
                    "when": condition_in_words(page.show_when, definition) if page.show_when else "",
                    "questions": [_question(definition.questions[key], definition) for key in page.questions],
                }
                for page in form.pages
            ],
        }
        for form in used.values()
    ]


def _question(question: Question, definition: Definition) -> dict[str, str]:
    answers = f": {', '.join(question.options.values())}" if question.options and question.type != "yes_no" else ""
    optional = "" if question.required else ", optional"
    when = f", asked when {condition_in_words(question.show_when, definition)}" if question.show_when else ""
    return {"label": question.label, "kind": f"{KINDS.get(question.type, question.type)}{answers}{optional}{when}"}


def clocks(definition: Definition) -> list[dict[str, str]]:
    """Give the deadlines of a workflow in words."""
    return [
        {
            "title": rule.title,
            "due": f"{rule.due} after {_starting(rule.starts, definition)}",
            "stops": _steps(rule.stops, definition),
            "authority": rule.authority,
        }
        for rule in definition.workflow.clocks.values()
    ]


def reminders(definition: Definition) -> list[dict[str, str]]:
    """Give the reminders of a workflow in words."""
    found = []
    for rule in definition.workflow.reminders.values():
        sentence = f"To {roles_in_words(rule.to)}: {_when(rule, definition)}"
        sentence += f", then every {rule.again_every}" if rule.again_every else ""
        if rule.escalate_after:
            sentence += f"; from the {_ordinal(rule.escalate_after + 1)} on also to {roles_in_words(rule.escalate_to)}"
        found.append({"title": notice_in_words(rule.notice or rule.key, definition), "sentence": f"{sentence}."})
    return found


def escalations(definition: Definition) -> list[dict[str, str]]:
    """Give the escalations of a workflow in words."""
    titles = catalogue.terms(database(), POSTS, on=today(), ever=True)
    return [
        {"title": rule.title, "sentences": " ".join(escalation_in_words(rule, definition, titles))}
        for rule in definition.workflow.escalations.values()
    ]


def _starting(starts: str, definition: Definition) -> str:
    asked, step = definition.questions.get(starts), definition.workflow.steps.get(starts)
    return f"“{asked.title if asked else step.title if step else starts}”"


def _when(rule: ReminderRule, definition: Definition) -> str:
    """Say when the first reminder of *rule* is sent."""
    if not rule.deadline:
        return f"{rule.after} after {_since(rule.since, definition)}"
    clock = definition.workflow.clocks.get(rule.deadline)
    due = f"the deadline “{clock.title if clock else rule.deadline}”"
    if rule.before:
        return f"once, {rule.before} before {due}"
    return f"on the day of {due}" if Period.parse(rule.after).amount == 0 else f"{rule.after} after {due}"


def _since(since: Iterable[str], definition: Definition) -> str:
    words = [_starting(key, definition) for key in since]
    return words[0] if len(words) == 1 else f"the last of {', '.join(words[:-1])} and {words[-1]}"


def _steps(keys: Iterable[str], definition: Definition) -> str:
    return " or ".join(f"“{definition.workflow.steps[key].title}”" for key in keys if key in definition.workflow.steps)


def _ordinal(number: int) -> str:
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
