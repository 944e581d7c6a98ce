"""A workflow as a picture: its states, and the steps that move a review between them, as DOT text for Graphviz.

Top to bottom and narrow, so that it can be read on a telephone. Drawn is what takes a review on, with every way in which such a
step can end; a step that leaves a review where it is, reopens it or takes it back is not: the table beside the picture has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap

from scrt_workflow.workflows.ahead import distances, leads_on
from scrt_workflow.workflows.schema import CLOSED, NOTHING, OPEN, Definition, Outcome, State, Step, Workflow
from scrt_workflow.workflows.wording import ending_in_words

NODE_WIDTH, EDGE_WIDTH = 20, 17  # characters, as wide as a line of a label may be
MOST_STATES, MOST_MOVES = 60, 240
FILLS = {OPEN: ("#d2e3f5", "#005eb8"), CLOSED: ("#e8edee", "#4c6272"), NOTHING: ("#ffffff", "#768692")}
"""What a state counts as, to the colours of its inside and of its line: NHS blue, grey and white."""
CENTRED, LEFT = r"\n", r"\l"  # how Graphviz ends a line that stands in the middle, or to the left
HERE = ("#003087", "#003087")
ELSEWHERE = "(elsewhere)"
"""Stands for the workflow under which a review goes on, where a step makes it a review of another kind."""
ELSEWHERE_LOOKS = f'  "{ELSEWHERE}" [label="Goes on under the\\nsteps of its type", style="rounded,dashed", color="#4c6272"]'
HEAD = """  graph [rankdir=TB, nodesep=0.25, ranksep=0.3, pad=0.05, bgcolor=transparent]
  node [shape=box, style="rounded,filled", fontname="Arial", fontsize=14, margin="0.12,0.07", height=0.4, width=1.3, penwidth=1.5]
  edge [fontname="Arial", fontsize=12, color="#4c6272", fontcolor="#212b32", arrowsize=0.8, penwidth=1.2]"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """An arrow of the picture: the steps that lead from one state to another, in words."""

    source: str
    target: str
    labels: tuple[str, ...]
    leads_back: bool


def as_dot(definition: Definition, *, here: str = "") -> str:
    """Write the picture of a workflow as DOT, with the state *here* marked as the one that a review is in."""
    workflow = definition.workflow
    moves = moves_of(definition)
    drawn = {move.source for move in moves} | {move.target for move in moves} | {here} | set(distances(workflow))
    lines = [f"digraph {_quoted(workflow.key)} {{", HEAD]
    lines += [_node(state, is_here=state.key == here) for state in workflow.states.values() if state.key in drawn]
    lines += [ELSEWHERE_LOOKS] if ELSEWHERE in drawn else []
    lines += [_edge(move) for move in moves]
    return "\n".join([*lines, "}", ""])


def is_too_large(workflow: Workflow) -> bool:
    """Say whether a picture of *workflow* would be more than anyone can read, or Graphviz lay out at once."""
    moves = sum(len(step.comes_from) * len(step.outcomes) for step in workflow.steps.values())
    return len(workflow.states) > MOST_STATES or moves > MOST_MOVES


def moves_of(definition: Definition) -> list[Drawn]:
    """Give the arrows: one for each pair of states, however many steps lead from the one to the other."""
    far = distances(definition.workflow)
    found: dict[tuple[str, str], dict[str, None]] = {}
    for step in definition.workflow.steps.values():
        for source, target, label in _moves_of_step(definition, step):
            found.setdefault((source, target), {})[label] = None
    return [
        Drawn(source, target, tuple(labels), far.get(target, 0) < far.get(source, len(far)))
        for (source, target), labels in found.items()
    ]


def _moves_of_step(definition: Definition, step: Step) -> Iterator[tuple[str, str, str]]:
    workflow = definition.workflow
    sources = [one for one in step.comes_from if one in workflow.states and leads_on(workflow, step, one)]
    targets = {target for outcome in step.outcomes if (target := _target(workflow, outcome))}
    for outcome in step.outcomes:
        ending = ending_in_words(outcome, definition) if len(targets) > 1 else ""
        label = f"{step.title}: {ending}" if ending and len(ending) <= 2 * EDGE_WIDTH else step.title
        yield from ((one, _target(workflow, outcome), label) for one in sources if _target(workflow, outcome) in targets - {one})


def _target(workflow: Workflow, outcome: Outcome) -> str:
    if outcome.becomes is not None:
        return ELSEWHERE
    return outcome.to if outcome.to in workflow.states else ""


def _node(state: State, *, is_here: bool) -> str:
    fill, line = HERE if is_here else FILLS[state.counts_as]
    words = _lines(state.title, NODE_WIDTH) + (["(this review is here)"] if is_here else [])
    looks = [f'label="{_text(words)}"', f'fillcolor="{fill}"', f'color="{line}"']
    looks.append(f'fontcolor="{"#ffffff" if is_here else "#212b32"}"')
    if state.final:
        looks.append("peripheries=2")
    return f"  {_quoted(state.key)} [{', '.join(looks)}]"


def _edge(move: Drawn) -> str:
    words = [f"  {line}" for label in move.labels for line in _lines(label, EDGE_WIDTH)]
    looks = [f'label="{_text(words, end=LEFT)}"']
    if move.leads_back:
        looks += ['style="dashed"', "constraint=false"]
    return f"  {_quoted(move.source)} -> {_quoted(move.target)} [{', '.join(looks)}]"


def _lines(text: str, width: int) -> list[str]:
    return wrap(text, width, break_on_hyphens=False) or [""]


def _text(lines: list[str], *, end: str = CENTRED) -> str:
    return "".join(_escaped(line) + end for line in lines)


def _quoted(key: str) -> str:
    return f'"{_escaped(key)}"'


def _escaped(text: str) -> str:
    r"""Keep *text* from being read as DOT, as one of its escapes (\N), or as an entity of HTML (&lt;)."""
    return text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
