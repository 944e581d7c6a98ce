"""How a form can be completed: every way that its answers may come out, as far as conditions tell them apart.

As forms do: a page that is not shown leaves its answers alone, and so does a question whose condition cannot come true
on its page; a question taken away by another answer on its page is emptied.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from scrt_workflow.conditions import Condition, questions_in
from scrt_workflow.forms.schema import Page, Question
from scrt_workflow.lint.answers import MOST_COMBINATIONS, TooManyError
from scrt_workflow.lint.layout import Layout, Variable
from scrt_workflow.lint.truths import Truth
from scrt_workflow.workflows.schema import Definition, Step

Ending = tuple[int, int]
"""Which bits a completed form writes, and what it writes there (with what was ever answered, which it only adds to)."""


COST = 30
"""What a way to complete a form takes off the budget."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question on a page: when it is shown, whether it is emptied when it is not, and what may be answered."""

    variable: Variable
    shown: Truth
    emptied: bool
    answers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AskedPage:
    """A page with at least one question that conditions look at."""

    shown: Truth
    questions: tuple[AskedQuestion, ...]


class Completion:
    """The form of one step, ready to be completed in any situation.

    `surely` are the bits that every completion writes, `looks_at` those that decide how it can be completed, and
    `needs` those of them that must be on record beforehand.
    """

    def __init__(self, definition: Definition, step: Step, layout: Layout) -> None:
        """Make the form of *step* ready for situations that are laid out so."""
        self.pages, self.budget = tuple(_asked_pages(definition, step, layout)), layout.budget
        self.surely = self.looks_at = self.needs = 0
        for page in self.pages:
            self._note(page.shown.mask)
            for one in page.questions:
                self._note(one.shown.mask)
                if page.shown.mask or one.shown.mask or page.shown.pairs or one.shown.pairs:
                    self.looks_at |= one.variable.mask
                else:
                    self.surely |= one.variable.mask

    def _note(self, mask: int) -> None:
        self.looks_at |= mask
        self.needs |= mask & ~self.surely

    def endings(self, bits: int) -> set[Ending]:
        """Give every way in which the form may be completed in situation *bits*. Raises TooManyError."""
        found: set[Ending] = {(0, 0)}
        for page in self.pages:
            after: set[Ending] = set()
            for written, given in found:
                for shown in page.shown.may(bits & ~written | given):
                    after |= _on_page(page, bits, (written, given)) if shown else {(written, given)}
            found = after
            self.budget.spend(COST * len(found))
        return found


def _on_page(page: AskedPage, bits: int, before: Ending) -> set[Ending]:
    found = {before}
    for one in page.questions:
        mask = one.variable.mask
        after: set[Ending] = set()
        for written, given in found:
            now = bits & ~written | given
            for shown in one.shown.may(now):
                if shown:
                    after |= {(written | mask, given & ~mask | answer) for answer in one.answers}
                elif one.emptied:
                    after |= {(written | mask, given & ~mask | left) for left in one.variable.hidden(now)}
                else:
                    after.add((written, given))
        found = after
        if len(found) > MOST_COMBINATIONS:
            raise TooManyError
    return found


def _asked_pages(definition: Definition, step: Step, layout: Layout) -> Iterator[AskedPage]:
    for page in definition.form_of(step).pages:
        asked = [
            _asked(definition.questions[key], page, layout)
            for key in page.questions
            if key in layout.variables and key in definition.questions
        ]
        if asked:
            yield AskedPage(Truth(page.show_when, layout), tuple(asked))


def _asked(question: Question, page: Page, layout: Layout) -> AskedQuestion:
    variable = layout.variables[question.key]
    emptied = bool(questions_in(question.show_when) & set(page.questions))
    answers = variable.answered(or_empty=not question.required)
    return AskedQuestion(variable, Truth(question.show_when, layout), emptied, answers)


def asks_surely(definition: Definition, step: Step, key: str) -> bool:
    """Say whether the form of *step* always asks question *key*, and takes no empty answer."""
    question = definition.questions.get(key)
    pages = [page for page in definition.form_of(step).pages if key in page.questions and page.show_when is None]
    return bool(pages) and question is not None and question.required and question.show_when is None


def conditions_that_matter(definition: Definition, dated: set[str]) -> list[Condition]:
    """Give the conditions that decide where reviews go: of guards and outcomes, and of what is asked for them."""
    steps = definition.workflow.steps.values()
    conditions = [guard.when for step in steps for guard in step.needs]
    conditions += [outcome.when for step in steps for outcome in step.outcomes if outcome.when]
    deciding = _deciding(definition)
    wanted = list(dated.union(*map(questions_in, conditions)))
    known = set(wanted)
    while wanted:
        for found in deciding.get(wanted.pop(), ()):
            conditions.append(found)
            new = questions_in(found) - known
            known |= new
            wanted += sorted(new)
    return conditions


def _deciding(definition: Definition) -> dict[str, list[Condition]]:
    """Give, for each question, the conditions by which it and its pages are shown."""
    deciding: dict[str, list[Condition]] = {}
    forms = {step.form: definition.form_of(step) for step in definition.workflow.steps.values()}
    for page in (page for form in forms.values() for page in form.pages):
        for key in page.questions:
            question = definition.questions.get(key)
            shown = (page.show_when, question.show_when if question else None)
            deciding.setdefault(key, []).extend(filter(None, shown))
    return deciding
