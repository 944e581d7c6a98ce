"""What a workflow is: its states, the steps between them, who takes them, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from scrt_workflow.conditions import Condition, tests_in
from scrt_workflow.forms.schema import Form, Question
from scrt_workflow.workflows.time_rules import ClockRule, EscalationRule, ReminderRule

OPEN, CLOSED, NOTHING = "open", "closed", "nothing"
COUNTS_AS = (OPEN, CLOSED, NOTHING)
SAME = "same"
"""Where a step leads that leaves the review in the state it is in."""
NEW = "new"
"""Where a step comes from that makes a review."""


@dataclass(frozen=True, slots=True)
class ReviewType:
    """A type of review, with the label that reports print."""

    key: str
    title: str
    family: str = ""
    converted: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Where a review can be, and how reports count it there."""

    key: str
    title: str
    counts_as: str
    final: bool = False
    approved_by: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)

    @property
    def is_under_way(self) -> bool:
        """Say whether a review here is neither closed nor at its end, and so may be moved to another version."""
        return not self.final and self.counts_as != CLOSED


@dataclass(frozen=True, slots=True)
class Opening:
    """The review that an outcome opens beside this one, or that this one becomes (then with the *state* it goes on in)."""

    workflow: str
    review_type: str
    state: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way that a step can end: the first whose condition holds."""

    to: str
    when: Condition | None = None
    dated_by: str = ""
    approves: bool = False
    opens: Opening | None = None
    becomes: Opening | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Guard:
    """What must hold before a step is completed, and the sentence that its refusal shows."""

    when: Condition
    otherwise: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Tell:
    """A notice that completing a step sends, when its condition holds, to the people in these roles."""

    notice: str
    to: tuple[str, ...]
    when: Condition | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Step:
    """Something a person does to a review, on a form, that may move it to another state."""

    key: str
    title: str
    comes_from: tuple[str, ...]
    who: tuple[str, ...]
    form: str
    outcomes: tuple[Outcome, ...]
    makes: bool = False
    needs: tuple[Guard, ...] = ()
    tells: tuple[Tell, ...] = ()
    approves: tuple[str, ...] = ()
    if_they_change: str = ""
    voids: tuple[str, ...] = ()
    carries: tuple[str, ...] = ()
    restates: bool = False
    withdraws: bool = False
    withdraws_opened: bool = False
    hint: str = ""
    line: int = field(default=0, compare=False)

    @property
    def is_approval(self) -> bool:
        """Say whether completing this step can give an approval."""
        return bool(self.approves)


@dataclass(frozen=True, slots=True)
class Wording:
    """The subject and body of an e-mail, with named placeholders such as {reference} only."""

    key: str
    subject: str
    body: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Workflow:
    """A kind of review, from its first step to its last."""

    key: str
    title: str
    starts_in: str
    review_types: Mapping[str, ReviewType]
    states: Mapping[str, State]
    steps: Mapping[str, Step]
    clocks: Mapping[str, ClockRule] = field(default_factory=dict)
    reminders: Mapping[str, ReminderRule] = field(default_factory=dict)
    escalations: Mapping[str, EscalationRule] = field(default_factory=dict)
    notices: Mapping[str, Wording] = field(default_factory=dict)
    short_title: str = ""
    hint: str = ""
    untyped: bool = False
    file: str = field(default="", compare=False)

    @property
    def chosen_types(self) -> tuple[ReviewType, ...]:
        """Give the review types a person may choose; a converted type is only ever given by a conversion."""
        return tuple(kind for kind in self.review_types.values() if not kind.converted)

    @cached_property
    def making_steps(self) -> tuple[Step, ...]:
        """Give the steps that make a review."""
        return tuple(step for step in self.steps.values() if step.makes)

    @cached_property
    def pausing_steps(self) -> frozenset[str]:
        """Name the steps by which deadlines are paused, or a pause is ended."""
        return frozenset(key for rule in self.clocks.values() for key in (*rule.pauses, *rule.resumes, *rule.restarts))

    @cached_property
    def dating(self) -> frozenset[str]:
        """Name the questions whose answers say from when a step counts."""
        return frozenset(one.dated_by for step in self.steps.values() for one in step.outcomes if one.dated_by)

    @cached_property
    def clock_dates(self) -> frozenset[str]:
        """Name the questions that deadlines are counted by."""
        return frozenset(key for rule in self.clocks.values() for key in (rule.starts, rule.extended_by) if key)

    @cached_property
    def dated_staying(self) -> Mapping[str, str]:
        """Name, for the steps of deadlines that can leave a review where it is, the question that dates each of them then."""
        found = {}
        for key in self.clock_steps & self.steps.keys():
            days = {one.dated_by for one in self.steps[key].outcomes if one.to == SAME and one.becomes is None}
            if len(days) == 1:
                found[key] = days.pop()
        return {key: day for key, day in found.items() if day}

    @cached_property
    def clock_dates_said(self) -> frozenset[str]:
        """Name the questions of which deadlines look at every answer, and not at the last one alone."""
        return frozenset((*self.dated_staying.values(), *(one.extended_by for one in self.clocks.values()))) - {""}

    @cached_property
    def clock_steps(self) -> frozenset[str]:
        """Name the steps, and whatever else may begin, meet, pause or go on with a deadline."""
        rules = self.clocks.values()
        return frozenset(key for one in rules for key in (one.starts, *one.stops, *one.pauses, *one.resumes, *one.restarts))

    @cached_property
    def withdrawal(self) -> Step | None:
        """Give the step that withdraws a review entered in error, if there is one."""
        return next((step for step in self.steps.values() if step.withdraws), None)

    @cached_property
    def steps_from(self) -> Mapping[str, tuple[Step, ...]]:
        """Give, for each state, the steps that lead out of it or happen in it."""
        found: dict[str, list[Step]] = {state: [] for state in self.states}
        for step in self.steps.values():
            for state in dict.fromkeys(step.comes_from):
                found[state].append(step)
        return {state: tuple(steps) for state, steps in found.items()}

    @cached_property
    def approvals_of(self) -> Mapping[str, tuple[Step, ...]]:
        """Give, for each question, the steps that approve its answer."""
        questions = {question for step in self.steps.values() for question in step.approves}
        return {q: tuple(s for s in self.steps.values() if q in s.approves) for q in questions}


@dataclass(frozen=True)
class Definition:
    """A workflow with every form and question that it uses: what one released version holds."""

    workflow: Workflow
    forms: Mapping[str, Form]
    questions: Mapping[str, Question]

    @cached_property
    def approving(self) -> frozenset[str]:
        """Name the steps that give an approval."""
        return frozenset(step.key for step in self.workflow.steps.values() if step.is_approval)

    @cached_property
    def followed(self) -> frozenset[str]:
        """Name the questions of which rules ask who ever answered them (approvals), or what (`ever_in`)."""
        return frozenset[str]().union(*self.followed_by.values())

    @cached_property
    def followed_by(self) -> Mapping[str, frozenset[str]]:
        """Name, for each step, those questions of which its own rules ask so, and every question that an approval is of."""
        approved = frozenset(question for step in self.workflow.steps.values() for question in step.approves)
        return {step.key: approved | self._ever_asked(step) for step in self.workflow.steps.values()}

    def _ever_asked(self, step: Step) -> frozenset[str]:
        form = self.form_of(step)
        conditions = [
            *(outcome.when for outcome in step.outcomes),
            *(guard.when for guard in step.needs),
            *(tell.when for tell in step.tells),
            *(page.show_when for page in form.pages),
            *(self.questions[key].show_when for key in form.questions if key in self.questions),
        ]
        tests = [test for condition in conditions for test in tests_in(condition)]
        return frozenset(test.question for test in tests if test.operator == "ever_in")

    def form_of(self, step: Step) -> Form:
        """Give the form of *step*; a step without one has a form of no pages."""
        return self.forms.get(step.form) or Form(step.key, step.title, ())

    def questions_of(self, step: Step) -> list[Question]:
        """Give the questions that *step* asks, in order."""
        return [self.questions[key] for key in self.form_of(step).questions]
