"""Whether a review can still come to its end, searched for by the engine's own rules: another judge than the linter's walk."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import product
from math import prod
from typing import Any

from scrt_workflow.conditions import NOT_ASKED, Condition, Facts, Test, holds, questions_in, tests_in
from scrt_workflow.forms.schema import Question
from scrt_workflow.workflows.machine import decide, states_lacking_approval, unmet_need
from scrt_workflow.workflows.schema import Definition, Step

Place = tuple[str, frozenset[str], frozenset[tuple[str, Any]], frozenset[tuple[str, str]]]
"""A state, the approvals in force, and, of the questions that conditions look at, the answers on record and those ever given."""
MOST_TOGETHER = 16
DAYS = ("2024-06-03", "2024-06-05")


class WaysOn:
    """Searches the situations that a review can come to under a definition; what is known of one is kept."""

    def __init__(self, definition: Definition, vocabularies: Mapping[str, Collection[str]]) -> None:
        self.definition, self.workflow, self.vocabularies = definition, definition.workflow, vocabularies
        steps = self.workflow.steps.values()
        tests = [test for condition in _that_matter(definition) for test in tests_in(condition)]
        self.tests: dict[str, list[Test]] = {"review_type": [], **{key: [] for step in steps for key in step.approves}}
        for test in tests:
            for key in _named(test):
                self.tests.setdefault(key, []).append(test)
        self.values = {key: {value for test in tests if test.question == key for value in test.values} for key in self.tests}
        self.ever = {(test.question, value) for test in tests if test.operator == "ever_in" for value in test.values}
        self._alike: dict[tuple[str, tuple[bool, ...]], Any] = {}
        self._stands_for: dict[tuple[str, Any], Any] = {}
        self.known: dict[Place, bool] = {}
        self._after: dict[tuple[Place, str], tuple[Place, ...]] = {}
        self.order = {state: number for number, state in enumerate(self.workflow.states)}

    def place(
        self, state: str, in_force: Collection[str], answers: Mapping[str, Any], ever: Mapping[str, Collection[str]]
    ) -> Place:
        """Give where a review stands, as far as it decides anything."""
        kept = frozenset((key, self._like(key, value)) for key, value in answers.items() if key in self.tests)
        return state, frozenset(in_force), kept, frozenset(one for one in self.ever if one[1] in ever.get(one[0], ()))

    def _like(self, key: str, value: Any) -> Any:
        """Give the answer that stands for all that no condition tells from *value*; dates may be compared, so each is its own."""
        value = tuple(value) if isinstance(value, list) else value
        if (key, value) not in self._stands_for:
            facts = Facts({key: list(value) if isinstance(value, tuple) else value})
            met = tuple(holds(test, facts) for test in self.tests[key])
            own = value is None or any(test.operator in {"before", "after"} for test in self.tests[key])
            self._stands_for[key, value] = value if own else self._alike.setdefault((key, met), value)
        return self._stands_for[key, value]

    def can_end(self, start: Place) -> bool:
        """Say whether some steps, each with some answers, take the review to its end."""
        came_from: dict[Place, Place | None] = {start: None}
        wanted = [start]
        while wanted:
            place = wanted.pop()
            if self.known.get(place) or self.workflow.states[place[0]].final:
                self._note_ending(place, came_from)
                return True
            if place in self.known:
                continue
            for step in self.steps_at(place):
                for after in self.after(place, step):
                    if after not in came_from:
                        came_from[after] = place
                        wanted.append(after)
                        if self.known.get(after) or self.workflow.states[after[0]].final:
                            self._note_ending(after, came_from)
                            return True
            wanted.sort(key=lambda one: self.order[one[0]])
        self.known.update(dict.fromkeys(came_from, False))
        return False

    def _note_ending(self, place: Place, came_from: Mapping[Place, Place | None]) -> None:
        found: Place | None = place
        while found is not None:
            self.known[found] = True
            found = came_from[found]

    def steps_at(self, place: Place) -> list[Step]:
        """Give the steps that may be taken, being withdrawn aside."""
        return [step for step in self.workflow.steps_from[place[0]] if not step.withdraws]

    def after(self, place: Place, step: Step) -> tuple[Place, ...]:
        """Give where a step leads; raises NoOutcomeError where it can be completed and nothing is said of what follows."""
        if (found := self._after.get((place, step.key))) is None:
            found = self._after[place, step.key] = tuple(dict.fromkeys(self._taken(place, step)))
        return found

    def _taken(self, place: Place, step: Step) -> Iterator[Place]:
        state, in_force, kept, ever_given = place
        answers = {key: list(value) if isinstance(value, tuple) else value for key, value in kept}
        ever: dict[str, set[str]] = {}
        for key, value in ever_given:
            ever.setdefault(key, set()).add(value)
        for given in self._completions(step, Facts(answers, ever)):
            now = {key: {*ever.get(key, ()), *_values(given.get(key))} for key in {*ever, *given}}
            facts = Facts({**answers, **given}, now)
            if unmet_need(step, facts):
                continue
            changed = {key for key, value in given.items() if answers.get(key, NOT_ASKED) != value}
            made = decide(self.workflow, step, state, facts, changed=changed, in_force=in_force)
            assert made.outcome.becomes is None, "this judge follows a review in its own workflow only"
            standing = (set(in_force) - set(made.ends)) | ({made.gives} if made.gives else set())
            if made.state == state or not states_lacking_approval(self.workflow, made.state, standing):
                yield self.place(made.state, standing, facts.answers, now)

    def _completions(self, step: Step, facts: Facts) -> Iterator[dict[str, Any]]:
        """Give ways to fill in a form: every one where they are few, else what the step itself looks at, or one answer more."""
        form = self.definition.form_of(step)
        choices = {key: self._answers(key, facts) for key in form.questions if key in self.tests}
        deciding = {key for guard in step.needs for key in _named(guard.when)}
        deciding |= {key for outcome in step.outcomes for key in _named(outcome.when)}
        first = {key: several[0] for key, several in choices.items()}
        if prod(map(len, choices.values())) <= MOST_TOGETHER:
            deciding |= set(choices)
        freely = [key for key in choices if key in deciding]
        several = [{**first, **dict(zip(freely, one, strict=True))} for one in product(*(choices[key] for key in freely))]
        several += [{**first, key: value} for key in choices.keys() - deciding for value in choices[key][1:]]
        for typed in several:
            yield self._as_shown(step, facts, typed)

    def _as_shown(self, step: Step, facts: Facts, typed: Mapping[str, Any]) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for page in self.definition.form_of(step).pages:
            if not holds(page.show_when, Facts({**facts.answers, **given}, facts.ever)):
                continue
            for key in (one for one in page.questions if one in typed):
                condition = self.definition.questions[key].show_when
                if holds(condition, Facts({**facts.answers, **given}, facts.ever)):
                    given[key] = typed[key]
                elif facts.answer(key) is not NOT_ASKED and _named(condition) & set(page.questions):
                    given[key] = None
        return given

    def _answers(self, key: str, facts: Facts) -> list[Any]:
        """Give answers to a question, the one on record first: those that conditions name, others, and none where it may be."""
        question = self.definition.questions[key]
        offered = self._offered(question)
        if question.type in {"choices", "ranked_choices"}:
            offered = [[one] for one in offered]
        on_record = facts.answer(key)
        first = [on_record] if on_record not in (NOT_ASKED, None) else []
        found = [*first, *offered, *([] if question.required else [None])]
        return [one for place, one in enumerate(found) if one not in found[:place]]

    def _offered(self, question: Question) -> list[Any]:
        if question.type == "review_type":
            return list(self.workflow.review_types)
        if question.type == "date":
            return list(DAYS)
        if question.type == "number":
            sizes = {int(value) for value in self.values[question.key]} | {3}
            return sorted({size + more for size in sizes for more in (-1, 0, 1)})
        options = list(self.vocabularies[question.vocabulary] if question.vocabulary else question.options)
        if not options:
            return ["Said", "Said otherwise"]
        named = [one for one in options if one in self.values[question.key]]
        return [*named, *[one for one in options if one not in named][:2]]


def _named(condition: Condition | None) -> set[str]:
    return questions_in(condition) if condition is not None else set()


def _values(answer: Any) -> list[str]:
    return answer if isinstance(answer, list) else [answer] if isinstance(answer, str) else []


def _that_matter(definition: Definition) -> list[Condition]:
    """Give the conditions that decide where reviews go, and those by which what they look at, or what is approved, is asked."""
    steps = definition.workflow.steps.values()
    found = [guard.when for step in steps for guard in step.needs]
    found += [outcome.when for step in steps for outcome in step.outcomes if outcome.when]
    pages = [page for step in steps for page in definition.form_of(step).pages]
    asked = [
        (key, one) for page in pages for key in page.questions for one in (page.show_when, definition.questions[key].show_when)
    ]
    known: set[str] = set()
    wanted = {key for step in steps for key in step.approves} | {key for condition in found for key in _named(condition)}
    while new := wanted - known:
        known |= new
        more = [condition for key, condition in asked if key in new and condition]
        found += more
        wanted |= {key for condition in more for key in _named(condition)}
    return found
