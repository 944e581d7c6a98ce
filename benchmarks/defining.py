"""Checking definitions, and pages that are open while definitions are released."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks.databases import Databases
from benchmarks.timing import Timed, side_by_side, unprepared
from benchmarks.tracker import Tracker
from scrt_workflow.editing.tree import Tree
from scrt_workflow.folder import BANK, Folder, read_folder, read_sources
from scrt_workflow.lint import lint
from scrt_workflow.operations.definitions import known_types, vocabularies
from scrt_workflow.settings import shipped

STATES, STEPS, QUESTIONS = 100, 300, 12
LARGEST = "domestic_homicide_review"
RELEASING = """
import sys, time
from datetime import UTC, datetime
from scrt_workflow.database import make_engine, unit_of_work
from scrt_workflow.folder import read_folder, read_sources
from scrt_workflow.operations import definitions
from scrt_workflow.settings import shipped
engine, types = make_engine(sys.argv[1]), definitions.known_types()
sources = read_folder(shipped("workflows").parent, known_types=types).sources
for number in range(1000):
    bank = sources["forms/questions.yaml"].replace("Choose all that apply", f"Choose all that apply ({number})")
    changed = read_sources({**sources, "forms/questions.yaml": bank}, known_types=types)
    with unit_of_work(engine) as session:
        made = definitions.load(session, changed, at=datetime(2024, 11, 1, 10, tzinfo=UTC))
    print(sum(one.is_new for one in made), flush=True)
    time.sleep(1)
"""


def linting(_on: Databases, turns: int) -> list[Timed]:
    """Check the largest shipped workflow (the goal: 0.1 s), the whole folder, and one of 100 states and 300 steps (2 s)."""
    whole = read_folder(shipped("workflows").parent, known_types=known_types())
    wanted = {
        f"the largest shipped workflow ({LARGEST})": alone(whole, LARGEST),
        "the whole shipped folder": whole,
        f"{STATES} states and {STEPS} steps": read_sources(made_up()),
    }
    terms = vocabularies()
    for name, folder in wanted.items():
        if found := list(map(str, lint(folder, vocabularies=terms))):
            sys.exit(f"{name}: {found[:3]}")
    ways = {name: unprepared(partial(lint, folder, vocabularies=terms)) for name, folder in wanted.items()}
    return side_by_side(ways, turns=max(5, turns // 20), warm_up=1)


def alone(folder: Folder, workflow: str) -> Folder:
    """Give one workflow of *folder* with what it uses, without the types that only others have."""
    definition, tree = folder.definition(workflow), Tree(folder.sources)
    gone = [("workflows", key) for key in tree.keys("workflows") if key != workflow]
    gone += [("forms", key) for key in tree.keys("forms") if key not in definition.forms]
    gone += [("questions", key) for key in tree.keys("questions") if key not in definition.questions]
    for place in gone:
        tree = tree.remove(place)
    others = {key for one in folder.workflows.values() for key in one.review_types} - set(definition.workflow.review_types)
    named = re.compile(rf"\b({'|'.join(others)})\b, |, ({'|'.join(others)})\b")
    return read_sources({path: named.sub("", text) for path, text in tree.texts.items()}, known_types=known_types())


def made_up() -> dict[str, str]:
    """Write a workflow of many states: from each a step that goes on by an answer, one that goes back, and one that stays."""
    last = STATES - 1
    states = [f"  s{n}: {{title: Stage {n}, counts_as: open}}" for n in range(last)]
    steps = ["  begin: {title: Begin, from: new, who: [designate], to: s0}"]
    for n in range(last):
        q = f"q{n % QUESTIONS}"
        steps += [
            f"  on_{n}:\n    title: On {n}\n    from: [s{n}]\n    who: [designate]\n    form: f{n % QUESTIONS}\n    outcomes:",
            f"      - {{when: {{{q}: yes}}, to: s{n + 1}}}\n      - {{when: {{{q}: no}}, to: same}}",
            f"  back_{n}: {{title: Back {n}, from: [s{n}], who: [designate], to: s{max(0, n - 1)}}}",
            f"  note_{n}: {{title: Note {n}, from: [s{n}], who: [designate], form: f{n % QUESTIONS}, to: same}}",
        ]
    head = "workflow: many\ntitle: Many\nreview_types:\n  many: {title: Many}\nstarts_in: s0\nstates:\n"
    end = f"  s{last}: {{title: The end, counts_as: closed, final: yes}}\nsteps:\n"
    bank = "".join(f"q{n}: {{type: yes_no, label: Question {n}?}}\n" for n in range(QUESTIONS))
    forms = "".join(f"f{n}: [q{n}]\n" for n in range(QUESTIONS))
    flow = head + "\n".join(states) + "\n" + end + "\n".join(steps) + "\n"
    return {"workflows/many.yaml": flow, BANK: bank, "forms/short.yaml": forms}


def releasing(on: Databases, turns: int) -> list[Timed]:
    """Get the page of a review, and then again while another process releases definitions every second."""
    tracker = Tracker(on.folder(), on.empty())
    page = partial(tracker.designate.get, f"/reviews/{tracker.add_review()}")
    turns = max(50, turns // 2)
    quiet = side_by_side({"the page of a review": page}, turns=turns)
    with _releases(tracker) as made:
        busy = side_by_side({"the same, while definitions are released": page}, turns=turns)
        time.sleep(1)
    tracker.close()
    if not made:
        sys.exit("Nothing was released meanwhile.")
    first, second = quiet[0], busy[0]
    ratio = Timed(second.name, second.wall, second.cpu, second.wall / first.wall, second.cpu / first.cpu)
    return [first, ratio]


@contextmanager
def _releases(tracker: Tracker) -> Iterator[list[str]]:
    made: list[str] = []
    url = tracker.engine.url.render_as_string(hide_password=False)
    with subprocess.Popen([sys.executable, "-c", RELEASING, url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        made.append(process.stdout.readline())
        yield made
        process.kill()
