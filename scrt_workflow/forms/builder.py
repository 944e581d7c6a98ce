"""From the definition of a page to the WTForms class that asks it, with only the questions in play."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast

from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from scrt_workflow.conditions import Facts, holds, questions_in
from scrt_workflow.forms.checks import check, not_yet
from scrt_workflow.forms.question_types import AnswerError, QuestionField, Value, named, typed_from
from scrt_workflow.forms.schema import FREE_TEXTS, Form, Page, Question
from scrt_workflow.privacy import find_pid

Raw = Mapping[str, Sequence[str]]
"""A form's raw values: for each control's name, what was typed."""
REASON = "-reason"
"""What follows a question's key in the name of the control that says why a likely identifier must stay."""
SHORTEST_REASON = 10


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a form is asked: the day it is, the answers offered for a question, what is on record, and which date counts.

    `dates` says of a question, with what is known when it is read, whether what is done counts from its day: not a later one;
    `notes` says beside a question what became of answers that it offered once, of those on record and those typed.
    """

    today: date
    options: Callable[[Question], Mapping[str, str]]
    facts: Facts = field(default_factory=lambda: Facts({}))
    dates: Callable[[str, Facts], bool] = lambda _question, _facts: False
    notes: Callable[[Question, Sequence[str]], str] = lambda _question, _typed: ""


class PageForm(BaseForm):
    """One page of questions, filled from raw values; `validate()` reads them into `answers`, the values to store."""

    def __init__(self, page: Page, questions: Sequence[Question], setting: Setting, raw: Raw) -> None:
        """Ask *questions* in *setting*; *raw* may hold other names too, which are left alone."""
        self.page, self.setting, self.raw = page, setting, raw
        self.answers: dict[str, Value] = {}
        self.pid_reasons: dict[str, str] = {}
        self.in_doubt: set[str] = set()
        shown = [question for question in questions if _may_show(question, page, setting)]
        unbound: dict[str, Any] = {q.key: QuestionField(q, setting.options(q), note=self._note(q)) for q in shown}
        super().__init__(unbound)
        self.process(MultiDict({name: list(raw[name]) for name in self._fields if name in raw}))

    def __iter__(self) -> Iterator[QuestionField]:
        """Give the fields in the order they are asked."""
        return iter(cast("dict[str, QuestionField]", self._fields).values())

    def validate(self, *_: Any, **__: Any) -> bool:
        """Read every question in play, in order (one may depend on those before it), and say whether all are well."""
        self.answers, self.pid_reasons, self.in_doubt = {}, {}, set()
        known = dict(self.setting.facts.answers)
        facts = Facts(known, self.setting.facts.ever)
        for asked in self:
            question = asked.question
            if not holds(question.show_when, facts):
                asked.errors = []
                if known.get(question.key) is not None:
                    known[question.key] = self.answers[question.key] = None
                continue
            known[question.key] = asked.data
            asked.errors = list(asked.process_errors) or self._problems(asked, facts)
            self.answers[question.key] = asked.data
        return not self.errors

    @property
    def errors(self) -> dict[str, list[str]]:  # type: ignore[override]  # ours are sentences only
        """Give the sentences to show, by question."""
        return {asked.question.key: list(asked.errors) for asked in self if asked.errors}

    def _note(self, question: Question) -> str:
        return self.setting.notes(question, self.raw.get(question.key, ())) if question.vocabulary else ""

    def _problems(self, asked: QuestionField, facts: Facts) -> list[str]:
        question, value = asked.question, asked.data
        if value is None:
            return [missing(question)] if question.required or _pair_is_begun(question, facts) else []
        if sentence := check(question, value, facts, today=self.setting.today):
            return [sentence]
        if question.type == "date" and str(value) > self.setting.today.isoformat() and self.setting.dates(question.key, facts):
            return [not_yet(question)]
        return self._pid_problems(question, value)

    def _pid_problems(self, question: Question, value: Value) -> list[str]:
        """Stop likely patient identifiers; a reason given beside them lets them stay, and is kept (IN9)."""
        if question.type not in FREE_TEXTS or question.pid == "none" or not isinstance(value, str):
            return []
        findings = find_pid(value, field="identifier" if question.type in {"identifier", "url"} else "free_text")
        if not findings:
            return []
        self.in_doubt.add(question.key)
        reason = " ".join(self.raw.get(question.key + REASON, [""])).strip()
        if len(reason) >= SHORTEST_REASON and len(reason) <= 300 and not find_pid(reason, field="free_text"):
            self.pid_reasons[question.key] = reason
            return []
        return list(dict.fromkeys(finding.sentence for finding in findings))


def _may_show(question: Question, page: Page, setting: Setting) -> bool:
    """Say whether *question* may come into play: its condition holds already, or another question of the page decides."""
    return bool(questions_in(question.show_when) & set(page.questions)) or holds(question.show_when, setting.facts)


def _pair_is_begun(question: Question, facts: Facts) -> bool:
    return bool(question.typed_by) and isinstance(facts.answer(question.typed_by), str)


def missing(question: Question) -> str:
    """Say what to do about a required question left empty."""
    if question.required_error:
        return question.required_error
    verb = (
        "Select" if question.type in {"choice", "choices", "partnership", "ranked_choices", "review_type", "yes_no"} else "Enter"
    )
    return f"{verb} {named(question)}"


@dataclass(frozen=True)
class Reading:
    """What a whole form came to: the answers of the pages shown, why likely identifiers stay, and what is wrong."""

    answers: dict[str, Value]
    pid_reasons: dict[str, str]
    pages: tuple[PageForm, ...]

    @property
    def errors(self) -> dict[str, list[str]]:
        """Give the sentences to show, by question."""
        return {key: sentences for page in self.pages for key, sentences in page.errors.items()}

    @property
    def first_wrong_page(self) -> str | None:
        """Give the key of the first page that has a mistake, or None."""
        return next((page.page.key for page in self.pages if page.errors), None)


def read_form(form: Form, questions: Mapping[str, Question], setting: Setting, raw: Raw) -> Reading:
    """Read *raw* through every page of *form* that comes into play; later pages know the answers of earlier ones."""
    answers: dict[str, Value] = {}
    reasons: dict[str, str] = {}
    pages: list[PageForm] = []
    for page in form.pages:
        facts = Facts({**setting.facts.answers, **answers}, setting.facts.ever)
        if not holds(page.show_when, facts):
            continue
        made = PageForm(page, [questions[key] for key in page.questions], replace(setting, facts=facts), raw)
        made.validate()
        answers.update(made.answers)
        reasons.update(made.pid_reasons)
        pages.append(made)
    return Reading(answers, reasons, tuple(pages))


def raw_from(answers: Mapping[str, Any], questions: Mapping[str, Question]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Turn stored answers, or those of a history, into a form's raw values; what cannot be is told by question."""
    raw: dict[str, list[str]] = {}
    problems: dict[str, str] = {}
    for key, value in answers.items():
        try:
            raw[key] = typed_from(questions[key], value)
        except AnswerError as problem:
            problems[key] = str(problem)
    return raw, problems
