"""Forms and questions make sense: what they name exists, and what shows a question is asked before it."""

import re
from collections.abc import Collection, Iterator

from scrt_workflow.conditions import questions_in
from scrt_workflow.folder import BANK, questions_used
from scrt_workflow.forms.schema import RESERVED_KEYS, Form, Question, a_question
from scrt_workflow.lint.fitting import check_condition
from scrt_workflow.lint.places import Place
from scrt_workflow.lint.scope import REVIEW_TYPE, Scope
from scrt_workflow.yaml_reader import Map, Text

DATE_CHECKS = frozenset({"not_before", "not_after"})


def check_questions(scope: Scope) -> None:
    """Report questions whose conditions, checks, vocabulary or type of identifier point to nothing that fits."""
    for question in scope.folder.questions.values():
        node = scope.folder.question_nodes[question.key]
        place = Place(scope.problems, question.file, node, question.key, question.line)
        _check_key(question, place)
        _check_vocabulary(scope, question, place)
        _check_checks(scope, question, place)
        if question.typed_by:
            _check_typed_by(scope, question, place)
        if question.key in questions_in(question.show_when):
            place.wrong("it depends on itself.", "show_when")
        else:
            check_condition(scope, question.show_when, place, "show_when", workflows=_workflows_asking(scope, question))


def _workflows_asking(scope: Scope, question: Question) -> list[str]:
    """Name the workflows that ask *question*: all of them where none does, for that is reported by itself."""
    asking = [key for key in scope.folder.workflows if question.key in scope.asked[key]]
    return asking or list(scope.definitions)


def _check_key(question: Question, place: Place) -> None:
    """Report a key that names something else on the pages, and a type of review that is asked under another key."""
    if question.key in RESERVED_KEYS:
        place.wrong("this is a word of the service's own and cannot be a question's key.")
    if (question.key == REVIEW_TYPE) != (question.type == REVIEW_TYPE):
        place.wrong(f"the question {REVIEW_TYPE} has the type {REVIEW_TYPE}, and no other question has it.", "type")


def _check_vocabulary(scope: Scope, question: Question, place: Place) -> None:
    if question.vocabulary and question.vocabulary not in scope.vocabularies:
        place.unknown("vocabulary", question.vocabulary, scope.vocabularies, "vocabulary")


def _check_checks(scope: Scope, question: Question, place: Place) -> None:
    for check in question.checks:
        line = check.line or place.line
        if check.name in {"at_least", "at_most"}:
            if not re.fullmatch(r"-?\d{1,9}", check.operand):
                place.wrong(f"{check.name} takes a whole number.", "checks", line=line)
        elif check.operand:
            other = scope.question(check.operand)
            wanted = "date" if check.name in DATE_CHECKS else question.type
            if other is None:
                scope.missing("question", check.operand, scope.folder.questions, place, "checks", line=line)
            elif other.key == question.key:
                place.wrong(f"{check.name} compares it with itself.", "checks", line=line)
            elif other.type != wanted:
                sentence = f"{check.name} needs a {wanted} question, and {other.key} is {a_question(other.type)}."
                place.wrong(sentence, "checks", line=line)


def _check_typed_by(scope: Scope, question: Question, place: Place) -> None:
    kind = scope.question(question.typed_by)
    if kind is None:
        scope.missing("question", question.typed_by, scope.folder.questions, place, "typed_by")
    elif kind.type != "choice":
        place.wrong(f"{kind.key} is {a_question(kind.type)}; a kind of reference is a choice.", "typed_by")


def check_forms(scope: Scope) -> None:
    """Report forms that ask what does not exist, ask twice, or show something by an answer that comes later."""
    for form in scope.folder.forms.values():
        node = scope.folder.form_nodes[form.key]
        place = Place(scope.problems, form.file, node, form.key, form.line)
        workflows = [key for key, _ in scope.using(form.key)] or list(scope.definitions)
        lines = {str(text): text.line for text in reversed(list(_texts(node)))}
        before: set[str] = set()
        for page in form.pages:
            check_condition(scope, page.show_when, place, "show_when", workflows=workflows)
            for key in _only_later(scope, form, questions_in(page.show_when) - before):
                place.wrong(f"the page '{page.key}' depends on {key}, which is asked after it begins.", line=page.line)
            for key in page.questions:
                _check_asked(scope, form, key, before, place, lines.get(key, page.line))
                before.add(key)


def _texts(node: object) -> Iterator[Text]:
    """Give the names of the questions that stand in a form."""
    if isinstance(node, Text):
        yield node
    elif isinstance(node, list):
        for item in node:
            yield from _texts(item)
    elif isinstance(node, Map):
        for name in ("pages", "questions"):
            yield from _texts(node.get(Text(name)))


def _check_asked(scope: Scope, form: Form, key: str, before: Collection[str], place: Place, line: int) -> None:
    question = scope.folder.questions.get(key)
    if question is None:
        scope.missing("question", key, scope.folder.questions, place, line=line)
        return
    if key in before:
        place.wrong(f"it asks {key} twice.", line=line)
    for other in _only_later(scope, form, questions_in(question.show_when) - {*before, key}):
        place.wrong(f"{key} is shown by the answer to {other}, which this form asks after it.", line=line)
    if question.typed_by and question.typed_by not in before and question.typed_by in form.questions:
        place.wrong(f"{key} is typed by {question.typed_by}, which this form asks after it.", line=line)


def _only_later(scope: Scope, form: Form, keys: Collection[str]) -> list[str]:
    """Give those of *keys* that *form* asks itself, and that no earlier step on a way to it can have asked."""
    later = sorted(set(keys) & set(form.questions)) if keys and scope.all_is_read else []
    using = [(scope.definitions[workflow].workflow, step) for workflow, step in scope.using(form.key)] if later else []
    return [key for key in later if not any(scope.may_be_known(key, workflow, step) for workflow, step in using)]


def check_unused(scope: Scope) -> None:
    """Report forms that no step uses, and questions that nothing asks or looks at."""
    folder = scope.folder
    if not folder.workflows:
        return
    for form in folder.forms.values():
        if not any(scope.using(form.key)):
            scope.problems.add(form.file, form.line, f"{form.key}: no step uses this form.")
    asked = {key for form in folder.forms.values() for key in form.questions}
    for definition in scope.definitions.values():
        asked |= questions_used(definition.workflow, {}, folder.questions)
    for question in folder.questions.values():
        if question.key not in asked and question.key != REVIEW_TYPE:
            scope.problems.add(BANK, question.line, f"{question.key}: no form asks this question.")
