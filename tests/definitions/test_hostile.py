"""A definition cannot run code, hang or crash the service, whatever an administrator or an attacker writes (IN7)."""

import re
import sys
import tracemalloc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from random import Random
from time import process_time

import pytest

from scrt_workflow.folder import read_folder, read_sources
from scrt_workflow.lint import lint
from scrt_workflow.operations.definitions import known_types, problems_in, vocabularies
from tests.definitions.shipped import DHR, LOAN, ROOT

MUTATIONS = 250
LONGEST, LARGEST = 1.0, 64 * 1024 * 1024  # seconds of one processor, bytes
FORBIDDEN = ("compile", "exec", "import", "os.exec", "os.fork", "os.system", "socket.connect", "subprocess.Popen")
_watching: list[list[str]] = []


def _watch(event: str, _details: object) -> None:
    if _watching and event in FORBIDDEN:
        _watching[-1].append(event)


sys.addaudithook(_watch)


@contextmanager
def nothing_run() -> Iterator[None]:
    """Fail if anything is imported, compiled, executed or started meanwhile."""
    _watching.append([])
    try:
        yield
    finally:
        seen = _watching.pop()
    assert seen == []


@pytest.fixture(scope="module", autouse=True)
def _everything_is_imported() -> None:
    """Lint once, so that what is imported or read at first use is there."""
    problems_in(read_folder(ROOT, known_types=known_types()))


def slowness() -> float:
    """Say how much slower this machine is now than a quiet one of 2024."""
    began = process_time()
    sum(number * number for number in range(500_000))
    return (process_time() - began) / 0.04


def refused(sources: Mapping[str, str]) -> list[str]:
    """Read and lint *sources* within the limits, and give the mistakes found; what was too slow may be so by chance once."""
    found, took = read_and_lint(sources)
    if took >= LONGEST:
        took = min(took, read_and_lint(sources)[1])
    assert took < LONGEST * max(1, slowness()), f"{took:.2f} s"
    return found


def read_and_lint(sources: Mapping[str, str]) -> tuple[list[str], float]:
    """Give the mistakes in *sources*, and how long the processor took to find them."""
    terms = vocabularies()
    with nothing_run():
        began = process_time()
        found = [str(problem) for problem in lint(read_sources(sources, known_types=known_types()), vocabularies=terms)]
        return found, process_time() - began


# Made by hand

