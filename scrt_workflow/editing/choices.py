"""What a field of a definition can be chosen from, as the draft stands: value and label, in the order of the draft."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from scrt_workflow.editing.kinds import Control, Field
from scrt_workflow.editing.tree import QUESTIONS, Place, Tree
from scrt_workflow.editing.values import COUNTED
from scrt_workflow.folder import FORMS, WORKFLOWS
from scrt_workflow.forms.schema import YES_NO
from scrt_workflow.permissions import ACTORS, ROLES
from scrt_workflow.reference import POSTS, vocabulary
from scrt_workflow.workflows.schema import NEW, SAME
from scrt_workflow.yaml_reader import Map, Text

Pairs = dict[str, str]
"""Values by which something is known in the definitions, each with the label that people read."""
_NOT_ALLOWED = re.compile("[^a-z0-9]+")


@dataclass(frozen=True)
class Around:
    """What surrounds a place of a draft: its tree, and what the service has besides (workflows and vocabularies in use)."""

    tree: Tree
    place: Place
    workflows: Mapping[str, str] = field(default_factory=dict)
    vocabularies: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _workflow(self) -> Map:
        found = self.tree.find(self.place[:2]) if self.place[0] == WORKFLOWS else None
        return found if isinstance(found, Map) else Map()

    def titles(self, part: str, title: str = "title") -> Pairs:
        """Name what the workflow around holds of one part: its states, steps, notices."""
        return titles(self._workflow.get(Text(part)), title)

    @cached_property
    def workflow_titles(self) -> Pairs:
        """Name the workflows there are, in the draft and beside it."""
        return {**self.workflows, **_workflows(self.tree)}

    def titles_in(self, workflow: str, part: str) -> Pairs:
        """Name what another workflow of the draft holds of one part."""
        node = self.tree.find((WORKFLOWS, workflow))
        return titles(node.get(Text(part))) if isinstance(node, Map) else {}

    def titles_elsewhere(self, part: str) -> Pairs:
        """Name what all workflows of the draft hold of one part, each with the workflows that have it."""
        found: dict[str, tuple[str, list[str]]] = {}
        for key, workflow in self.workflow_titles.items():
            for one, title in self.titles_in(key, part).items():
                found.setdefault(one, (title, []))[1].append(workflow)
        return {one: f"{title} ({', '.join(workflows)})" for one, (title, workflows) in found.items()}

    @cached_property
    def every_type(self) -> Pairs:
        """Name the types of review of every workflow: a form or a question may be asked in several."""
        found: Pairs = {}
        for workflow in self.tree.keys(WORKFLOWS):
            node = self.tree.find((WORKFLOWS, workflow, "review_types"))
            own = titles(node)
            found |= {str(key): own.get(str(key)) or self.types.get(str(key), str(key)) for key in node or ()}
        return found

    @cached_property
    def used_by(self) -> Mapping[Place, list[str]]:
        """Say by what each form and each question is used: steps with their workflow, or forms."""
        found: dict[Place, list[str]] = {}
        for workflow, title in _workflows(self.tree).items():
            node = self.tree.find((WORKFLOWS, workflow, "steps"))
            for key, step in node.items() if isinstance(node, Map) else ():
                if isinstance(step, Map) and (form := step.get(Text("form"))):
                    said = f"{_title(str(key), step, 'title')} ({title})"
                    found.setdefault((FORMS, str(form)), []).append(said)
        for form in self.tree.keys(FORMS):
            node = self.tree.find((FORMS, form))
            name = _title(form, node, "title")
            for question in _asked_by(node):
                found.setdefault((QUESTIONS, question), []).append(name)
        return {place: list(dict.fromkeys(said)) for place, said in found.items()}

    @cached_property
    def states(self) -> Pairs:
        """Name the stages."""
        return self.titles("states")

    @cached_property
    def counts(self) -> Pairs:
        """Say as what each stage counts."""
        states = self._workflow.get(Text("states"))
        found = states if isinstance(states, Map) else Map()
        return {str(key): str(node.get(Text("counts_as"), "")) for key, node in found.items() if isinstance(node, Map)}

    @cached_property
    def steps(self) -> Pairs:
        """Name the steps."""
        return self.titles("steps")

    @cached_property
    def moves(self) -> Pairs:
        """Name the steps, and the stages that a review comes to."""
        return {**{key: f"Comes to “{title}”" for key, title in self.states.items()}, **self.steps}

    @cached_property
    def questions(self) -> Pairs:
        """Name every question of the bank."""
        return {key: question_title(self.tree, key) for key in self.tree.keys(QUESTIONS)}

    def of_type(self, *types: str) -> Pairs:
        """Name the questions of some types."""
        return {key: title for key, title in self.questions.items() if question_type(self.tree, key) in types}

    def answers_to(self, question: str) -> Pairs:
        """Name the answers that a question can have, where it has a list of them."""
        if question == "review_type":
            return self.titles("review_types") if self.place[0] == WORKFLOWS else self.every_type
        node = self.tree.find((QUESTIONS, question))
        if not isinstance(node, Map):
            return {}
        if (vocabulary := node.get(Text("vocabulary"))) is not None:
            return dict(self.terms.get(str(vocabulary), {}))
        options = node.get(Text("options"))
        if isinstance(options, list):
            return {str(one): str(one) for one in options}
        if isinstance(options, dict):
            return {str(key): str(label) for key, label in options.items()}
        return dict(YES_NO) if node.get(Text("type")) == "yes_no" else {}

    def for_field(self, asked: Field) -> Pairs:
        """Give what *asked* can be chosen from; nothing where it is typed."""
        if asked.choices:
            return dict(asked.choices)
        make = _CHOICES.get(asked.control)
        return make(self) if make else {}


def titles(node: Any, title: str = "title") -> Pairs:
    """Name the entries of a map by their titles, or by their keys in words."""
    if not isinstance(node, Map):
        return {}
    return {str(key): _title(str(key), inner, title) for key, inner in node.items()}


def _title(key: str, node: Any, title: str) -> str:
    said = node if isinstance(node, str) else node.get(Text(title)) if isinstance(node, Map) else None
    return str(said) if isinstance(said, str) and said.strip() else key.replace("_", " ").capitalize()


def question_title(tree: Tree, key: str) -> str:
    """Give the short label of a question, or its label."""
    node = tree.find((QUESTIONS, key))
    if not isinstance(node, Map):
        return key
    return str(node.get(Text("short_label")) or node.get(Text("label")) or key)


def question_type(tree: Tree, key: str) -> str:
    """Give the type of a question."""
    node = tree.find((QUESTIONS, key))
    return str(node.get(Text("type"), "")) if isinstance(node, Map) else ""


def key_for(title: str, taken: Any) -> str:
    """Make a key from what something is called, one that is not among those *taken*."""
    made = _NOT_ALLOWED.sub("_", title.casefold()).strip("_")[:50].rstrip("_")
    plain = made if made[:1].isalpha() else f"x_{made}".rstrip("_")
    key, number = plain, 2
    while key in taken or key in {SAME, NEW}:
        key, number = f"{plain}_{number}", number + 1
    return key


_EVERY = {
    f"{COUNTED}open": "Every open stage",
    f"{COUNTED}closed": "Every closed stage",
    f"{COUNTED}nothing": "Every stage that is not counted",
}
_CHOICES: dict[Control, Callable[[Around], Pairs]] = {
    Control.ROLES: lambda _: {role.value: facts.title for role, facts in ROLES.items() if role in ACTORS},
    Control.STATE: lambda around: around.states,
    Control.TARGET: lambda around: {SAME: "Stays where it is", **around.states},
    Control.STATES: lambda around: {**_EVERY, **around.states},
    Control.ORIGIN: lambda around: {NEW: "Nowhere: it makes a new review", **_EVERY, **around.states},
    Control.STEP: lambda around: around.steps,
    Control.STEPS: lambda around: around.steps,
    Control.POSTS: lambda around: dict(around.terms.get(POSTS) or {one.code: one.label for one in vocabulary(POSTS)}),
    Control.FORM: lambda around: _told_apart(
        {key: _title(key, around.tree.find((FORMS, key)), "title") for key in around.tree.keys(FORMS)}
    ),
    Control.QUESTION: lambda around: around.questions,
    Control.DATE_QUESTION: lambda around: around.of_type("date"),
    Control.TYPING_QUESTION: lambda around: around.of_type("choice"),
    Control.QUESTIONS: lambda around: around.questions,
    Control.MOMENT: lambda around: {**around.of_type("date"), **around.moves},
    Control.MOVES: lambda around: around.moves,
    Control.MOMENTS: lambda around: {**around.steps, **around.of_type("date")},
    Control.APPROVALS: lambda around: {key: title for key, title in around.steps.items() if _approves(around, key)},
    Control.CLOCK: lambda around: around.titles("clocks"),
    Control.NOTICE: lambda around: _told_apart(around.titles("notices", "subject")),
    Control.VOCABULARY: lambda around: dict(around.vocabularies),
    Control.WORKFLOW: lambda around: around.workflow_titles,
    Control.TYPE_ELSEWHERE: lambda around: around.titles_elsewhere("review_types"),
    Control.STATE_ELSEWHERE: lambda around: around.titles_elsewhere("states"),
    Control.OPERAND: lambda around: around.questions,
}


CHOSEN = frozenset(_CHOICES)
"""Controls whose values are chosen from what there is, and never typed."""


def _asked_by(form: Any) -> list[str]:
    pages = form.get(Text("pages")) if isinstance(form, Map) else None
    pages = [page for page in pages if isinstance(page, Map)] if isinstance(pages, list) else []
    return [str(one) for page in pages for one in page.get(Text("questions")) or () if isinstance(one, str)]


def _told_apart(titles: Pairs) -> Pairs:
    """Add to each title that several have what tells it apart: the words of its key."""
    several = {title for title, many in Counter(titles.values()).items() if many > 1}
    return {key: f"{title} ({key.replace('_', ' ')})" if title in several else title for key, title in titles.items()}


def _approves(around: Around, step: str) -> bool:
    node = around.tree.find((*around.place[:2], "steps", step))
    return isinstance(node, Map) and Text("approves") in node


def _workflows(tree: Tree) -> Pairs:
    return {key: _title(key, tree.find((WORKFLOWS, key)), "title") for key in tree.keys(WORKFLOWS)}
