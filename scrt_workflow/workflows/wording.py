"""A definition in words: when a step may be taken, what it leads to, and by whom, for people who read no YAML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scrt_workflow.conditions import All, AnyOf, Condition, Not, Test
from scrt_workflow.forms.question_types import show_day
from scrt_workflow.forms.schema import Form
from scrt_workflow.workflows.ahead import roles_in_words
from scrt_workflow.workflows.schema import CLOSED, OPEN, SAME, Definition, Outcome, Step
from scrt_workflow.workflows.time_rules import EscalationRule

_STATES_OF_AN_ANSWER = {"answered": "is answered", "unanswered": "was left empty", "not_asked": "was not asked"}
_COMPARISONS = {
    "in": ("is", "is not"),
    "not_in": ("is not", "is"),
    "ever_in": ("has been, at any time,", "has never been"),
    "before": ("is before", "is not before"),
    "after": ("is after", "is not after"),
    "at_least": ("is at least", "is less than"),
    "at_most": ("is at most", "is more than"),
}
_AMOUNTS_CHOSEN = {"at_least": ("at least", "fewer than"), "at_most": ("at most", "more than")}


def condition_in_words(condition: Condition, definition: Definition) -> str:
    """Say *condition* as part of a sentence: “Public or embargoed” is “Public”."""
    if isinstance(condition, Test):
        return _test(condition, definition, negated=False)
    if isinstance(condition, Not):
        if isinstance(condition.part, Test) and condition.part.operator in _COMPARISONS:
            return _test(condition.part, definition, negated=True)
        return f"it is not so that {condition_in_words(condition.part, definition)}"
    parts = [_bracketed(part, condition, definition) for part in condition.parts]
    return (" and " if isinstance(condition, All) else " or ").join(parts)


def _bracketed(part: Condition, around: Condition, definition: Definition) -> str:
    """Put what is joined by another word than the one *around* it into brackets."""
    words = condition_in_words(part, definition)
    mixed = isinstance(part, All | AnyOf) and len(part.parts) > 1 and type(part) is not type(around)
    return f"({words})" if mixed else words


def _test(test: Test, definition: Definition, *, negated: bool) -> str:
    subject = f"“{_title(test.question, definition)}”"
    if test.operator in _STATES_OF_AN_ANSWER:
        return f"{subject} {_STATES_OF_AN_ANSWER[test.operator]}"
    asked = definition.questions.get(test.question)
    if test.operator in _AMOUNTS_CHOSEN and asked and asked.type in {"choices", "ranked_choices"}:
        return f"{subject} has {_AMOUNTS_CHOSEN[test.operator][negated]} {test.values[0]} chosen"
    return f"{subject} {_COMPARISONS[test.operator][negated]} {_either(_values(test, definition))}"


def _title(question: str, definition: Definition) -> str:
    if question == "review_type":
        return "Type of review"
    asked = definition.questions.get(question)
    return asked.title if asked else question


def _values(test: Test, definition: Definition) -> list[str]:
    if test.operator in {"before", "after"}:
        (value,) = test.values
        return [show_day(value) if value[:1].isdigit() else f"“{_title(value, definition)}”"]
    if test.operator in {"at_least", "at_most"}:
        return list(test.values)
    return [f"“{answer_in_words(test.question, value, definition)}”" for value in test.values]


def answer_in_words(question: str, value: str, definition: Definition) -> str:
    """Give the label of an answer to *question*, or the answer itself where it has none."""
    kind = definition.workflow.review_types.get(value)
    if question == "review_type" and kind is not None:
        return kind.title
    asked = definition.questions.get(question)
    return asked.options.get(value, value) if asked else value


def _either(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def ending_in_words(outcome: Outcome, definition: Definition) -> str:
    """Say briefly what was answered that leads to *outcome*: Public; nothing where no single answer decides it."""
    when = outcome.when
    while isinstance(when, All | AnyOf) and len(when.parts) == 1:
        (when,) = when.parts
    if not isinstance(when, Test) or when.operator != "in":
        return ""
    return _either([answer_in_words(when.question, value, definition) for value in when.values])


def destination_in_words(step: Step, outcome: Outcome, definition: Definition) -> str:
    """Say where *outcome* leads: to a state of this workflow, nowhere, or on under another workflow."""
    states = definition.workflow.states
    if outcome.becomes is not None:
        return f"goes on under the steps of its type ({_plain(outcome.becomes.workflow)})"
    if outcome.to == SAME:
        return "stays where it is"
    title = states[outcome.to].title if outcome.to in states else outcome.to
    if outcome.opens is not None:
        return f"{title}, and a new review is opened ({_plain(outcome.opens.workflow)})"
    return f"{title}, and the review that was opened is withdrawn" if step.withdraws_opened else title


def _plain(key: str) -> str:
    return key.replace("_", " ")


def origin_in_words(step: Step, definition: Definition) -> list[str]:
    """Say from where *step* may be taken; every open, or every closed, stage is said as one."""
    if step.makes:
        return ["A new review"]
    found = []
    left = list(step.comes_from)
    for counts_as, words in ((OPEN, "Any open stage"), (CLOSED, "Any closed stage")):
        every = [state.key for state in definition.workflow.states.values() if state.counts_as == counts_as]
        if len(every) > 2 and set(every) <= set(left):
            found.append(words)
            left = [key for key in left if key not in every]
    return [definition.workflow.states[key].title for key in left if key in definition.workflow.states] + found


@dataclass(frozen=True, slots=True)
class StepInWords:
    """A step as people read it: a row of the table beside a workflow's picture.

    `ends` are the ways it can end: where each leads, and when (empty: always); `rules` are sentences about it.
    """

    step: Step
    form: Form
    comes_from: tuple[str, ...]
    who: str
    ends: tuple[tuple[str, str], ...]
    rules: tuple[str, ...]


def steps_in_words(definition: Definition) -> list[StepInWords]:
    """Give every step of a workflow in words, in the order that they are written."""
    return [
        StepInWords(
            step=step,
            form=definition.form_of(step),
            comes_from=tuple(origin_in_words(step, definition)),
            who=roles_in_words(step.who),
            ends=tuple(_ends(step, definition)),
            rules=tuple(_rules(step, definition)),
        )
        for step in definition.workflow.steps.values()
    ]


def _ends(step: Step, definition: Definition) -> Iterator[tuple[str, str]]:
    for outcome in step.outcomes:
        where = destination_in_words(step, outcome, definition)
        yield where[:1].upper() + where[1:], condition_in_words(outcome.when, definition) if outcome.when else ""


def _rules(step: Step, definition: Definition) -> Iterator[str]:
    """Say what else holds of a step: what it needs, who may not take it, and what it changes about the past."""
    steps, questions = definition.workflow.steps, definition.questions
    yield from (f"Needed: {condition_in_words(guard.when, definition)}. Otherwise: {guard.otherwise}" for guard in step.needs)
    if step.approves:
        titles = _listed(questions[key].title for key in step.approves if key in questions)
        yield f"Approves {titles}. Nobody who wrote one of these, or gave another approval, may take it."
    if step.voids:
        yield f"Ends what was given by {_listed(steps[key].title for key in step.voids if key in steps)}."
    for tell in step.tells:
        when = f", when {condition_in_words(tell.when, definition)}" if tell.when else ""
        yield f"Tells {_everyone(tell.to)} “{notice_in_words(tell.notice, definition)}”{when}."
    if step.withdraws:
        yield "The review then counts nowhere, as if it had never been entered."
    elif step.restates:
        yield "It counts as if it had always been so."


def escalation_in_words(rule: EscalationRule, definition: Definition, posts: Mapping[str, str]) -> Iterator[str]:
    """Say whom an escalation tells and when, and how it stops; *posts* gives the titles of posts."""
    step = definition.workflow.steps.get(rule.acknowledged_by)
    begins = condition_in_words(rule.when, definition) if rule.when else "it is asked for"
    yield f"Begins when {begins}, and anew with a higher answer."
    named = f" and to the posts {_listed(posts.get(post, post) for post in rule.posts)}" if rule.posts else ""
    yield f"Goes to {_everyone(rule.to)}{named}."
    for also in rule.also:
        when = condition_in_words(also.when, definition) if also.when else "it is asked for"
        yield f"When {when}, to {_listed(posts.get(post, post) for post in also.posts)} too."
    yield f"Goes out again every {rule.again_every}, until “{step.title if step else rule.acknowledged_by}” is completed."
    if rule.escalate_after:
        yield f"After {rule.escalate_after} times, to {_everyone(rule.escalate_to)} too."


def _everyone(roles: tuple[str, ...]) -> str:
    return roles_in_words(roles).replace(" or the ", " and the ")


def notice_in_words(key: str, definition: Definition) -> str:
    """Give what a notice is about, as its subject says it before the first colon."""
    wording = definition.workflow.notices.get(key)
    return wording.subject.partition(":")[0] if wording else key.replace("_", " ").capitalize()


def _listed(titles: Iterable[str]) -> str:
    words = [f"“{title}”" for title in titles]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "nothing"
