"""What a workflow names exists: states, steps, forms, questions; and then roles, notices and their placeholders."""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from scrt_workflow.forms.schema import Question, a_question
from scrt_workflow.lint.fitting import check_condition
from scrt_workflow.lint.places import Place, plain
from scrt_workflow.lint.scope import Scope
from scrt_workflow.workflows.schema import CLOSED, SAME, Outcome, Step, Workflow
from scrt_workflow.workflows.time_rules import ClockRule, ReminderRule
from scrt_workflow.working_days import Period, PeriodError, PeriodTooLongError
from scrt_workflow.yaml_reader import Map, did_you_mean

PLACEHOLDERS = (
    "reference", "title", "state", "step", "link", "due_on", "person", "organisation", "days", "deadline", "whom_to_ask",
)  # fmt: skip
"""What a notice may have filled in: `{reference}` and so on."""
COUNTED_FROM = date(2024, 1, 1)


def check_structure(scope: Scope, workflow: Workflow) -> None:
    """Report what states, steps and outcomes name that does not exist or does not fit."""
    place = scope.workflow_place(workflow)
    if workflow.starts_in not in workflow.states:
        place.unknown("state", workflow.starts_in, workflow.states, "starts_in")
    _check_types(scope, workflow, place)
    for state in workflow.states.values():
        for key in state.approved_by:
            _check_approving(workflow, key, place.inside("states", state.key), "approved_by")
    for step in workflow.steps.values():
        _check_step(scope, workflow, step, place.inside("steps", step.key))


def _check_types(scope: Scope, workflow: Workflow, place: Place) -> None:
    """Report types that are something else under another workflow, for reviews are counted and listed by their type."""
    for other in (found.workflow for found in scope.definitions.values() if found.workflow.key != workflow.key):
        for key, kind in workflow.review_types.items():
            if (taken := other.review_types.get(key, kind)) != kind:
                sentence = f"{key} is “{taken.title}” of {other.key}, with which it would be counted. Choose another key."
                place.wrong(sentence, "review_types", key)


def _check_step(scope: Scope, workflow: Workflow, step: Step, place: Place) -> None:
    if isinstance(place.inside("from").node, Map) and not step.comes_from:
        place.wrong("no state counts so.", "from")
    _check_form(scope, step, place)
    _check_approval(scope, workflow, step, place)
    for key in step.voids:
        _check_approving(workflow, key, place, "voids")
    for guard in step.needs:
        check_condition(scope, guard.when, place, "needs", workflows=[workflow.key])
    for outcome in step.outcomes:
        _check_outcome(scope, workflow, step, outcome, place)


def _check_form(scope: Scope, step: Step, place: Place) -> None:
    if step.form and step.form not in scope.folder.forms:
        scope.missing("form", step.form, scope.folder.forms, place, "form")


def _check_approving(workflow: Workflow, key: str, place: Place, field: str) -> None:
    approving = [step.key for step in workflow.steps.values() if step.is_approval]
    if key not in workflow.steps:
        place.unknown("step", key, approving, field)
    elif key not in approving:
        place.wrong(f"the step {key} approves nothing.", field, key)


def _check_approval(scope: Scope, workflow: Workflow, step: Step, place: Place) -> None:
    """Check what a step approves, where the review goes when that changes, and that none of it is its own."""
    asked = set(scope.definitions[workflow.key].form_of(step).questions)
    for key in step.approves:
        if scope.question(key) is None:
            scope.missing("question", key, scope.folder.questions, place, "approves")
        elif key in asked:
            place.wrong(f"this step asks {key} itself, and nobody may approve their own work.", "approves", key)
        elif key not in scope.on_record[workflow.key]:
            scope.unasked(key, [workflow.key], place, "approves", key)
    if step.approves and not step.if_they_change:
        place.wrong("if_they_change is missing: say where the review goes when what was approved changes.", "approves")
    if step.if_they_change and not step.approves:
        place.wrong("this step approves nothing that could change.", "if_they_change")
    if step.if_they_change and step.if_they_change not in workflow.states:
        place.unknown("state", step.if_they_change, workflow.states, "if_they_change")


