"""How each type of question looks on a page, and how a page's questions are arranged."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from dataclasses import field as made_by

from wtforms import Field

from scrt_workflow.conditions import All, AnyOf, Condition, Test
from scrt_workflow.forms.builder import REASON, SHORTEST_REASON, PageForm
from scrt_workflow.forms.question_types import QuestionField
from scrt_workflow.web import nhs
from scrt_workflow.web.nhs import Look, Option, Part

MOST_RADIOS = 8
"""From one more on, the options of a choice are a select: a page of radios is longer than people read."""
NO_ANSWER = "No answer"
NOT_A_REASON = f"Say why in {SHORTEST_REASON} to 300 characters, without anything that identifies a person"
WIDTHS = {"identifier": 20, "number": 10}
"""How wide, in characters, the input of a type is whatever its longest answer."""

QuestionLook = Callable[[QuestionField, Look], Look]
_LOOKS: dict[str, QuestionLook] = {}


def looks_like(*types: str) -> Callable[[QuestionLook], QuestionLook]:
    """Register the look of the question *types*."""

    def register(look: QuestionLook) -> QuestionLook:
        _LOOKS.update(dict.fromkeys(types, look))
        return look

    return register


@nhs.drawn_for("QuestionField")
def question_look(asked: QuestionField, plain: Look) -> Look:
    """Describe a question of a definition; raises KeyError for a type that has no look."""
    question = asked.question
    look = replace(plain, is_optional=not question.required and not question.show_when, max_length=question.max_length)
    return _LOOKS[question.type](asked, look)


@looks_like("identifier", "initials", "number", "text", "url")
def line(asked: QuestionField, look: Look) -> Look:
    """Draw one line of text."""
    kind = asked.question.type
    attributes = {"type": "url" if kind == "url" else "text"}
    if kind != "text":
        attributes["spellcheck"] = "false"
    if kind in {"number", "url"}:
        attributes["inputmode"] = "numeric" if kind == "number" else "url"
    width = nhs.width_class(WIDTHS.get(kind, look.max_length))
    return nhs.further(look, classes=width, **attributes)


@looks_like("entry", "long_text")
def text(_asked: QuestionField, look: Look) -> Look:
    """Draw text of several lines, with its count."""
    return replace(look, component="character_count", rows=nhs.rows_for(look.max_length))


@looks_like("date")
def date(asked: QuestionField, look: Look) -> Look:
    """Draw a day, a month and a year."""
    return nhs.date_in_parts(look, asked.typed)


@looks_like("choice", "review_type", "yes_no")
def choice(asked: QuestionField, look: Look) -> Look:
    """Draw one answer of a few: radios; a select when they are many, or when an answer can be taken back."""
    if len(asked.options) > MOST_RADIOS or not asked.question.required:
        return select(asked, look)
    return replace(look, component="radios", options=_options(asked, with_ids=True))


@looks_like("partnership")
def select(asked: QuestionField, look: Look) -> Look:
    """Draw one answer of many; one that need not be given can be taken back."""
    options = _options(asked, with_ids=False)
    if asked.question.required:
        return replace(look, component="select", options=nhs.with_blank(options))
    return replace(look, component="select", options=(Option("", "", NO_ANSWER, "", not any(asked.typed)), *options))


@looks_like("choices")
def checkboxes(asked: QuestionField, look: Look) -> Look:
    """Draw any answers of several."""
    return replace(look, component="checkboxes", options=_options(asked, with_ids=True))


@looks_like("ranked_choices")
def ranked_choices(asked: QuestionField, look: Look) -> Look:
    """Draw several answers of many in order of rank: a select for each, 'Theme 1 (main)', 'Theme 2', 'Theme 3'."""
    noun = asked.question.vocabulary.replace("_", " ").removesuffix("s").capitalize() or "Choice"
    typed = asked.typed
    parts = tuple(
        Part(
            id=nhs.numbered(look.id, rank),
            label=f"{noun} {rank} (main)" if rank == 1 else f"{noun} {rank}",
            value=typed[rank - 1] if rank <= len(typed) else "",
            width=0,
        )
        for rank in range(1, (asked.question.at_most or 3) + 1)
    )
    return replace(look, component="ranked_choices", parts=parts, options=_options(asked, with_ids=False))


def _options(asked: QuestionField, *, with_ids: bool) -> tuple[Option, ...]:
    typed = asked.typed
    return tuple(
        Option(nhs.numbered(asked.id, position) if with_ids else "", value, label, "", value in typed)
        for position, (value, label) in enumerate(asked.options.items(), 1)
    )


@dataclass(slots=True)
class Arranged:
    """A field in its place: `reveals` holds the fields shown under one of its options, `reason` why a word may stay."""

    field: Field
    reveals: dict[str, list[Field]] = made_by(default_factory=dict)
    reason: Look | None = None


def arranged(form: Iterable[Field]) -> list[Arranged]:
    """Put the fields of *form* in order; a question asked because of one answer to earlier radios goes under it.

    Where a likely identifier was found, the control that says why it must stay follows its question (IN9).
    """
    placed: dict[str, Arranged] = {}
    for one in form:
        if one.type in {"CSRFTokenField", "HiddenField"}:
            continue
        here = Arranged(one, reason=_reason(form, one))
        above = _asked_under(one)
        parent = placed.get(above.question) if above else None
        if above and parent and here.reason is None and nhs.look_of(parent.field).component == "radios":
            parent.reveals.setdefault(above.values[0], []).append(one)
        else:
            placed[one.name] = here
    return list(placed.values())


def _asked_under(one: Field) -> Test | None:
    """Give the one answer because of which *one* is asked, if that is all that its condition says."""
    condition: Condition | None = one.question.show_when if isinstance(one, QuestionField) else None
    while isinstance(condition, All | AnyOf) and len(condition.parts) == 1:
        (condition,) = condition.parts
    if isinstance(condition, Test) and condition.operator == "in" and len(condition.values) == 1:
        return condition
    return None


def _reason(form: Iterable[Field], one: Field) -> Look | None:
    """Give the control that asks why what looks like an identifier must stay, where one was found."""
    if not isinstance(form, PageForm) or one.name not in form.in_doubt:
        return None
    name = one.name + REASON
    typed = " ".join(form.raw.get(name, ()))
    refused = bool(typed.strip()) and one.name not in form.pid_reasons
    return Look(
        component="text",
        id=name,
        name=name,
        label="If it must stay as it is, say why",
        hint="For example: it is the name of a law, not of a person. Your reason is kept on the record.",
        error=NOT_A_REASON if refused else "",
        is_optional=False,
        value=typed,
        attributes={"type": "text"},
    )
