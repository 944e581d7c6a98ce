"""What a walk proves, or shows to be wrong: reachable states and outcomes, lists without a gap, no review stranded."""

from collections.abc import Iterable, Iterator

from scrt_workflow.lint.answers import TooManyError
from scrt_workflow.lint.moving import Mover
from scrt_workflow.lint.places import Place
from scrt_workflow.lint.scope import Scope
from scrt_workflow.lint.telling import told
from scrt_workflow.lint.walking import Walk, walk
from scrt_workflow.workflows.schema import SAME, Step, Workflow

MOST_STATES = 3
"""In how many states a review can be stranded before they are named together."""


def prove(scope: Scope, workflow: Workflow) -> None:
    """Walk *workflow* and report what could go wrong for a review under it."""
    place = scope.workflow_place(workflow)
    try:
        found = walk(scope, scope.definitions[workflow.key])
    except TooManyError as error:
        place.wrong(str(error))
        return
    for step in workflow.steps.values():
        mover = found.movers[step.key]
        if mover.seen.taken:
            at = place.inside("steps", step.key)
            _check_guards(step, mover, at)
            _check_outcomes(scope, workflow, step, mover, at)
    _check_approved(found, place)
    if all(mover.seen.passed and not mover.seen.none_held for mover in found.movers.values() if mover.seen.taken):
        _check_states(workflow, found, place)
        _check_stranded(workflow, found, place)


def _check_states(workflow: Workflow, found: Walk, place: Place) -> None:
    for state in workflow.states.values():
        at = place.inside("states", state.key)
        leading = [step.key for step in workflow.steps.values() if _leads_to(step, state.key)]
        if not state.final and not _steps_out(workflow, state.key):
            at.wrong("no step leads out of this state, and it is not final.")
        if state.key not in found.states:
            at.wrong(
                f"no review can get here: {' and '.join(leading)} cannot be completed so that it does."
                if leading
                else "no step leads to this state."
            )


def _leads_to(step: Step, state: str) -> bool:
    return any(outcome.to == state for outcome in step.outcomes) or step.if_they_change == state


def _steps_out(workflow: Workflow, state: str) -> bool:
    return any(
        outcome.becomes or outcome.to not in {SAME, state}
        for step in workflow.steps_from[state]
        for outcome in step.outcomes
        if not step.withdraws
    )


def _check_guards(step: Step, mover: Mover, place: Place) -> None:
    if mover.seen.passed or not step.needs:
        return
    never = [guard for number, guard in enumerate(step.needs) if number not in mover.seen.guards]
    for guard in never:
        place.wrong("this can never hold, so the step can never be completed.", "needs", line=guard.line)
    if not never:
        place.wrong("these can never hold together, so the step can never be completed.", "needs")


def _check_outcomes(scope: Scope, workflow: Workflow, step: Step, mover: Mover, place: Place) -> None:
    seen = mover.seen
    if seen.none_held:
        asked = scope.definitions[workflow.key].form_of(step).questions
        when = told(mover.layout, seen.none_held, seen.held, asked=asked)
        place.wrong(f"nothing holds{when}." if when else "nothing ever holds.", "outcomes")
    for number, outcome in enumerate(step.outcomes):
        if seen.passed and number not in seen.outcomes:
            sentence = "this outcome can never happen: its condition never holds, or an earlier outcome holds first."
            place.wrong(sentence, "outcomes", line=outcome.line)
    for number, key in mover.dates.items():
        if number in seen.undated:
            sentence = f"{key} may have no answer by then. The form must require it, or an earlier step must have."
            place.wrong(sentence, "dated_by", line=step.outcomes[number].line)


def _check_approved(found: Walk, place: Place) -> None:
    for (state, step), missing in found.lacking.items():
        names = [key for key, bit in found.layout.approvals.items() if bit & missing]
        are = "is" if len(names) == 1 else "are"
        sentence = f"{step} can lead here while {' and '.join(names)} {are} not in force."
        place.inside("states", state).wrong(sentence, "approved_by")


# No review is stranded


def _check_stranded(workflow: Workflow, found: Walk, place: Place) -> None:
    """Report states in which a review can be without any way on to a final state; being withdrawn is no way on."""
    stranded = set(range(len(found.met))) - _that_can_end(found)
    told_of = {key for key in workflow.states if not workflow.states[key].final and not _steps_out(workflow, key)}
    states = [key for key in _where_it_begins(found, stranded, workflow.states) if key not in told_of]
    if len(states) > MOST_STATES:
        place.wrong(f"a review can be stranded in {', '.join(states)}: no step leads on to a final state.", "states")
        return
    for state in states:
        here = {number for number, (key, _) in enumerate(found.met) if key == state}
        these = {found.met[number][1] for number in here & stranded}
        others = {found.met[number][1] for number in here - stranded}
        place.inside("states", state).wrong(
            f"a review can be stranded here{told(found.layout, these, others)}: no step leads on to a final state then."
        )


def _that_can_end(found: Walk) -> set[int]:
    """Give the situations from which a review can come to an end."""
    ending = set(found.ends)
    before: dict[int, list[int]] = {}
    for place, onward in enumerate(found.onward):
        for after in onward:
            before.setdefault(after, []).append(place)
    wanted = list(ending)
    while wanted:
        for place in before.get(wanted.pop(), ()):
            if place not in ending:
                ending.add(place)
                wanted.append(place)
    return ending


def _where_it_begins(found: Walk, stranded: set[int], states: Iterable[str]) -> Iterator[str]:
    """Give the states to blame: those where stranded reviews stay, without the states that only lead there."""
    leads_to: dict[str, set[str]] = {}
    for place in stranded:
        state = found.met[place][0]
        onward = {found.met[after][0] for after in found.onward[place]}
        leads_to.setdefault(state, set()).update(onward - {state})
    last = {state for state, onward in leads_to.items() if not onward}
    for state in states:
        if state in (last or leads_to):
            yield state
