"""The linter says what is wrong with a definition, and where, all at once; and proves what it can of the others."""

from collections.abc import Mapping
from pathlib import Path
from random import Random
from time import process_time

import pytest

from scrt_workflow.folder import Folder, read_folder, read_sources
from scrt_workflow.operations.definitions import known_types, problems_in
from tests.definitions.shipped import LOAN, ROOT

BROKEN = Path(__file__).parent / "broken"
STATES = """\
workflow: visit
title: Visit
review_types: [visit]
states:
  planned: {counts_as: open}
  made: {counts_as: open}
  done: {counts_as: closed, final: yes}
  withdrawn: {counts_as: nothing, final: yes}
steps:
"""
QUESTIONS = """\
kind: {type: choice, label: What kind?, options: {one: First, two: Second, three: Third}}
more: {type: yes_no, label: Is there more?, required: no}
begun_on: {type: date, label: When did it begin?}
ended_on: {type: date, label: When did it end?}
why: {type: text, label: Why?, show_when: {kind: three}}
"""


def visit(steps: str, *, forms: str = "", questions: str = QUESTIONS, **files: str) -> Folder:
    """Make a folder with one workflow of these *steps*, whose forms ask what *forms* says."""
    asked = forms or "all_of_it: [kind, more, begun_on, ended_on, why]\n"
    texts = {"workflows/visit.yaml": STATES + steps, "forms/questions.yaml": questions, "forms/short.yaml": asked}
    return read_sources({**texts, **{name.replace("__", "/") + ".yaml": text for name, text in files.items()}})


def wrong_with(folder: Folder) -> list[str]:
    """Give what the linter says, without the addresses."""
    return [problem.sentence for problem in problems_in(folder)]


# Each broken folder earns its sentence


@pytest.mark.parametrize("folder", sorted(path.name for path in BROKEN.iterdir()))
def test_a_broken_definition_earns_exactly_these_sentences(folder: str) -> None:
    found = [str(problem) for problem in problems_in(read_folder(BROKEN / folder))]

    assert found == (BROKEN / folder / "expected.txt").read_text(encoding="utf-8").splitlines()


def test_there_are_forty_broken_definitions_and_every_one_is_refused() -> None:
    folders = list(BROKEN.iterdir())

    assert len(folders) >= 40
    assert all((folder / "expected.txt").read_text(encoding="utf-8").strip() for folder in folders)


@pytest.mark.parametrize("folder", [ROOT, LOAN], ids=["shipped", "equipment loan"])
def test_definitions_that_are_right_earn_no_sentence(folder: Path) -> None:
    assert list(problems_in(read_folder(folder, known_types=known_types()))) == []


def texts_in(folder: Path) -> dict[str, str]:
    files = [file for part in ("forms", "workflows") for file in sorted((folder / part).glob("*.yaml"))]
    return {f"{file.parent.name}/{file.name}": file.read_text(encoding="utf-8") for file in files}


@pytest.mark.parametrize("folder", [ROOT, LOAN], ids=["shipped", "equipment loan"])
def test_a_file_that_cannot_be_read_is_the_only_mistake(folder: Path) -> None:
    texts = texts_in(folder)
    for file, text in texts.items():
        found = problems_in(read_sources({**texts, file: f"{text}\tx: y\n"}, known_types=known_types()))

        assert [problem.file for problem in found] == [file]


@pytest.mark.parametrize("folder", [ROOT, LOAN], ids=["shipped", "equipment loan"])
def test_a_workflow_whose_key_is_none_is_the_only_mistake(folder: Path) -> None:
    texts = texts_in(folder)
    for file in filter(lambda name: name.startswith("workflows/"), texts):
        misnamed = texts[file].replace("workflow: ", "workflow: 1-", 1)
        found = problems_in(read_sources({**texts, file: misnamed}, known_types=known_types()))

        assert [problem.file for problem in found] == [file]


# What can have been asked before

PLANNING = """\
form: planning
title: Plan
pages:
  - {page: first, show_when: {more: yes}, questions: [begun_on]}
  - {page: second, questions: [more]}
"""
EARLIER = {
    "by a step that leads there": ("[made]", "  look: {from: [planned], who: [designate], form: looking, to: made}\n"),
    "by a step that leaves it there": ("[planned]", "  look: {from: [planned], who: [designate], form: looking, to: same}\n"),
    "two steps before": (
        "[done]",
        """\
  look: {from: [planned], who: [designate], form: looking, to: made}
  make: {from: [made], who: [designate], to: done}
""",
    ),
    "by a step that makes it": ("[planned]", "  begin: {from: new, who: [designate], form: looking, to: planned}\n"),
}
NOT_EARLIER = {
    "only after it": ("[planned]", "  look: {from: [made], who: [designate], form: looking, to: done}\n"),
    "nowhere else": ("[planned]", "  make: {from: [planned], who: [designate], to: done}\n"),
    "but the review is being made": ("new", "  look: {from: [planned], who: [designate], form: looking, to: made}\n"),
}
LATER = "planning: the page 'first' depends on more, which is asked after it begins."


