"""Read a folder of definitions, `workflows/` and `forms/`, all mistakes at once; and bundle what one workflow uses.

A bundle is plain data (maps, lists, text) and stands on its own: a released version is one bundle, known by its hash.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from scrt_workflow.conditions import questions_in
from scrt_workflow.forms.schema import Form, Question, read_forms, read_questions
from scrt_workflow.workflows.reading import read_workflow
from scrt_workflow.workflows.schema import Definition, ReviewType, Workflow
from scrt_workflow.yaml_reader import (
    DEEPEST_NESTING,
    LARGEST_FILE,
    DefinitionError,
    Items,
    Map,
    Problems,
    Text,
    read_yaml,
)

WORKFLOWS, FORMS, BANK = "workflows", "forms", "forms/questions.yaml"
MOST_FILES = 200
LARGEST_FOLDER = 1024 * 1024  # characters
Bundle = dict[str, Any]
"""`{"workflow": node, "forms": {key: node}, "questions": {key: node}, "review_types": {key: labels}}`, as JSON data."""
_NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Folder:
    """What a folder of definitions holds, and every mistake in how it is written (`lint` finds those in what it says).

    *sources* are the texts by path within the folder; the nodes are what was read from them, by key; *unread* are the
    files (or a folder that is missing) of which nothing could be read.
    """

    workflows: Mapping[str, Workflow] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    workflow_nodes: Mapping[str, Map] = field(default_factory=dict)
    form_nodes: Mapping[str, Any] = field(default_factory=dict)
    question_nodes: Mapping[str, Any] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    problems: Problems = field(default_factory=Problems)

    def definition(self, workflow_key: str) -> Definition:
        """Give a workflow with the forms and questions that it uses, where they exist; an unknown one is a KeyError."""
        workflow = self.workflows[workflow_key]
        named = {step.form for step in workflow.steps.values()}
        forms = {key: self.forms[key] for key in sorted(named) if key in self.forms}
        used = questions_used(workflow, forms, self.questions)
        return Definition(workflow, forms, {key: self.questions[key] for key in sorted(used)})


def read_folder(path: Path, *, known_types: Mapping[str, ReviewType] = _NONE) -> Folder:
    """Read the definitions in *path*; *known_types* gives the labels of review types that a workflow only names."""
    problems = Problems()
    return read_sources(_sources(path, problems), known_types=known_types, problems=problems)


def read_sources(
    sources: Mapping[str, str], *, known_types: Mapping[str, ReviewType] = _NONE, problems: Problems | None = None
) -> Folder:
    """Read definitions from *sources*, texts by their path within a folder (`workflows/x.yaml`, `forms/y.yaml`)."""
    problems = Problems() if problems is None else problems
    unread = {problem.file for problem in problems}
    folder = Folder({}, {}, {}, dict(sources), {}, {}, {}, unread, problems)
    with suppress(DefinitionError):  # there are so many mistakes that the rest is left unread
        for file, text in sources.items():
            node = read_yaml(text, file=file, problems=problems)
            if not node and any(problem.file == file for problem in problems):
                unread.add(file)
            _take(folder, node, file, known_types)
    return folder


def _take(folder: Folder, node: Map, file: str, known_types: Mapping[str, ReviewType]) -> None:
    if file == BANK:
        questions = read_questions(node, file=file, problems=folder.problems)
        _keep(folder.questions, questions, "question", folder.problems)
        _keep_nodes(folder.question_nodes, node)
    elif file.startswith(f"{WORKFLOWS}/"):
        _take_workflow(folder, node, file, known_types)
    elif node:
        _take_forms(folder, node, file)


def _take_workflow(folder: Folder, node: Map, file: str, known_types: Mapping[str, ReviewType]) -> None:
    if not node and any(problem.file == file for problem in folder.problems):
        return  # that nothing of it could be read was said
    workflow = read_workflow(node, file=file, problems=folder.problems, known_types=known_types)
    if workflow is None:
        folder.unread.add(file)
    else:
        _keep(folder.workflows, {workflow.key: workflow}, "workflow", folder.problems)
        _keep_nodes(folder.workflow_nodes, Map({Text(workflow.key): node}))


def _take_forms(folder: Folder, node: Map, file: str) -> None:
    forms = read_forms(node, file=file, problems=folder.problems)
    _keep(folder.forms, forms, "form", folder.problems)
    nodes = Map({Text(key): node for key in forms}) if Text("form") in node else node
    _keep_nodes(folder.form_nodes, nodes)


def _keep(kept: Any, found: Mapping[str, Any], what: str, problems: Problems) -> None:
    """Add *found* to *kept*; a key that another file has already is a mistake that names both places."""
    for key, one in found.items():
        other = kept.setdefault(key, one)
        if other is not one:
            there = f"{other.file}:{getattr(other, 'line', 1)}"
            problems.add(one.file, getattr(one, "line", 1), f"{key}: there is a {what} of this key in {there} already.")


def _keep_nodes(kept: Any, node: Map) -> None:
    for key, inner in node.items():
        kept.setdefault(str(key), inner)


def _sources(path: Path, problems: Problems) -> dict[str, str]:
    """Read the texts of the YAML files in *path*, by their path within it."""
    if not path.is_dir():
        problems.add(str(path), 0, "There is no such folder.")
        return {}
    files: list[Path] = []
    for name in (FORMS, WORKFLOWS):
        if not (path / name).is_dir():
            problems.add(name, 0, f"There is no folder of this name in {path.name or path}. Make one for the {name}.")
        files += sorted(file for file in (path / name).glob("[!.]*.y*ml") if file.suffix in {".yaml", ".yml"})
    if (path / FORMS).is_dir() and not (path / BANK).exists():
        problems.add(BANK, 0, "This file is missing. It holds the questions that the forms ask.")
    if len(files) > MOST_FILES:
        problems.add(path.name, 0, f"There are more than {MOST_FILES} files here. Take out what is not needed.")
        return {}
    texts = {f"{file.parent.name}/{file.name}": _text(file, path, problems) for file in files}
    found = {name: text for name, text in texts.items() if text is not None}
    if sum(map(len, found.values())) > LARGEST_FOLDER:
        problems.add(path.name, 0, f"The files are larger than {LARGEST_FOLDER // 1024} KiB together. Shorten them.")
        return {}
    return found


def _text(file: Path, root: Path, problems: Problems) -> str | None:
    """Read one file of the folder *root*, or say why it cannot be read."""
    name = f"{file.parent.name}/{file.name}"
    if not file.is_file():
        problems.add(name, 0, "This is not a file.")
        return None
    if not file.resolve().is_relative_to(root.resolve()):
        problems.add(name, 0, "This is a link to a file outside the folder. Put the file itself here.")
        return None
    try:
        with file.open("rb") as stream:
            found = stream.read(LARGEST_FILE + 1)
        if len(found) > LARGEST_FILE:
            problems.add(name, 1, f"The file is larger than {LARGEST_FILE // 1024} KiB. Split it.")
            return None
        return found.decode()
    except UnicodeDecodeError as error:
        line = found.count(b"\n", 0, error.start) + 1
        problems.add(name, line, "This line is not written in UTF-8. Save the file as UTF-8.")
    except OSError as error:
        problems.add(name, 0, f"The file cannot be read: {error.strerror}.")
    return None


# What a workflow uses


def questions_used(workflow: Workflow, forms: Mapping[str, Form], questions: Mapping[str, Question]) -> set[str]:
    """Name the questions of *questions* that *workflow* asks or looks at, in *forms* or anywhere else."""
    wanted = [*_named_by_workflow(workflow), *(key for form in forms.values() for key in _named_by_form(form))]
    used: set[str] = set()
    while wanted:
        key = wanted.pop()
        if key in questions and key not in used:
            used.add(key)
            wanted.extend(_named_by_question(questions[key]))
    return used


def _named_by_workflow(workflow: Workflow) -> Iterator[str]:
    for step in workflow.steps.values():
        yield from step.approves
        yield from step.carries
        for outcome in step.outcomes:
            yield outcome.dated_by
            yield from questions_in(outcome.when)
        for condition in (*(guard.when for guard in step.needs), *(tell.when for tell in step.tells)):
            yield from questions_in(condition)
    for clock in workflow.clocks.values():
        yield from (clock.starts, clock.extended_by)
    for reminder in workflow.reminders.values():
        yield from reminder.since
    for escalation in workflow.escalations.values():
        for condition in escalation.conditions:
            yield from questions_in(condition)


def _named_by_form(form: Form) -> Iterator[str]:
    for page in form.pages:
        yield from page.questions
        yield from questions_in(page.show_when)


def _named_by_question(question: Question) -> Iterator[str]:
    yield question.typed_by
    yield from (check.operand for check in question.checks)
    yield from questions_in(question.show_when)


# Bundles


def bundle(folder: Folder, key: str) -> Bundle:
    """Give everything that the workflow *key* uses as plain data, from which `definition_from` makes it again."""
    definition = folder.definition(key)
    labels = {
        kind.key: {"title": kind.title, "family": kind.family, "converted": "yes" if kind.converted else "no"}
        for kind in definition.workflow.review_types.values()
    }
    return {
        "workflow": _plain(folder.workflow_nodes[key]),
        "forms": {form: _plain(folder.form_nodes[form]) for form in definition.forms},
        "questions": {question: _plain(folder.question_nodes[question]) for question in definition.questions},
        "review_types": labels,
    }


def content_hash(made: Bundle) -> str:
    """Give the SHA-256 of a bundle, in hex. The order of states, steps, pages and options is part of the content."""
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def definition_from(made: Bundle) -> Definition:
    """Read a bundle as its files would be read; raises DefinitionError with every mistake in it."""
    problems = Problems()
    node, form_nodes, question_nodes, types = (
        _node(made.get(part, {}), part, problems) for part in ("workflow", "forms", "questions", "review_types")
    )
    file = f"{WORKFLOWS}/{node.get(Text('workflow'), 'workflow')}.yaml"
    workflow = read_workflow(node, file=file, problems=problems, known_types=_known_types(types))
    questions = read_questions(question_nodes, file=BANK, problems=problems)
    forms: dict[str, Form] = {}
    for key, node in form_nodes.items():
        alone = node if isinstance(node, Map) else Map({key: node})
        forms |= read_forms(alone, file=f"{FORMS}/{key}.yaml", problems=problems)
    if problems or workflow is None:
        raise DefinitionError(problems)
    return Definition(workflow, forms, questions)


def _known_types(node: Map) -> dict[str, ReviewType]:
    labels = {key: dict(kind) for key, kind in _plain(node).items() if isinstance(kind, dict)}
    return {
        key: ReviewType(key, kind.get("title", key), kind.get("family", ""), converted=kind.get("converted") == "yes")
        for key, kind in labels.items()
    }


def _plain(node: Any) -> Any:
    """Turn what was read from YAML into JSON data."""
    if isinstance(node, dict):
        return {str(key): _plain(inner) for key, inner in node.items()}
    return [_plain(item) for item in node] if isinstance(node, list) else str(node)


def _node(data: Any, place: str, problems: Problems) -> Map:
    """Turn JSON data back into what would be read from YAML."""
    made = node_of(data, refuse=lambda sentence: problems.add(place, 0, sentence))
    return made if isinstance(made, Map) else Map()


def node_of(data: Any, *, refuse: Callable[[str], None] = lambda _: None) -> Any:
    """Turn JSON data (maps, lists and text) into nodes; *refuse* is told of what is neither, or nested too deep."""
    return _deep_node(data, depth=0, refuse=refuse)


def _deep_node(data: Any, *, depth: int, refuse: Callable[[str], None]) -> Any:
    if depth > DEEPEST_NESTING:
        refuse(f"This is nested more than {DEEPEST_NESTING} levels deep.")
        return Text("")
    if isinstance(data, dict):
        return Map({Text(str(key)): _deep_node(inner, depth=depth + 1, refuse=refuse) for key, inner in data.items()})
    if isinstance(data, list):
        return Items(_deep_node(item, depth=depth + 1, refuse=refuse) for item in data)
    if not isinstance(data, str):
        refuse(f"{data!r} must be text.")
    return Text(str(data))