def _check_outcome(scope: Scope, workflow: Workflow, step: Step, outcome: Outcome, place: Place) -> None:
    if outcome.to == SAME and step.makes:
        place.wrong("a step that makes a review must name the state that it begins in.", "to", line=outcome.line)
    elif outcome.to != SAME and outcome.to not in workflow.states:
        place.unknown("state", outcome.to, [*workflow.states, SAME], "to", line=outcome.line)
    if outcome.approves and not step.approves:
        place.wrong("this step approves nothing: name the questions in `approves`.", "outcomes", line=outcome.line)
    check_condition(scope, outcome.when, place, "outcomes", workflows=[workflow.key])
    if outcome.dated_by:
        _check_date(scope, workflow, outcome.dated_by, place, "dated_by", line=outcome.line)
        question = scope.question(outcome.dated_by)
        if question and any(check.name == "in_the_future" for check in question.checks):
            sentence = f"{question.key} must be in the future, and a step cannot count from a day that has not come."
            place.wrong(sentence, "dated_by", question.key, line=outcome.line)


def _check_date(scope: Scope, workflow: Workflow, key: str, place: Place, field: str, *, line: int = 0) -> None:
    question = scope.question(key)
    if question is None:
        scope.missing("question", key, scope.folder.questions, place, field, line=line)
    elif question.type != "date":
        place.wrong(f"{key} is {a_question(question.type)}, not a date.", field, key, line=line)
    elif key not in scope.on_record[workflow.key]:
        scope.unasked(key, [workflow.key], place, field, key, line=line)


def check_words(scope: Scope, workflow: Workflow) -> None:
    """Report roles, notices, clocks and reminders that name what does not exist."""
    place = scope.workflow_place(workflow)
    for step in workflow.steps.values():
        at = place.inside("steps", step.key)
        if step.line:  # else the reader made it from others, of which the same would be said
            check_roles(scope, step.who, at, "who", acting=True)
        for tell in step.tells:
            check_roles(scope, tell.to, at, "tells", line=tell.line)
            check_notice(scope, workflow, tell.notice, at, "tells", line=tell.line)
            check_condition(scope, tell.when, at, "tells", workflows=[workflow.key])
    for clock in workflow.clocks.values():
        _check_clock(scope, workflow, clock, place.inside("clocks", clock.key))
    for reminder in workflow.reminders.values():
        _check_reminder(scope, workflow, reminder, place.inside("reminders", reminder.key))
    _check_wordings(workflow, place)


def _check_wordings(workflow: Workflow, place: Place) -> None:
    """Report placeholders that nothing is filled in for."""
    for notice in workflow.notices.values():
        at = place.inside("notices", notice.key)
        if "\n" in notice.subject.strip():
            at.wrong("a subject is one line.", "subject")
        for field, text in (("subject", notice.subject), ("body", notice.body)):
            for sentence in _unfilled(text):
                at.wrong(sentence, field)


def check_roles(scope: Scope, roles: tuple[str, ...], place: Place, field: str, *, line: int = 0, acting: bool = False) -> None:
    """Report roles that there are not, and where a step is taken, those that take none."""
    for role in roles:
        if role not in scope.roles:
            place.unknown("role", role, scope.acting if acting else scope.roles, field, line=line)
        elif acting and role not in scope.acting:
            place.wrong(f"a {role} completes no steps.", field, role, line=line)


def check_notice(scope: Scope, workflow: Workflow, key: str, place: Place, field: str, *, line: int = 0) -> None:
    """Report a notice that nothing words."""
    known = {*workflow.notices, *scope.notices}
    if key and key not in known:
        place.unknown("notice", key, known, field, line=line)


def _unfilled(text: str) -> Iterator[str]:
    for name in dict.fromkeys(re.findall(r"\{([^{}]*)\}", text)):
        if name not in PLACEHOLDERS:
            yield f"nothing is filled in for {{{plain(name)}}}{did_you_mean(name, PLACEHOLDERS)}."
    if re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", text)):
        yield "a { or } stands alone here. Braces are only for names such as {reference}."


def _check_clock(scope: Scope, workflow: Workflow, clock: ClockRule, place: Place) -> None:
    if clock.starts not in workflow.states:
        _check_beginning(scope, workflow, clock.starts, place, "starts")
    check_length(clock.due, place, "due")
    if not clock.stops:
        place.wrong("stops is missing: name the steps or states that stop this clock.")
    for field in ("stops", "pauses", "resumes", "restarts"):
        for key in getattr(clock, field):
            if key not in workflow.steps and key not in workflow.states:
                place.unknown("step or state", key, {**workflow.steps, **workflow.states}, field)
    _check_pauses(clock, place)
    if clock.extended_by:
        _check_date(scope, workflow, clock.extended_by, place, "extended_by")


