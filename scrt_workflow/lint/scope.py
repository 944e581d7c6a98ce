"""What a folder's definitions are checked against: each other, and the service that they are for."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from scrt_workflow.folder import BANK, FORMS, WORKFLOWS, Folder
from scrt_workflow.forms.schema import Question
from scrt_workflow.lint.places import Place
from scrt_workflow.lint.ways import Ways, ways_of
from scrt_workflow.workflows.schema import Definition, Opening, Outcome, Step, Workflow
from scrt_workflow.yaml_reader import Problems

REVIEW_TYPE = "review_type"
"""The question that every review answers, whether or not a form asks it: conditions may look at its type."""


@dataclass(frozen=True)
class Scope:
    """The folder, and what else there is: the service's vocabularies (codes), workflows, roles and notices.

    Of all *roles*, those *acting* may complete steps; the others read, or look after the service.
    """

    folder: Folder
    vocabularies: Mapping[str, Collection[str]]
    known: Mapping[str, Definition]
    roles: Collection[str]
    acting: Collection[str]
    notices: Collection[str]
    problems: Problems

    @cached_property
    def definitions(self) -> Mapping[str, Definition]:
        """Give every workflow there is with what it uses, the folder's own in place of older ones."""
        own = {key: self.folder.definition(key) for key in self.folder.workflows}
        return {**self.known, **own}

    @cached_property
    def whole(self) -> Collection[str]:
        """Give the kinds of thing of which every file could be read: one that is missing there is not just unread."""
        unread = self.folder.unread
        questions = not unread & {BANK, FORMS}
        forms = not any(file.startswith(FORMS) and file != BANK for file in unread)
        workflows = not any(file.startswith(WORKFLOWS) for file in unread)
        found = {"question": questions, "form": forms, "workflow": workflows}
        return [kind for kind, is_whole in found.items() if is_whole]

    @property
    def all_is_read(self) -> bool:
        """Say whether every file could be read: else what nobody seems to ask or say may stand in one that was not."""
        return not self.folder.unread

    @cached_property
    def openings(self) -> Mapping[str, list[tuple[Workflow, Step, Outcome, Opening]]]:
        """Give, for each workflow, the outcomes that open a review under it or turn one into it."""
        found: dict[str, list[tuple[Workflow, Step, Outcome, Opening]]] = {}
        for definition in self.definitions.values():
            for step in definition.workflow.steps.values():
                for outcome in step.outcomes:
                    for opening in filter(None, (outcome.opens, outcome.becomes)):
                        found.setdefault(opening.workflow, []).append((definition.workflow, step, outcome, opening))
        return found

    @cached_property
    def asked(self) -> Mapping[str, frozenset[str]]:
        """Give, for each workflow, the questions that the forms of its steps ask."""
        return {
            key: frozenset(
                question for step in definition.workflow.steps.values() for question in definition.form_of(step).questions
            )
            for key, definition in self.definitions.items()
        }

    @cached_property
    def on_record(self) -> Mapping[str, frozenset[str]]:
        """Give, for each workflow, the questions that a review under it may have an answer to."""
        brought: dict[str, set[str]] = {key: {REVIEW_TYPE} for key in self.definitions}
        for key, openings in self.openings.items():
            for workflow, step, outcome, _ in openings:
                brought.setdefault(key, set()).update(self.asked[workflow.key] if outcome.becomes else step.carries)
        return {key: asked | brought[key] for key, asked in self.asked.items()}

    @cached_property
    def ways(self) -> Mapping[str, Ways]:
        """Give, for each workflow, the ways between its states."""
        return {key: ways_of(definition) for key, definition in self.definitions.items()}

    def may_be_known(self, key: str, workflow: Workflow, step: Step) -> bool:
        """Say whether an answer to *key* can be on record when *step* is taken, from another form than the step's own."""
        if step.makes or key == REVIEW_TYPE:
            return not step.makes
        definition, ways = self.definitions[workflow.key], self.ways[workflow.key]
        before = ways.before(step.comes_from)
        for other in workflow.steps.values():
            if other.form != step.form and key in definition.form_of(other).questions and ways.targets[other.key] & before:
                return True
        return any(
            (opening.state or workflow.starts_in) in before
            and key in (opener.carries if outcome.opens is opening else self.on_record[source.key])
            for source, opener, outcome, opening in self.openings.get(workflow.key, ())
        )

    def types_of(self, workflows: Iterable[str]) -> Mapping[str, str]:
        """Give the review types of *workflows*, key to title."""
        kinds = (self.definitions[key].workflow.review_types.values() for key in workflows)
        return {kind.key: kind.title for several in kinds for kind in several}

    def options(self, question: Question, workflows: Iterable[str]) -> Collection[str] | None:
        """Give the values that an answer to *question* may have under *workflows*, None where they are not known."""
        if question.type == "review_type":
            return self.types_of(workflows)
        if question.type == "partnership":
            return None
        if question.vocabulary:
            return self.vocabularies.get(question.vocabulary)
        return question.options or None

    def question(self, key: str) -> Question | None:
        """Give a question of the bank; the type of review counts as one also where the bank has none."""
        if key == REVIEW_TYPE and key not in self.folder.questions:
            return Question(key, "review_type", "Type of review")
        return self.folder.questions.get(key)

    def using(self, form: str) -> Iterator[tuple[str, Step]]:
        """Give the workflows and steps that use *form*."""
        for key, definition in self.definitions.items():
            if key in self.folder.workflows:
                yield from ((key, step) for step in definition.workflow.steps.values() if step.form == form)

    def unasked(self, key: str, workflows: Collection[str], place: Place, *path: str, line: int = 0) -> None:
        """Report that no step of *workflows* asks *key*, unless one may in a file that could not be read."""
        if self.all_is_read:
            place.wrong(f"no step of {' or '.join(workflows)} asks {key}.", *path, line=line)

    def missing(self, what: str, name: str, known: Collection[str], place: Place, *path: str, line: int = 0) -> None:
        """Report that no *what* is called *name*, unless it may stand in a file that could not be read."""
        if what in self.whole:
            place.unknown(what, name, known, *path, line=line)

    def workflow_place(self, workflow: Workflow) -> Place:
        """Give the place of a workflow of the folder."""
        node = self.folder.workflow_nodes[workflow.key]
        return Place(self.problems, workflow.file, node, "", node.line or 1)