def planned_from(comes_from: str, steps: str) -> list[str]:
    plan = (
        f"  plan: {{from: {comes_from}, who: [designate], form: planning, to: {'planned' if comes_from == 'new' else 'same'}}}\n"
    )
    return wrong_with(visit(plan + steps, forms="looking: [more]\n", forms__planning=PLANNING))


@pytest.mark.parametrize("earlier", EARLIER)
def test_a_page_may_depend_on_what_an_earlier_step_can_have_asked(earlier: str) -> None:
    assert LATER not in planned_from(*EARLIER[earlier])


@pytest.mark.parametrize("asked", NOT_EARLIER)
def test_a_page_cannot_depend_on_what_no_earlier_step_can_have_asked(asked: str) -> None:
    assert LATER in planned_from(*NOT_EARLIER[asked])


@pytest.mark.parametrize(("carries", "is_wrong"), [("[more]", False), ("[kind]", True)])
def test_a_page_may_depend_on_what_a_review_brings_from_elsewhere(carries: str, *, is_wrong: bool) -> None:
    older = f"""\
workflow: older
title: Older
review_types: [older]
states: {{begun: {{counts_as: open}}, over: {{counts_as: closed, final: yes}}}}
steps:
  go_on:
    from: [begun]
    who: [designate]
    form: looking
    outcomes: [{{to: over, opens: {{workflow: visit, review_type: visit}}}}]
    carries: {carries}
"""
    plan = "  plan: {from: [planned], who: [designate], form: planning, to: made}\n"
    folder = visit(plan, forms="looking: [more, kind]\n", forms__planning=PLANNING, workflows__older=older)

    assert (LATER in wrong_with(folder)) is is_wrong


# What is proved by walking


def test_a_guard_on_any_earlier_answer_strands_those_who_gave_it() -> None:
    folder = visit("""\
  make: {from: [planned], who: [designate], form: all_of_it, to: made}
  look: {from: [made], who: [designate], form: looking, to: same}
  finish:
    from: [made]
    who: [designate]
    needs: [{when: {not: {kind: {ever_in: [three]}}}, else: It was of the third kind.}]
    to: done
""", forms="all_of_it: [kind]\nlooking: [kind, why, more, begun_on, ended_on]\n")  # fmt: skip

    assert 'made: a review can be stranded here when kind was once "Third": no step leads on to a final state then.' in (
        wrong_with(folder)
    )


def test_withdrawing_a_review_is_no_way_to_end_it() -> None:
    folder = visit("""\
  make: {from: [planned], who: [designate], form: all_of_it, to: made}
  finish: {from: [planned], who: [designate], to: done}
  withdraw: {from: [planned, made], who: [designate], to: withdrawn, withdraws: yes}
""")

    assert wrong_with(folder) == ["made: no step leads out of this state, and it is not final."]


def test_two_states_that_only_lead_to_each_other_are_found() -> None:
    folder = visit("""\
  make: {from: [planned], who: [designate], form: all_of_it, outcomes: [{when: {kind: one}, to: made}, {to: done}]}
  unmake: {from: [made], who: [designate], to: back}
  remake: {from: [back], who: [designate], to: made}
  withdraw: {from: [planned, made], who: [designate], to: withdrawn, withdraws: yes}
""")
    sources = dict(folder.sources)
    sources["workflows/visit.yaml"] = sources["workflows/visit.yaml"].replace("  done:", "  back: {counts_as: open}\n  done:")

    found = wrong_with(read_sources(sources))

    assert found == [
        "made: a review can be stranded here: no step leads on to a final state then.",
        "back: a review can be stranded here: no step leads on to a final state then.",
    ]


def test_an_answer_that_may_be_left_empty_is_an_answer_that_outcomes_must_meet() -> None:
    folder = visit("""\
  make:
    from: [planned]
    who: [designate]
    form: all_of_it
    outcomes: [{when: {more: yes}, to: made}, {when: {more: no}, to: done}]
  finish: {from: [made], who: [designate], to: done}
  withdraw: {from: [planned, made], who: [designate], to: withdrawn, withdraws: yes}
""")

    assert wrong_with(folder) == ["make: outcomes: nothing holds when more was left empty."]


