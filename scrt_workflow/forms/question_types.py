"""The types of question, in a registry: how each is read from a form, put back into it, and shown.

Answers are stored as JSON: a date as "2024-05-03", a choice as its code, ranked choices as codes in rank order,
a number as a number, and a question that was left empty as null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms import Field
from wtforms.widgets import TextInput

from scrt_workflow.forms.schema import Question
from scrt_workflow.text_rules import TextRefusedError, clean

Value = str | int | list[str] | None
EARLIEST_YEAR, LATEST_YEAR = 1900, 2100
MOST_NAMED = 8


class AnswerError(Exception):
    """An answer cannot be taken; the message is the sentence to show beside its question."""


@dataclass(frozen=True, slots=True)
class QuestionType:
    """How one type of question is read from a form's raw values, put back into them, and shown."""

    read: Callable[[Question, Sequence[str], Mapping[str, str]], Value]
    write: Callable[[Value], list[str]]
    show: Callable[[Value, Mapping[str, str]], str | list[str]]


class QuestionField(Field):
    """A WTForms field that holds one question; its data is the value to store, and its raw data what was typed."""

    widget = TextInput()

    def __init__(self, question: Question, options: Mapping[str, str], *, note: str = "", **kwargs: Any) -> None:
        """Ask *question*, offering *options* (value to label) where its type has any; a *note* follows its hint."""
        super().__init__(question.label, description=f"{question.hint} {note}".strip(), **kwargs)
        self.question, self.options = question, options
        self.data: Value = None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; a `ValueError` becomes the field's error."""
        self.data = None
        try:
            self.data = TYPES[self.question.type].read(self.question, valuelist, self.options)
        except AnswerError as problem:
            raise ValueError(str(problem)) from problem
        except TextRefusedError as problem:
            sentence = str(problem)
            raise ValueError(f"{self.question.title.rstrip('?')}: {sentence[:1].lower()}{sentence[1:]}") from problem

    def _value(self) -> str:
        return self.typed[0] if self.typed else ""

    @property
    def typed(self) -> list[str]:
        """Give what was typed, a string for each control of the question."""
        return [str(value) for value in self.raw_data or []]


TYPES: dict[str, QuestionType] = {}
_Read = Callable[[Question, Sequence[str], Mapping[str, str]], Value]


def question_type(
    name: str,
    *,
    write: Callable[[Any], list[str]] = lambda value: [] if value is None else [str(value)],
    show: Callable[[Any, Mapping[str, str]], str | list[str]] = lambda value, _: "" if value is None else str(value),
) -> Callable[[_Read], _Read]:
    """Register the function that reads answers to questions of type *name*."""

    def register(read: _Read) -> _Read:
        TYPES[name] = QuestionType(read, write, show)
        return read

    return register


def named(question: Question) -> str:
    """Give the question's title as it stands inside a sentence: 'incident date', but 'StEIS number'."""
    title = question.title.rstrip("?")
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _only(valuelist: Sequence[str]) -> str:
    return valuelist[0] if valuelist else ""


@question_type("text")
@question_type("identifier")
@question_type("initials")
def text(question: Question, valuelist: Sequence[str], _options: Mapping[str, str]) -> Value:
    """Read one line of text."""
    return clean(_only(valuelist), max_length=question.max_length, one_line=True) or None


@question_type("long_text")
@question_type("entry")
def long_text(question: Question, valuelist: Sequence[str], _options: Mapping[str, str]) -> Value:
    """Read text of several lines."""
    return clean(_only(valuelist), max_length=question.max_length) or None


@question_type("url")
def url(question: Question, valuelist: Sequence[str], options: Mapping[str, str]) -> Value:
    """Read a link that starts with https:// and has no user name or spaces in it."""
    link = text(question, valuelist, options)
    if not isinstance(link, str):
        return None
    host = link.removeprefix("https://").split("/")[0].split("?")[0].split("#")[0]
    if not link.startswith("https://") or "." not in host or "@" in host or any(c.isspace() or c in '<>"\\^`{|}' for c in link):
        raise AnswerError("Enter a link that starts with https://, for example https://www.example.org/report.pdf")
    return link


@question_type("number")
def number(question: Question, valuelist: Sequence[str], _options: Mapping[str, str]) -> Value:
    """Read a whole number."""
    typed = _only(valuelist).strip().replace(",", "")
    if not typed:
        return None
    if not typed.removeprefix("-").isascii() or not typed.removeprefix("-").isdigit() or len(typed) > 10:
        raise AnswerError(f"{question.title} must be a whole number, like 12")
    if abs(int(typed)) > 2_000_000_000:
        raise AnswerError(f"{question.title} must be smaller than 2,000,000,000")
    return int(typed)


