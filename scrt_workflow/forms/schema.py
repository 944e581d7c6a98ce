"""What a question, a page and a form are, and how they are read from `forms/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scrt_workflow.conditions import WORDS, Condition, ConditionReader
from scrt_workflow.yaml_reader import Fields, Items, Map, Problems, Text, did_you_mean

QUESTION_TYPES = (
    "choice", "choices", "date", "entry", "identifier", "initials", "long_text", "number", "partnership", "ranked_choices",
    "review_type", "text", "url", "yes_no",
)  # fmt: skip
CLOSED_LISTS = frozenset({"choice", "choices", "partnership", "ranked_choices", "review_type", "yes_no"})
"""Types whose answers come from a list, so that they hold no free text and each value may be kept in the history."""
FREE_TEXTS = frozenset({"entry", "identifier", "long_text", "text", "url"})
CHECKS = ("not_in_the_future", "in_the_future", "not_before", "not_after", "differs_from", "at_least", "at_most")
_CHECKS_OF_TYPE = {
    "date": {"not_in_the_future", "in_the_future", "not_before", "not_after"},
    "number": {"at_least", "at_most"},
}
PID_RISKS = ("none", "low", "medium", "high")
DEFAULT_LENGTHS = {"text": 200, "identifier": 40, "initials": 5, "url": 500, "long_text": 4000, "entry": 4000}
RESERVED_KEYS = frozenset({"action", "csrf_token", "form", "organisation", "questions", "read_at", "workflow"})
LONGEST_VALUE = 60  # characters of an option, for columns of keys hold it
YES_NO = {"yes": "Yes", "no": "No"}


@dataclass(frozen=True, slots=True)
class Check:
    """A named check of an answer, such as `not_before` with the question it compares with."""

    name: str
    operand: str = ""
    other: str = field(default="", compare=False)  # the title of the question that the operand names
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Question:
    """One question: a stable key and type, and a wording that may change."""

    key: str
    type: str
    label: str
    hint: str = ""
    short_label: str = ""
    required: bool = True
    required_error: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    vocabulary: str = ""
    at_most: int | None = None
    checks: tuple[Check, ...] = ()
    show_when: Condition | None = None
    pid: str = "none"
    max_length: int = 200
    typed_by: str = ""
    afresh: bool = False
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    @property
    def title(self) -> str:
        """Give the short label, for tables and lists, or the label where there is none."""
        return self.short_label or self.label

    @property
    def is_filled_in(self) -> bool:
        """Say whether a form shows the answer on record: not of an entry, which adds, nor of what is asked afresh."""
        return self.type != "entry" and not self.afresh


def a_question(kind: str) -> str:
    """Say what a question of type *kind* is: 'a date question', 'an entry question'."""
    return f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind} question"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a form: the questions shown together."""

    key: str
    title: str
    questions: tuple[str, ...]
    intro: str = ""
    show_when: Condition | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Form:
    """The pages that a person is guided through to complete a step."""

    key: str
    title: str
    pages: tuple[Page, ...]
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    @property
    def questions(self) -> tuple[str, ...]:
        """Give the keys of all its questions, in the order asked."""
        return tuple(question for page in self.pages for question in page.questions)


def read_questions(node: Map, *, file: str, problems: Problems) -> dict[str, Question]:
    """Read the question bank: a map of question key to question."""
    bank = Fields(node, file=file, problems=problems, place="")
    questions = {}
    for key, inner in node.items():
        if not bank.is_key(key):
            continue
        questions[str(key)] = _question(key, inner, file, problems)
    return {key: replace(made, checks=_named(made.checks, questions)) for key, made in questions.items()}


def _named(checks: tuple[Check, ...], questions: Mapping[str, Question]) -> tuple[Check, ...]:
    """Give *checks* with the titles of the questions they compare with."""
    return tuple(replace(one, other=questions[one.operand].title) if one.operand in questions else one for one in checks)


def _question(key: Text, node: Any, file: str, problems: Problems) -> Question:
    fields = Fields(node, file=file, problems=problems, place=key)
    kind = str(fields.one_of("type", QUESTION_TYPES, default="text", required=True))
    made = Question(
        key=str(key),
        type=kind,
        label=str(fields.text("label", required=True, longest=300)),
        hint=str(fields.text("hint", longest=1000)),
        short_label=str(fields.text("short_label", longest=100)),
        required=fields.yes_no("required", default=True),
        required_error=str(fields.text("required_error", longest=300)),
        options=_options(fields, kind),
        vocabulary=str(fields.text("vocabulary", longest=60)),
        at_most=fields.number("at_most", smallest=1, largest=50) or (3 if kind == "ranked_choices" else None),
        checks=_checks(fields, kind),
        show_when=_condition(fields, "show_when"),
        pid=str(fields.one_of("pid", PID_RISKS, default="high" if kind in FREE_TEXTS else "none")),
        max_length=fields.number("max_length", smallest=1, largest=20_000) or DEFAULT_LENGTHS.get(kind, 200),
        typed_by=str(fields.text("typed_by", longest=60)),
        afresh=fields.yes_no("afresh"),
        file=file,
        line=key.line,
    )
    _check_fit(made, fields)
    fields.done()
    return made


