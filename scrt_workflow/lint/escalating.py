"""An escalation names what exists, somebody can always acknowledge it, and what it sends fits whoever reads it."""

from scrt_workflow.conditions import questions_in, tests_in
from scrt_workflow.lint.fitting import check_condition
from scrt_workflow.lint.naming import check_length, check_notice, check_roles
from scrt_workflow.lint.places import Place
from scrt_workflow.lint.scope import Scope
from scrt_workflow.lint.ways import states_after
from scrt_workflow.reference import POSTS
from scrt_workflow.workflows.schema import SAME, Step, Workflow
from scrt_workflow.workflows.time_rules import EscalationRule

FOR_PEOPLE = ("link",)
"""What a notice to posts may not have filled in: their contacts need not be users, and could not open it."""


def check_escalations(scope: Scope, workflow: Workflow) -> None:
    """Report what is wrong with the escalations of *workflow*."""
    place = scope.workflow_place(workflow)
    for rule in workflow.escalations.values():
        at = place.inside("escalations", rule.key)
        _check_who(scope, rule, at)
        _check_conditions(scope, workflow, rule, at)
        _check_notices(scope, workflow, rule, at)
        check_length(rule.again_every, at, "again_every", smallest=1)
        step = workflow.steps.get(rule.acknowledged_by)
        if step is not None:
            _check_acknowledging(scope, workflow, rule, step, at)
        elif rule.acknowledged_by:
            at.unknown("step", rule.acknowledged_by, workflow.steps, "acknowledged_by")


def _check_who(scope: Scope, rule: EscalationRule, place: Place) -> None:
    """Check the roles and the posts; a role is always told, so that somebody knows of a post that has nobody."""
    if not rule.to:
        place.wrong("to is missing: name the roles that are told. They hear too of a post that has nobody.")
    check_roles(scope, rule.to, place, "to")
    check_roles(scope, rule.escalate_to, place.inside("escalate", words=place.words), "to")
    if bool(rule.escalate_to) != (rule.escalate_after is not None):
        place.wrong("say both after how many times (`after`) and whom (`to`) to tell.", "escalate")
    for also in rule.also:
        if not also.posts:
            place.wrong("posts is missing: name the posts that are told too.", "also", line=also.line)
    known = scope.vocabularies.get(POSTS, ())
    for post in rule.every_post:
        if post not in known:
            place.unknown("post", post, known, "posts")


def _check_conditions(scope: Scope, workflow: Workflow, rule: EscalationRule, place: Place) -> None:
    check_condition(scope, rule.when, place, "when", workflows=[workflow.key])
    for also in rule.also:
        check_condition(scope, also.when, place, "also", workflows=[workflow.key])
    if any(test.operator == "ever_in" for condition in rule.conditions for test in tests_in(condition)):
        place.wrong("what has ever been so never ends. Write `in`.", "when")


def _check_notices(scope: Scope, workflow: Workflow, rule: EscalationRule, place: Place) -> None:
    check_notice(scope, workflow, rule.notice, place, "notice")
    check_notice(scope, workflow, rule.posts_notice, place, "posts_notice")
    if rule.every_post and not rule.posts_notice:
        place.wrong("posts_notice is missing: name the e-mail that goes to the posts.")
    wording = workflow.notices.get(rule.posts_notice)
    for name in FOR_PEOPLE:
        if wording and f"{{{name}}}" in f"{wording.subject} {wording.body}":
            sentence = f"{wording.key} has {{{name}}}, which whoever holds a post may not be able to open. Write {{whom_to_ask}}."
            place.wrong(sentence, "posts_notice")


def _check_acknowledging(scope: Scope, workflow: Workflow, rule: EscalationRule, step: Step, place: Place) -> None:
    """Check that *step* only acknowledges, that who is told can take it, and that it is open wherever it may be waited for."""
    if step.makes or any(outcome.becomes or outcome.to != SAME for outcome in step.outcomes):
        place.wrong(f"{step.key} moves the review. What acknowledges leaves it where it is (`to: same`).", "acknowledged_by")
    asked = set(scope.definitions[workflow.key].form_of(step).questions)
    for key in sorted(asked & questions_in(rule.when)):
        place.wrong(f"{step.key} asks {key} itself, by which it begins.", "acknowledged_by")
    if rule.to and not set(rule.to) & set(step.who):
        place.wrong(f"none of those who are told ({', '.join(rule.to)}) may take {step.key}.", "acknowledged_by")
    if missing := [state for state in _waited_in(scope, workflow, rule) if state not in step.comes_from]:
        sentence = f"it can be waiting in {', '.join(missing)}, where {step.key} cannot be taken."
        place.wrong(sentence, "acknowledged_by", line=step.line)


def _waited_in(scope: Scope, workflow: Workflow, rule: EscalationRule) -> list[str]:
    """Give the states in which it can begin, or that a review can come to from there; none that withdraws it."""
    definition, about = scope.definitions[workflow.key], questions_in(rule.when)
    asking = [step for step in workflow.steps.values() if about & set(definition.form_of(step).questions)]
    begun = {state for step in asking for state in scope.ways[workflow.key].targets[step.key]}
    withdrawn = {outcome.to for step in workflow.steps.values() if step.withdraws for outcome in step.outcomes}
    return [state for state in workflow.states if state in states_after(workflow, begun) - withdrawn]