STATES = "".join(f"  state_{n}: {{counts_as: open}}\n" for n in range(199))
HEAD = f"workflow: v\ntitle: V\nreview_types: [v]\nstates:\n{STATES}  z: {{counts_as: closed, final: yes}}\nsteps:\n"
ONE_STEP = "  s: {from: [state_0], who: [designate], form: f, to: z}\n"
FEW = "workflow: v\ntitle: V\nreview_types: [v]\nstates: {a: {counts_as: open}, z: {counts_as: closed, final: yes}}\nsteps:\n"
NEARLY = ", ".join(f"stat_{n}" for n in range(60))
TWELVE = "".join(f"q{n}: {{type: yes_no, label: Is it?}}\n" for n in range(12))
ALL_TWELVE = ", ".join(f"q{n}" for n in range(12))
ANY_OF_TWELVE = "{any: [" + ", ".join(f"{{q{n}: yes}}" for n in range(12)) + "]}"
HOSTILE = {
    "every step from every state": {
        "w": HEAD
        + "".join(f"  s{n}: {{from: {{counts_as: open}}, who: [designate], to: state_{n % 199}}}\n" for n in range(499))
    },
    "more states than a workflow may have": {
        "w": HEAD.replace("steps:", "".join(f"  more_{n}: {{counts_as: open}}\n" for n in range(500)) + "steps:") + ONE_STEP
    },
    "thousands of names that are nearly right": {
        "w": HEAD + "".join(f"  s{n}: {{from: [{NEARLY}], who: [designate], to: z}}\n" for n in range(200))
    },
    "hundreds of steps that each look at twelve answers": {
        "w": FEW + "".join(
            f"  s{n}: {{from: [a], who: [designate], form: f, needs: [{{when: {ANY_OF_TWELVE}, else: No}}], to: z}}\n"
            for n in range(300)
        ),
        "q": TWELVE,
        "f": f"f: [{ALL_TWELVE}]\n",
    },
    "answers that multiply": {
        "w": FEW + "".join(
            f"  s{n}: {{from: [a], who: [designate], form: g{n}, to: same}}\n"
            f"  t{n}: {{from: [a], who: [designate], needs: [{{when: {{q{n}: {{in: [yes]}}}}, else: No}}], to: z}}\n"
            for n in range(20)
        ),
        "q": "".join(f"q{n}: {{type: yes_no, label: Is it?}}\n" for n in range(20)),
        "f": "".join(f"g{n}: [q{n}]\n" for n in range(20)),
    },
    "approvals that multiply": {
        "w": FEW + "".join(
            f"  s{n}: {{from: [a], who: [designate], approves: [q{n}], if_they_change: a, to: same}}\n" for n in range(30)
        ) + "  t: {from: [a], who: [designate], form: f, to: z}\n",
        "q": "".join(f"q{n}: {{type: yes_no, label: Is it?}}\n" for n in range(30)),
        "f": f"f: [{', '.join(f'q{n}' for n in range(30))}]\n",
    },
    "an answer for each of a thousand outcomes": {
        "w": FEW + "  s: {from: [a], who: [designate], form: f, outcomes: ["
        + ", ".join(f"{{when: {{n: {{at_least: {n * 7}}}}}, to: z}}" for n in range(900)) + "]}\n",
        "q": "n: {type: number, label: How many?}\n",
        "f": "f: [n]\n",
    },
    "dates compared in every way": {
        "w": FEW + "  s: {from: [a], who: [designate], form: f, needs: [{when: {any: ["
        + ", ".join(f"{{d{n}: {{before: d{n + 1}}}}}" for n in range(39)) + "]}, else: No}], to: z}\n",
        "q": "".join(f"d{n}: {{type: date, label: When?}}\n" for n in range(40)),
        "f": f"f: [{', '.join(f'd{n}' for n in range(40))}]\n",
    },
    "questions that show each other in a ring": {
        "q": "".join(f"q{n}: {{type: yes_no, label: Is it?, show_when: {{q{(n + 1) % 12}: yes}}}}\n" for n in range(12)),
        "f": f"f: [{ALL_TWELVE}]\n",
    },
    "a form that asks everything many times": {
        "q": "".join(f"question_{n}: {{type: date, label: When?}}\n" for n in range(900)),
        "f": "form: f\npages:\n"
        + "".join(f"- {{page: p{p}, questions: [{', '.join(f'question_{n}' for n in range(900))}]}}\n" for p in range(17)),
    },
    "forms of questions that are not there": {
        "q": "".join(f"question_{n}: {{type: date, label: When?}}\n" for n in range(900)),
        "f": "".join(f"f{p}: [{', '.join(f'questiom_{n}' for n in range(900))}]\n" for p in range(18)),
    },
    "a workflow that opens itself for ever": {
        "w": FEW + "  s: {from: [a], who: [designate], outcomes: ["
        + ", ".join("{to: z, opens: {workflow: v, review_type: v}}" for _ in range(900)) + "]}\n"
    },
    "callbacks by their dotted names": {
        "w": FEW + "  s: {from: [a], who: [designate], before: os.system, after: 'scrt_workflow.database.make_engine', "
        "conditions: [builtins.eval], to: z}\n"
    },
    "names of Python's own": {
        "w": FEW + "  __init__: {from: [a], who: [designate], to: z}\n  model: {from: [a], who: [__class__], to: __dict__}\n"
    },
    "words of the language as names": {
        "w": FEW.replace("a: {counts_as", "same: {counts_as").replace("z: {counts_as", "new: {counts_as")
        + "  s: {from: [same], who: [designate], form: f, to: new}\n",
        "q": "d: {type: date, label: When?}\ncsrf_token: {type: text, label: What?}\nworkflow: {type: text, label: What?}\n",
        "f": "f: [d, csrf_token, workflow]\n",
    },
    "a template in a notice": {
        "w": FEW + ONE_STEP.replace("state_0", "a")
        + "notices: {n: {subject: '{{ config }}', body: '{% for x in [].__class__ %}{reference.__init__}{% endfor %}'}}\n"
    },
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_definition_is_refused_at_once_with_a_line(name: str) -> None:
    made = {"w": FEW + ONE_STEP.replace("state_0", "a"), "q": "d: {type: date, label: When?}\n", "f": "f: [d]\n"}
    made |= HOSTILE[name]

    found = refused({"workflows/v.yaml": made["w"], "forms/questions.yaml": made["q"], "forms/short.yaml": made["f"]})

    assert found
    assert any(re.match(r"(forms|workflows)/\w+\.yaml:\d+: ", sentence) for sentence in found)


def test_a_hostile_definition_stays_small() -> None:
    made = HOSTILE["answers that multiply"]
    tracemalloc.start()
    try:
        problems_in(
            read_sources({"workflows/v.yaml": made["w"], "forms/questions.yaml": made["q"], "forms/short.yaml": made["f"]})
        )
        _, largest = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert largest < LARGEST, f"{largest / 1024 / 1024:.0f} MiB"


# Made by chance from what is shipped

WORDS = re.compile(r"[A-Za-z_][\w-]*|\d+|[{}\[\]:,&*!|>'\"#-]")
ODD = [*"{}[]:&*'\"\t", "no", "012", "1:30", "&a", "*a", "!!int", "---", "same", "new", "all", "any", "not", "null", "not_asked"]
ODD += ["review_type", "__class__", "os.system", "", ": ", "- ", "\u202e", "0" * 400, "x" * 400]


def mutated(text: str, chance: Random) -> str:
    """Change *text* in one to three places as a slip or a mischief might."""
    for _ in range(chance.randint(1, 3)):
        lines = text.split("\n")
        at = chance.randrange(len(lines))
        words = [*WORDS.finditer(text)]
        match chance.randrange(6):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[chance.randrange(len(lines))])
            case 2:
                lines[at] = " " * chance.randint(0, 6) + lines[at].lstrip()
            case 3:
                other = chance.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case _:
                word, other_word = chance.choice(words), chance.choice(words).group()
                new = chance.choice([other_word, other_word, chance.choice(ODD)])
                lines = (text[: word.start()] + new + text[word.end() :]).split("\n")
        text = "\n".join(lines)
    return text


def shipped_part() -> dict[str, str]:
    """Give the sources of the largest shipped workflow, with every form."""
    sources = read_folder(ROOT).sources
    return {name: text for name, text in sources.items() if name.startswith("forms/") or DHR in name}


@pytest.mark.parametrize("seed", range(4))
def test_a_definition_changed_by_chance_is_read_or_refused_but_never_breaks_anything(seed: int) -> None:
    chance = Random(f"mutations {seed}")
    whole = [shipped_part(), dict(read_folder(LOAN).sources)]

    for number in range(MUTATIONS // 4):
        sources = dict(whole[number % 2])
        name = chance.choice(sorted(sources))
        sources[name] = mutated(sources[name], chance)
        refused(sources)