def _day_parts(value: str | None) -> list[str]:
    if value is None:
        return []
    day = date.fromisoformat(value)
    return [str(day.day), str(day.month), str(day.year)]


def show_day(value: str | None, _options: Mapping[str, str] | None = None) -> str:
    """Show a stored date as people write it: 3 May 2024."""
    if not value:
        return ""
    day = date.fromisoformat(value)
    return f"{day.day} {day:%B %Y}"


_MONTHS = {date(2000, month, 1).strftime(form).casefold(): month for month in range(1, 13) for form in ("%B", "%b")}


@question_type("date", write=_day_parts, show=show_day)
def day(question: Question, valuelist: Sequence[str], _options: Mapping[str, str]) -> Value:
    """Read a date from its day, month and year (the month may be a name); `2024-05-03` in one piece is read too."""
    parts = [part.strip() for part in valuelist]
    if len(parts) == 1:
        parts = parts[0].split("-")[::-1] if "-" in parts[0] else parts[0].replace("/", " ").split()
    if not any(parts):
        return None
    missing = [name for name, part in zip(("day", "month", "year"), [*parts, "", "", ""], strict=False) if not part]
    if missing:
        raise AnswerError(f"{question.title} must include a {' and '.join(missing)}")
    month = _MONTHS.get(parts[1].casefold(), parts[1])
    try:
        numbers = [int(str(part)) for part in (parts[2], month, parts[0]) if str(part).isascii() and len(str(part)) < 5]
        found = date(*numbers) if len(parts) == 3 else None
    except (TypeError, ValueError):
        found = None
    if found is None:
        raise AnswerError(f"{question.title} must be a real date, for example 27 3 2024")
    if not EARLIEST_YEAR <= found.year <= LATEST_YEAR:
        raise AnswerError(f"{question.title}: enter the year with 4 numbers, for example 2024")
    return found.isoformat()


def code_of(value: str, options: Mapping[str, str]) -> str | None:
    """Give the code that *value*, a code or the exact label of one, stands for; None if it is neither."""
    if value in options:
        return value
    return next((code for code, label in options.items() if label == value), None)


def _code(question: Question, typed: str, options: Mapping[str, str]) -> str:
    if (code := code_of(typed, options)) is None:
        named = f": {', '.join(options.values())}" if len(options) <= MOST_NAMED else ""
        raise AnswerError(f"{question.title}: choose one of the answers that are offered{named}")
    return code


@question_type("choice", show=lambda value, options: options.get(value, value or ""))
@question_type("partnership", show=lambda value, options: options.get(value, value or ""))
@question_type("review_type", show=lambda value, options: options.get(value, value or ""))
@question_type("yes_no", show=lambda value, options: options.get(value, value or ""))
def choice(question: Question, valuelist: Sequence[str], options: Mapping[str, str]) -> Value:
    """Read one answer of those offered, by its code or its exact label."""
    typed = _only(valuelist).strip()
    return _code(question, typed, options) if typed else None


def _listed(value: list[str] | None, options: Mapping[str, str]) -> list[str]:
    return [options.get(code, code) for code in value or []]


@question_type("choices", write=lambda value: list(value or []), show=_listed)
@question_type("ranked_choices", write=lambda value: list(value or []), show=_listed)
def choices(question: Question, valuelist: Sequence[str], options: Mapping[str, str]) -> Value:
    """Read several answers; the order given is the rank. No answer may come twice, nor more than the question takes."""
    codes = [_code(question, typed.strip(), options) for typed in valuelist if typed.strip()]
    if len(set(codes)) < len(codes):
        raise AnswerError(f"{question.title}: the same answer is chosen twice. Choose another, or leave one empty")
    if question.at_most and len(codes) > question.at_most:
        raise AnswerError(f"{question.title}: choose at most {question.at_most}")
    return codes or None


def show(question: Question, value: Value, options: Mapping[str, str]) -> str | list[str]:
    """Show *value*, an answer to *question*, in words; a list for questions that take several answers."""
    return TYPES[question.type].show(value, options)


def typed_from(question: Question, value: Any) -> list[str]:
    """Give the raw form values that would be read as *value*, so that a stored answer can be shown in its form again."""
    if isinstance(value, list) and question.type not in {"choices", "ranked_choices"}:
        raise AnswerError(f"{question.title} takes one answer, not a list")
    if question.type in {"choices", "ranked_choices"} and isinstance(value, str):
        return [value]
    if question.type == "date" and isinstance(value, str):
        return [value] if day(question, [value], {}) is None else _day_parts(str(day(question, [value], {})))
    return TYPES[question.type].write(value)