def _check_pauses(clock: ClockRule, place: Place) -> None:
    """Report a pause that nothing ends, and what goes on after none."""
    if clock.pauses and not clock.resumes and not clock.restarts:
        place.wrong("nothing ends the pause: name the steps by which it goes on in `resumes` or `restarts`.", "pauses")
    if clock.resumes and not clock.pauses:
        place.wrong("nothing pauses this clock: name the steps in `pauses`.", "resumes")


def check_length(text: str, place: Place, field: str, *, smallest: int = 0) -> None:
    """Report a length of time that no day can be worked out from; one that does not read as a length was reported before."""
    try:
        if Period.parse(text).amount < smallest:
            place.wrong(f"'{text}' is no time at all. Write at least 1 day.", field)
    except PeriodTooLongError as problem:
        place.wrong(str(problem), field)
    except PeriodError:
        return


def _check_reminder(scope: Scope, workflow: Workflow, reminder: ReminderRule, place: Place) -> None:
    if not reminder.since and not reminder.deadline:
        place.wrong("since is missing: name the steps, or the date, from which the days are counted; or name a `deadline`.")
    if not reminder.to:
        place.wrong("to is missing: name the roles that are reminded.")
    check_length(reminder.after, place, "after")
    check_length(reminder.before, place, "before", smallest=1)
    check_length(reminder.again_every, place, "again_every", smallest=1)
    _check_deadline(workflow, reminder, place)
    for key in reminder.since:
        _check_beginning(scope, workflow, key, place, "since")
    check_roles(scope, reminder.to, place, "to")
    check_roles(scope, reminder.escalate_to, place.inside("escalate", words=place.words), "to")
    if bool(reminder.escalate_to) != (reminder.escalate_after is not None):
        place.wrong("say both after how many reminders (`after`) and whom (`to`) to tell.", "escalate")
    check_notice(scope, workflow, reminder.notice, place, "notice")


def _check_deadline(workflow: Workflow, reminder: ReminderRule, place: Place) -> None:
    """Check that a reminder of a deadline names one that can run where the review is, and that a warning comes once, ahead."""
    if reminder.before:
        _check_warning(workflow, reminder, place)
    if not reminder.deadline:
        return
    if reminder.since:
        place.wrong("a reminder is counted from its deadline or from what is in `since`. Leave one of them out.", "deadline")
    if reminder.deadline not in workflow.clocks:
        place.unknown("deadline", reminder.deadline, workflow.clocks, "deadline")
    for key in reminder.while_in:
        state = workflow.states.get(key)
        if state and (state.final or state.counts_as == CLOSED):
            place.wrong(f"no deadline runs for a review at {key}, where nothing more is due.", "while", key)


def _check_warning(workflow: Workflow, reminder: ReminderRule, place: Place) -> None:
    clock = workflow.clocks.get(reminder.deadline)
    if not reminder.deadline:
        place.wrong("only a `deadline` can be reminded of before it is due.", "before")
    if reminder.after:
        place.wrong("say `before` or `after`. Two reminders say both.", "before")
    if reminder.again_every:
        place.wrong("a reminder before the deadline is sent once. Leave this out.", "again_every")
    if reminder.escalate_to:
        place.wrong("a reminder before the deadline is sent once, and goes to nobody else. Leave this out.", "escalate")
    if clock and _days(reminder.before) >= _days(clock.due):
        place.wrong(f"'{reminder.before}' is not less than the deadline has, {clock.due}.", "before")


def _days(text: str) -> int:
    """Give about how many days a length of time has, counted from a day on which it matters little; 0 for what is none."""
    try:
        return (Period.parse(text).after(COUNTED_FROM, holidays=frozenset({date.min, date.max})) - COUNTED_FROM).days
    except PeriodError:
        return 0


def _check_beginning(scope: Scope, workflow: Workflow, key: str, place: Place, field: str) -> None:
    """Check that a clock or reminder is counted from a step or a date question."""
    if not key or key in workflow.steps:
        return
    if scope.question(key) is None:
        if "question" not in scope.whole:
            return
        both: Mapping[str, Question | Step] = {**scope.folder.questions, **workflow.steps}
        place.wrong(f"no step or question is called '{plain(key)}'{did_you_mean(key, both)}.", field, key)
    else:
        _check_date(scope, workflow, key, place, field)