def _check_fit(question: Question, fields: Fields) -> None:
    """Report attributes that do not fit the question's type."""
    lists = question.type in {"choice", "choices", "ranked_choices"}
    if lists and not question.options and not question.vocabulary:
        fields.problem(question.line, f"{a_question(question.type)} needs options, or the name of a vocabulary.")
    if lists and question.options and question.vocabulary:
        fields.problem(fields.line_of("vocabulary"), "give options or a vocabulary, not both.")
    if not lists and (question.vocabulary or (question.options and question.type != "yes_no")):
        fields.problem(
            question.line, f"{a_question(question.type)} has no options. Is its type choice, choices or ranked_choices?"
        )
    if question.typed_by and question.type != "identifier":
        fields.problem(fields.line_of("typed_by"), "typed_by is for identifier questions only.")


def _options(fields: Fields, kind: str) -> dict[str, str]:
    node = fields.any("options")
    if node is None:
        return dict(YES_NO) if kind == "yes_no" else {}
    if isinstance(node, Items) and all(isinstance(item, Text) for item in node):
        node = _keyed(node)
    if not isinstance(node, Map):
        fields.problem(getattr(node, "line", fields.line), "options must be `value: label` lines.")
        return {}
    options: dict[str, str] = {}
    for value, label in node.items():
        if not isinstance(label, Text) or not label.strip():
            fields.problem(value.line, f"options: '{value}' needs a label.")
        elif value in WORDS:
            fields.problem(value.line, f"options: '{value}' is a word that conditions use. Choose another value.")
        elif len(value) > LONGEST_VALUE or not value.strip():
            fields.problem(value.line, f"options: a value is 1 to {LONGEST_VALUE} characters long.")
        else:
            options[str(value)] = str(label)
    return options


def _keyed(items: Items) -> Map:
    made = Map({item: item for item in items})
    made.line = items.line
    return made


def _checks(fields: Fields, kind: str) -> tuple[Check, ...]:
    found = []
    for item in fields.items("checks"):
        name, operand = (item, Text("")) if isinstance(item, Text) else _pair(item)
        fits = _CHECKS_OF_TYPE.get(kind, set()) | {"differs_from"}
        if name not in CHECKS:
            fields.problem(
                getattr(item, "line", fields.line), f"checks: no check is called '{name}'{did_you_mean(name, CHECKS)}."
            )
        elif name not in fits:
            fields.problem(getattr(item, "line", fields.line), f"checks: {name} does not fit {a_question(kind)}.")
        elif (name not in {"not_in_the_future", "in_the_future"}) != bool(operand):
            fields.problem(
                getattr(item, "line", fields.line),
                f"checks: write `{name}`{': question' if not operand else ' alone'}.",
            )
        else:
            found.append(Check(str(name), str(operand), line=name.line))
    return tuple(found)


def _pair(item: Any) -> tuple[Text, Text]:
    if isinstance(item, Map) and len(item) == 1:
        name, operand = next(iter(item.items()))
        if isinstance(operand, Text):
            return name, operand
    return Text("?", getattr(item, "line", 0)), Text("")


def _condition(fields: Fields, key: str) -> Condition | None:
    node = fields.any(key)
    return None if node is None else ConditionReader(fields.file, fields.problems, f"{fields.place}: {key}").read(node)


def read_forms(node: Map, *, file: str, problems: Problems) -> dict[str, Form]:
    """Read one file of `forms/`: one form (it has a `form:` key) or several short ones (`key: [question, ...]`)."""
    if Text("form") in node:
        form = _form(node, file, problems)
        return {form.key: form} if form.key else {}
    outer = Fields(node, file=file, problems=problems, place="")
    return {
        str(key): Form(str(key), _words(key), _short_page(key, inner, file, problems), file, key.line)
        for key, inner in node.items()
        if outer.is_key(key)
    }


def _words(key: str) -> str:
    return key.replace("_", " ").capitalize()


def _short_page(key: Text, node: Any, file: str, problems: Problems) -> tuple[Page, ...]:
    if not isinstance(node, Items) or not all(isinstance(item, Text) for item in node):
        problems.add(file, key.line, f"{key}: a short form is a list of questions. A longer one has a file of its own.")
        return ()
    return (Page(str(key), _words(key), tuple(str(item) for item in node), line=key.line),) if node else ()


def _form(node: Map, file: str, problems: Problems) -> Form:
    fields = Fields(node, file=file, problems=problems, place="")
    key = fields.text("form", required=True)
    fields.place = key if fields.is_key(key) else ""
    title = fields.text("title", default=_words(key), longest=200)
    pages = tuple(_page(item, fields) for item in fields.items("pages"))
    for page in pages:
        if sum(other.key == page.key for other in pages) > 1:
            fields.problem(page.line, f"two pages are called '{page.key}'.")
    fields.done()
    return Form(str(key), str(title), pages, file, fields.line_of("form"))


def _page(node: Any, form: Fields) -> Page:
    fields = Fields(node, file=form.file, problems=form.problems, place=form.place)
    key = fields.text("page", required=True)
    if key:
        fields.is_key(key)
    questions = fields.texts("questions")
    if not questions:
        fields.problem(fields.line, f"the page '{key}' asks no question.")
    page = Page(
        key=str(key),
        title=str(fields.text("title", default=_words(key), longest=200)),
        questions=tuple(questions),
        intro=str(fields.text("intro", longest=2000)),
        show_when=_condition(fields, "show_when"),
        line=fields.line,
    )
    fields.done()
    return page
