"""Is a definition right? A small model checker: every mistake at once, each a sentence with an address."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from types import MappingProxyType

from scrt_workflow.folder import Folder
from scrt_workflow.lint.asking import check_forms, check_questions, check_unused
from scrt_workflow.lint.escalating import check_escalations
from scrt_workflow.lint.leading import check_leading
from scrt_workflow.lint.naming import check_structure, check_words
from scrt_workflow.lint.proving import prove
from scrt_workflow.lint.scope import Scope
from scrt_workflow.lint.soundness import unsound_workflows
from scrt_workflow.permissions import WHO_MAY, Permission, Role
from scrt_workflow.workflows.schema import Definition
from scrt_workflow.yaml_reader import DefinitionError, Problems

ACTING = tuple(sorted(WHO_MAY[Permission.REVIEW_COMPLETE_STEP]))


def lint(
    folder: Folder,
    *,
    vocabularies: Mapping[str, Collection[str]],
    known: Mapping[str, Definition] = MappingProxyType({}),
    notices: Collection[str] = (),
    roles: Collection[str] = tuple(Role),
    acting: Collection[str] = ACTING,
) -> Problems:
    """Give every mistake in *folder*, those of reading it included.

    *vocabularies* gives the codes of each, *known* the workflows of the service that the folder does not hold,
    *notices* those with a wording of the service's own. Of the *roles*, those *acting* may complete steps. A workflow
    with a mistake in its states, steps, forms or questions is not walked, as that would mislead: mend those first.
    """
    scope = Scope(folder, vocabularies, known, roles, acting, notices, Problems())
    with suppress(DefinitionError):  # there are so many mistakes that no more are looked for
        for problem in folder.problems:
            scope.problems.add(problem.file, problem.line, problem.sentence)
        _check(scope)
    return scope.problems


def _check(scope: Scope) -> None:
    """Note what is wrong, first by itself and then, where nothing misleads, by walking."""
    folder, problems = scope.folder, scope.problems
    check_questions(scope)
    check_forms(scope)
    for workflow in folder.workflows.values():
        check_structure(scope, workflow)
        check_leading(scope, workflow)
    unsound = unsound_workflows(scope, list(problems))
    if not problems:  # else what seems unused may only be misspelt
        check_unused(scope)
    for workflow in folder.workflows.values():
        check_words(scope, workflow)
        check_escalations(scope, workflow)
        if workflow.key not in unsound:
            prove(scope, workflow)