def test_a_question_that_was_never_asked_is_met_too() -> None:
    folder = visit("""\
  make: {from: [planned], who: [designate], form: all_of_it, to: made}
  skip: {from: [planned], who: [designate], to: made}
  finish:
    from: [made]
    who: [designate]
    outcomes: [{when: {kind: {in: [one, two]}}, to: done}, {when: {kind: three}, to: same}]
  withdraw: {from: [planned, made], who: [designate], to: withdrawn, withdraws: yes}
""")

    assert "finish: outcomes: nothing holds when kind was not asked." in wrong_with(folder)


def test_an_answer_taken_away_by_another_is_empty_afterwards() -> None:
    folder = visit("""\
  make: {from: [planned], who: [designate], form: all_of_it, to: made}
  look: {from: [made], who: [designate], form: all_of_it, to: same}
  finish:
    from: [made]
    who: [designate]
    needs: [{when: {any: [{why: unanswered}, {why: answered}, {why: not_asked}]}, else: Never.}]
    outcomes:
      - {when: {why: answered}, to: done}
      - {when: {why: unanswered}, to: done}
      - {when: {why: not_asked}, to: done}
  withdraw: {from: [planned, made], who: [designate], to: withdrawn, withdraws: yes}
""")  # the second outcome needs `why` to have been answered, and then taken away by another kind

    assert wrong_with(folder) == []


def test_dates_are_compared_only_when_both_were_given() -> None:
    folder = visit("""\
  make: {from: [planned], who: [designate], form: all_of_it, to: made}
  finish:
    from: [made]
    who: [designate]
    outcomes: [{when: {begun_on: {before: ended_on}}, to: done}, {when: {begun_on: {after: ended_on}}, to: same}]
  withdraw: {from: [planned, made], who: [designate], to: withdrawn, withdraws: yes}
""")

    assert wrong_with(folder) == ["finish: outcomes: nothing holds when begun_on is the same day as ended_on."]


def test_a_date_in_a_condition_divides_the_days() -> None:
    folder = visit("""\
  make:
    from: [planned]
    who: [designate]
    form: all_of_it
    outcomes: [{when: {begun_on: {before: 2024-07-22}}, to: made}, {when: {begun_on: {after: 2024-07-22}}, to: done}]
  finish: {from: [made], who: [designate], to: done}
  withdraw: {from: [planned, made], who: [designate], to: withdrawn, withdraws: yes}
""")

    assert wrong_with(folder) == ['make: outcomes: nothing holds when begun_on is "2024-07-22".']


def test_numbers_and_lists_are_divided_by_what_is_asked_of_them() -> None:
    questions = QUESTIONS + (
        "people: {type: number, label: How many people?, checks: [{at_least: 0}]}\n"
        "signs: {type: choices, label: Which signs?, options: {a: A, b: B, c: C, d: D}, required: no}\n"
    )
    folder = visit("""\
  make:
    from: [planned]
    who: [designate]
    form: all_of_it
    outcomes:
      - {when: {people: {at_least: 3}}, to: made}
      - {when: {signs: {at_least: 2}}, to: made}
      - {when: {all: [{signs: a}, {signs: b}]}, to: made}
      - {when: {people: {at_most: 2}}, to: done}
  finish: {from: [made], who: [designate], to: done}
  withdraw: {from: [planned, made], who: [designate], to: withdrawn, withdraws: yes}
""", questions=questions, forms="all_of_it: [kind, more, begun_on, ended_on, why, people, signs]\n")  # fmt: skip

    assert wrong_with(folder) == [
        "make: outcomes: this outcome can never happen: its condition never holds, or an earlier outcome holds first."
    ]


def test_a_date_asked_only_when_it_is_needed_may_date_a_step() -> None:
    steps = """\
  make:
    from: [planned]
    who: [designate]
    form: making
    dated_by: begun_on
    outcomes: [{when: {kind: one}, to: made}, {when: {kind: two}, to: done}, {when: {kind: three}, to: same}]
  finish: {from: [made], who: [designate], to: done}
  withdraw: {from: [planned, made], who: [designate], form: rest, to: withdrawn, withdraws: yes}
"""
    form = """\
form: making
pages:
  - {page: kind, questions: [kind]}
  - {page: date, show_when: {not: {kind: three}}, questions: [begun_on]}
"""
    rest = "rest: [more, ended_on, kind, why]\n"

    assert wrong_with(visit(steps, forms=rest, forms__making=form)) == []
    assert wrong_with(visit(steps, forms=rest, forms__making=form.replace("three", "one"))) == [
        "make: dated_by: begun_on may have no answer by then. The form must require it, or an earlier step must have."
    ]


