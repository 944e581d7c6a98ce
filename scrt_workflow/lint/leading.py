"""Where outcomes lead: into other workflows and back, and out of final states."""

from scrt_workflow.lint.completing import asks_surely
from scrt_workflow.lint.places import Place
from scrt_workflow.lint.scope import REVIEW_TYPE, Scope
from scrt_workflow.lint.ways import states_after
from scrt_workflow.workflows.schema import NOTHING, OPEN, SAME, Opening, Outcome, Step, Workflow


def check_leading(scope: Scope, workflow: Workflow) -> None:
    """Report openings that lead nowhere, answers carried to nobody, and final states that are not left as such."""
    place = scope.workflow_place(workflow)
    for step in workflow.steps.values():
        for check in _CHECKS:
            check(scope, workflow, step, place.inside("steps", step.key))
    for state in workflow.states.values():
        if state.final and state.counts_as == OPEN:
            place.inside("states", state.key).wrong("a final state cannot count as open: nothing more is due in it.")
    if workflow.states and not any(state.final for state in workflow.states.values()):
        place.wrong("no state is final, so no review would ever end.", "states")


def _check_openings(scope: Scope, workflow: Workflow, step: Step, place: Place) -> None:
    for outcome in step.outcomes:
        for field, opening in (("opens", outcome.opens), ("becomes", outcome.becomes)):
            if opening is not None:
                _check_opening(scope, workflow, opening, place, field)


def _check_opening(scope: Scope, workflow: Workflow, opening: Opening, place: Place, field: str) -> None:
    line = opening.line or place.line
    found = scope.definitions.get(opening.workflow)
    if found is None:
        scope.missing("workflow", opening.workflow, scope.definitions, place, field, line=line)
        return
    target = found.workflow
    if field == "becomes" and target.key == workflow.key:
        place.wrong("a review cannot become one of the workflow that it is under: use `to`.", field, line=line)
    _check_type_given(target, opening, place, field, line=line)
    if opening.state and opening.state not in target.states:
        place.unknown(f"state of {target.key}", opening.state, target.states, field, line=line)
    if field == "opens" and not opening.state and target.starts_in not in target.states:
        place.wrong(f"{target.key} names no state that its reviews start in (`starts_in`).", field, line=line)
    arrives_in = target.states.get(opening.state or target.starts_in)
    if arrives_in is not None and arrives_in.approved_by:
        wanted = " and ".join(arrives_in.approved_by)
        sentence = (
            f"{arrives_in.key} of {target.key} asks for {wanted} (`approved_by`), which no review has that comes from elsewhere."
        )
        place.wrong(sentence, field, line=line)


def _check_type_given(target: Workflow, opening: Opening, place: Place, field: str, *, line: int) -> None:
    kind = target.review_types.get(opening.review_type)
    if opening.review_type and kind is None:
        place.unknown(f"review type of {target.key}", opening.review_type, target.review_types, field, line=line)
    if not opening.review_type and not target.untyped:
        place.wrong(f"review_type is missing: every review under {target.key} has one.", field, line=line)
    if field == "becomes" and kind is not None and kind.converted:
        sentence = f"{kind.key} is `converted: yes`, so only a conversion (`opens`) gives it. Choose another type."
        place.wrong(sentence, field, line=line)


def _check_carried(scope: Scope, workflow: Workflow, step: Step, place: Place) -> None:
    targets = [outcome.opens.workflow for outcome in step.outcomes if outcome.opens]
    if step.carries and not targets:
        place.wrong("no outcome of this step opens a review that could carry these answers.", "carries")
    for key in step.carries:
        if scope.question(key) is None:
            scope.missing("question", key, scope.folder.questions, place, "carries")
            continue
        if key not in scope.on_record[workflow.key]:
            scope.unasked(key, [workflow.key], place, "carries", key)
        known = [target for target in dict.fromkeys(targets) if target in scope.definitions]
        if known and not any(key in scope.asked[target] for target in known):
            scope.unasked(key, known, place, "carries", key)


