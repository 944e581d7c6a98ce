"""What a kind of entry of a definition is: its fields, each asked in its way, and what it holds more of.

`scrt_workflow.workflows.reading` and `scrt_workflow.forms.schema` read the same fields from YAML; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Control(StrEnum):
    """How a field is asked and what its node is."""

    LINE = "line"  # one line of text
    PROSE = "prose"  # text of several lines
    YES_NO = "yes_no"
    NUMBER = "number"
    PERIOD = "period"  # such as `30 days`
    PICK = "pick"  # one of `choices`
    ROLES = "roles"
    STATE = "state"
    TARGET = "target"  # a state, or `same`
    STATES = "states"  # a list of states, or {counts_as: …}
    ORIGIN = "origin"  # the same, or `new`
    STEP = "step"  # one step
    STEPS = "steps"
    FORM = "form"
    QUESTION = "question"
    DATE_QUESTION = "date_question"
    TYPING_QUESTION = "typing_question"  # one that says which kind of reference an identifier is
    QUESTIONS = "questions"
    MOMENT = "moment"  # a date question, a step, or a state that a review comes to
    MOVES = "moves"  # steps, and states that a review comes to
    MOMENTS = "moments"  # a date question, or steps
    APPROVALS = "approvals"  # steps that approve
    CLOCK = "clock"  # a deadline
    NOTICE = "notice"
    POSTS = "posts"  # of those who are told without being users
    VOCABULARY = "vocabulary"
    WORKFLOW = "workflow"
    TYPE_ELSEWHERE = "type_elsewhere"  # a type of review of another workflow
    STATE_ELSEWHERE = "state_elsewhere"
    OPERAND = "operand"  # what a check compares with
    CONDITION = "condition"  # edited on a page of its own


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind. *name* is its key in YAML (`escalate.to`: a key within a key); *default* is what its absence means."""

    name: str
    label: str
    control: Control = Control.LINE
    hint: str = ""
    longest: int = 200
    default: str = ""
    required: str = ""
    """What to say when it is left empty; empty where it may be."""
    choices: tuple[tuple[str, str], ...] = ()
    fits: frozenset[str] = frozenset()
    """The types of question that have it; empty for every one."""
    fixed: bool = False
    """Whether it stays as it is once made."""


@dataclass(frozen=True, slots=True)
class Children:
    """What a kind holds more of: a map by key, or (*is_list*) a list."""

    name: str
    kind: str
    title: str
    is_list: bool = False
    adds: str = ""
    """What the link says by which one is added; empty where it says so by its name."""
    at_once: str = ""
    """What asks for all of them, one on each line, when what holds them is added; empty where each has more to it than a line."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What one place holds: what people call it, its fields, and what it holds more of."""

    key: str
    name: str
    fields: tuple[Field, ...]
    children: tuple[Children, ...] = ()
    heads: str = "title"
    """The field that people know it by."""
    told: tuple[str, ...] = ()
    """The fields that a list of entries tells besides."""
    rare: frozenset[str] = frozenset()
    """The fields that few entries have."""

    def field(self, name: str) -> Field | None:
        """Find a field by its name."""
        return next((one for one in self.fields if one.name == name), None)