def test_an_approval_that_can_fall_is_seen_to_fall() -> None:
    steps = """\
  make: {from: [planned], who: [designate], form: making, to: made}
  approve:
    from: [made]
    who: [icb_lead]
    form: approving
    approves: [why]
    if_they_change: IF
    outcomes: [{when: {more: yes}, to: agreed}, {to: same}]
  correct: {from: [agreed], who: [designate], form: making, to: same, restates: yes}
  finish: {from: [agreed], who: [designate], form: rest, to: done}
  withdraw: {from: [planned, made], who: [designate], to: withdrawn, withdraws: yes}
"""
    forms = "making: [kind, why]\napproving: [more]\nrest: [begun_on, ended_on]\n"
    states = STATES.replace("  done:", "  agreed: {counts_as: open, approved_by: [approve]}\n  done:")

    def with_fallback(state: str) -> list[str]:
        folder = visit("", forms=forms)
        return wrong_with(read_sources({**folder.sources, "workflows/visit.yaml": states + steps.replace("IF", state)}))

    assert with_fallback("made") == []
    assert with_fallback("agreed") == ["agreed: approved_by: correct can lead here while approve is not in force."]


def test_a_review_that_comes_from_elsewhere_may_bring_any_answer() -> None:
    steps = """\
  make: {from: [planned], who: [designate], form: all_of_it, to: made}
  finish: {from: [made], who: [designate], outcomes: [{when: {kind: one}, to: done}, {when: {kind: two}, to: done}]}
  withdraw: {from: [planned, made], who: [designate], to: withdrawn, withdraws: yes}
"""
    other = """\
workflow: before
title: Before
review_types: [before]
states: {begun: {counts_as: open}, over: {counts_as: closed, final: yes}}
steps:
  pass_on:
    from: [begun]
    who: [designate]
    outcomes: [{becomes: {workflow: visit, review_type: visit, state: made}}]
  end: {from: [begun], who: [designate], to: over}
"""
    asked = "all_of_it: [begun_on, ended_on, more, kind, why]\n"
    needs_kind = QUESTIONS.replace("two: Second, three: Third", "two: Second").replace("three", "two")

    assert wrong_with(visit(steps, forms=asked, questions=needs_kind)) == []
    assert wrong_with(visit(steps, forms=asked, questions=needs_kind, workflows__before=other)) == [
        "finish: outcomes: nothing holds when kind was not asked.",
    ]


# Fast enough to be used at every change


def test_linting_the_shipped_definitions_takes_less_than_a_tenth_of_a_second_each() -> None:
    sources = read_folder(ROOT).sources
    workflows = [name for name in sources if name.startswith("workflows/")]

    assert seconds_to_lint(sources) < 0.1 * len(workflows)


def test_linting_a_hundred_states_and_three_hundred_steps_takes_less_than_two_seconds() -> None:
    chance = Random("a large workflow")
    closed = "counts_as: closed, final: yes"
    states = "".join(f"  s{n}: {{{closed if n > 96 else 'counts_as: open'}}}\n" for n in range(100))
    steps, forms = "", ""
    for number in range(300):
        one, other, ever = chance.sample(range(6), 3)
        forms += f"f{number}: [q{one}, q{other}, begun_on]\n"
        steps += f"""\
  t{number}:
    from: [s{number % 97}, s{number * 7 % 97}]
    who: [designate]
    form: f{number}
    dated_by: begun_on
    outcomes:
      - {{when: {{q{one}: a}}, to: s{number % 97 + 1}}}
      - {{when: {{q{ever}: {{ever_in: [c]}}}}, to: s{chance.randrange(100)}}}
      - {{to: s{97 + number % 3}}}
"""
    questions = "".join(f"q{n}: {{type: choice, label: Which?, options: {{a: A, b: B, c: C}}}}\n" for n in range(6))
    large = {
        "workflows/large.yaml": f"workflow: large\ntitle: Large\nreview_types: [large]\nstates:\n{states}steps:\n{steps}",
        "forms/questions.yaml": f"{questions}begun_on: {{type: date, label: When did it begin?}}\n",
        "forms/short.yaml": forms,
    }

    assert wrong_with(read_sources(large)) == []
    assert seconds_to_lint(large) < 2


def seconds_to_lint(sources: Mapping[str, str]) -> float:
    """Read and lint *sources* three times, and give the shortest time, in seconds of one processor."""
    times = []
    for _ in range(3):
        began = process_time()
        problems_in(read_sources(sources))
        times.append(process_time() - began)
    return min(times)