def _check_undo(scope: Scope, workflow: Workflow, step: Step, place: Place) -> None:
    if not step.withdraws_opened:
        return
    steps = workflow.steps.values()
    opening = [(other, outcome, outcome.opens) for other in steps for outcome in other.outcomes if outcome.opens]
    if not opening:
        place.wrong("no step of this workflow opens a review that could be withdrawn.", "withdraws_opened")
        return
    opened_in = {state for other, outcome, _ in opening for state in _left_in(other, outcome)}
    after = states_after(workflow, opened_in & set(workflow.states))
    for state in step.comes_from:
        if state not in after:
            place.wrong(f"no review that has opened another can be in {state}, so nothing can be withdrawn there.", "from", state)
    for key in sorted({one.workflow for _, _, one in opening} & set(scope.definitions)):
        if scope.definitions[key].workflow.withdrawal is None:
            sentence = f"{key} has no step that withdraws a review (`withdraws: yes`), so one opened by mistake would stay."
            place.wrong(sentence, "withdraws_opened")


def _check_withdrawal(_scope: Scope, workflow: Workflow, step: Step, place: Place) -> None:
    if not step.withdraws:
        return
    for outcome in step.outcomes:
        state = workflow.states.get(outcome.to)
        if outcome.to == SAME or (state is not None and (state.counts_as != NOTHING or not state.final)):
            place.wrong("a withdrawn review must end in a final state that counts as nothing.", "withdraws")


def _check_opened_once(_scope: Scope, workflow: Workflow, step: Step, place: Place) -> None:
    """Check that a review which has opened another cannot open a second one while the first lives."""
    for outcome in step.outcomes:
        if outcome.opens and (again := _opens_from(workflow, _left_in(step, outcome))):
            sentence = f"{again} could open a second review while this one lives. Only a step that withdraws it may lead there."
            place.wrong(sentence, "opens", line=outcome.line)
            return


def _opens_from(workflow: Workflow, starts: list[str]) -> str:
    """Name a step that opens a review, if one can be come to from *starts* without taking back the one opened before."""
    reached = states_after(workflow, starts)
    for step in workflow.steps.values():
        if reached & set(step.comes_from) and any(outcome.opens for outcome in step.outcomes):
            return step.key
    return ""


def _left_in(step: Step, outcome: Outcome) -> list[str]:
    """Name the states that a review may be in after *outcome*."""
    return [*step.comes_from] if outcome.to == SAME else [outcome.to]


def _check_type(scope: Scope, workflow: Workflow, step: Step, place: Place) -> None:
    """Check that whoever makes a review says of which type it is, where there is more than one to choose."""
    if not step.makes or workflow.untyped or asks_surely(scope.definitions[workflow.key], step, REVIEW_TYPE):
        return
    if not workflow.chosen_types:
        place.wrong("no review can be made here: every review type is for conversions.")
    elif len(workflow.chosen_types) > 1:
        _must_ask_type(scope, workflow, step, place)


def _must_ask_type(scope: Scope, workflow: Workflow, step: Step, place: Place) -> None:
    """Report a type that is not asked; what is missing from the bank is said too, or was said where a form asks it."""
    is_in_bank = REVIEW_TYPE in scope.folder.questions
    if not scope.all_is_read or (not is_in_bank and REVIEW_TYPE in scope.definitions[workflow.key].form_of(step).questions):
        return
    types = f"there are {len(workflow.chosen_types)} types to choose from"
    bank = "" if is_in_bank else f" Add a question of the key and the type {REVIEW_TYPE} to the bank first: it has none."
    place.wrong(f"the form must ask {REVIEW_TYPE}, for {types}.{bank}")


def _check_leaving(_scope: Scope, workflow: Workflow, step: Step, place: Place) -> None:
    """Check that only reopening, correcting and undoing lead out of a final state."""
    if step.restates or step.withdraws_opened:
        return
    final = [key for key in step.comes_from if key in workflow.states and workflow.states[key].final]
    for outcome in step.outcomes:
        target = workflow.states.get(outcome.to)
        if final and target is not None and target.final and [outcome.to] != final:
            sentence = f"{final[0]} is final, and only reopening, correcting and undoing lead out of it, not to {target.key}."
            place.wrong(sentence, "from", final[0])
            return


_CHECKS = (
    _check_openings,
    _check_carried,
    _check_undo,
    _check_withdrawal,
    _check_leaving,
    _check_opened_once,
    _check_type,
)
