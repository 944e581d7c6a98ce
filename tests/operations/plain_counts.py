"""A second opinion on every figure: a counter that reads a history and the YAML alone, and shares no code with the engine.

It replays the lines that were known at a moment, so that it needs no second axis of time, and counts what came of them.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import yaml

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "scrt_workflow/reference/tables"
FAMILIES = ("DHR", "CSPR", "SAR", "Rapid Review")
VOCABULARIES = {"themes": "themes", "organisational_learning": "learning"}
WORKFLOWS: dict[str, Any] = {
    found["workflow"]: found
    for file in (ROOT / "workflows").glob("*.yaml")
    for found in [yaml.load(file.read_text(), Loader=yaml.BaseLoader)]
}
DATES = {
    key
    for key, asked in yaml.load((ROOT / "forms/questions.yaml").read_text(), Loader=yaml.BaseLoader).items()
    if asked["type"] == "date"
}
TYPES = {key: kind for flow in WORKFLOWS.values() for key, kind in flow.get("review_types", {}).items()}


def table(name: str) -> list[dict[str, str]]:
    """Read a shipped table."""
    with (TABLES / f"{name}.csv").open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


ICBS = {row["ods_code"]: row["region_ods_code"] for row in table("icbs")}
MERGERS = [(row["predecessor_ods"], row["successor_ods"]) for row in table("icb_successions") if row["type"] == "merger"]


def london_day(at: str) -> date:
    """Give the date in London of the time of a line."""
    return moment(at).astimezone(ZoneInfo("Europe/London")).date()


def moment(at: str) -> datetime:
    """Give the time of a line; one without a time zone is London's."""
    found = datetime.fromisoformat(at)
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo("Europe/London"))


@dataclass
class Move:
    """A review came to a state."""

    day: date
    state: str
    workflow: str
    dated_by: str | None = None
    kept: bool = False  # the date that it is dated by was answered before

    @property
    def status(self) -> str:
        """Give what that state counts as."""
        return str(WORKFLOWS[self.workflow]["states"][self.state]["counts_as"])


@dataclass
class Named:
    """A review was given terms: on a day, or with a move, whose day may turn out to have been another."""

    labels: list[str]
    day: date
    move: Move | None = None

    @property
    def since(self) -> date:
        """Give the day from which it had them."""
        return self.move.day if self.move else self.day


@dataclass
class Plain:
    """A review as a list of what it came to."""

    organisation: str
    workflow: str
    kind: str
    moves: list[Move] = field(default_factory=list)
    terms: dict[str, list[Named]] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    withdrawn: bool = False
    child: Plain | None = None

    def on(self, day: date) -> Move | None:
        """Give the move that it is in at the end of a day."""
        return next((move for move in reversed(self.moves) if move.day <= day), None)

    @property
    def first_open(self) -> date | None:
        """Give the first day on which it was open."""
        days = [move.day for move in self.moves if move.status == "open"]
        return min(days) if days and not self.withdrawn else None


def replay(lines: list[dict[str, Any]], until: datetime | None = None) -> dict[str, Plain]:
    """Replay the lines before a moment, and give the reviews by their labels."""
    reviews: dict[str, Plain] = {}
    for line in lines:
        if until is None or moment(line["at"]) < until:
            take(reviews, line)
    return reviews


def take(reviews: dict[str, Plain], line: dict[str, Any]) -> None:
    """Let one line have its effect."""
    answers, today, step = line["answers"], london_day(line["at"]), WORKFLOWS[line["workflow"]]["steps"][line["step"]]
    if step["from"] == "new":
        kinds = [key for key, kind in WORKFLOWS[line["workflow"]].get("review_types", {}).items() if not kind.get("converted")]
        reviews[line["review"]] = Plain(line["organisation"], line["workflow"], answers.get("review_type", (*kinds, "")[0]))
    review = reviews[line["review"]]
    before = dict(review.answers)
    review.answers |= answers
    outcome = {**step, **next((one for one in step.get("outcomes", ()) if fits(one["when"], review.answers)), {})}
    restates = step.get("restates") == "yes"
    if restates:
        redate(review, {q: day(new) for q, new in answers.items() if q in DATES and before.get(q, new) != new})
    move = next_move(review, step, outcome, today, before)
    if step.get("withdraws_opened") == "yes":
        review.moves.pop()
    else:
        review.moves += [move] if move else []
    if restates and review.child and review.child.moves:
        review.child.moves[0].day = review.moves[-1].day
    for question in VOCABULARIES:
        if question in answers and answers[question] != before.get(question):
            name_terms(review, question, answers[question], always=restates, today=today, move=move)
    review.withdrawn |= step.get("withdraws") == "yes"
    follow_child(reviews, review, step, outcome, str(line.get("opens", "")))


def next_move(review: Plain, step: dict[str, Any], outcome: dict[str, Any], today: date, before: dict[str, Any]) -> Move | None:
    """Give the move that a step makes, if it makes one: from its own date on, but not from before the move before it."""
    if becomes := outcome.get("becomes"):
        review.workflow, review.kind = becomes["workflow"], becomes["review_type"]
    to = becomes["state"] if becomes else outcome["to"]
    since = review.moves[-1].day if review.moves else date.min
    if not becomes and to in {"same", review.moves[-1].state if review.moves else ""}:
        return None
    question = None if step.get("restates") == "yes" else outcome.get("dated_by")
    on = day(review.answers[outcome["dated_by"]]) if "dated_by" in outcome else today
    kept = question in before and before[question] == review.answers[question]
    return Move(max(on, since), to, review.workflow, question, kept)


def follow_child(reviews: dict[str, Plain], review: Plain, step: dict[str, Any], outcome: dict[str, Any], label: str) -> None:
    """Take back or open the review that another converts to."""
    if step.get("withdraws_opened") == "yes" and review.child:
        review.child.withdrawn = True
        review.child = None
    if opens := outcome.get("opens"):
        review.child = reviews[label] = open_child(review, opens, step["carries"], review.moves[-1].day)


def day(text: str) -> date:
    """Read a date."""
    return date.fromisoformat(text)


def fits(when: dict[str, str], answers: dict[str, Any]) -> bool:
    """Say whether a plain condition, question and answer, holds; the outcomes of the shipped workflows have no other."""
    return all(answers.get(question) == value for question, value in when.items())


def redate(review: Plain, corrected: dict[str, date]) -> None:
    """Let the newest move that gave a corrected date be of the right day; later ones that only kept it wait for those before."""
    for question, now in corrected.items():
        theirs = [move for move in review.moves if move.dated_by == question]
        gave = max((n for n, move in enumerate(theirs) if not move.kept), default=len(theirs))
        for move in theirs[gave:]:
            move.day = now
    for earlier, later in pairwise(review.moves):
        if later.kept and later.dated_by in corrected:
            later.day = max(later.day, earlier.day)


def name_terms(review: Plain, question: str, labels: list[str], *, always: bool, today: date, move: Move | None) -> None:
    """Give a review terms from a day on, or as if it had always had them."""
    named = review.terms.setdefault(question, [])
    if always and named:
        named[-1].labels = labels
    elif always:
        named.append(Named(labels, review.moves[0].day, review.moves[0]))
    else:
        named.append(Named(labels, today, move))


def open_child(parent: Plain, opens: dict[str, str], carries: list[str], on: date) -> Plain:
    """Open the review that another converts to."""
    child = Plain(parent.organisation, opens["workflow"], opens["review_type"])
    child.moves.append(Move(on, WORKFLOWS[opens["workflow"]]["starts_in"], opens["workflow"]))
    child.answers = {q: parent.answers[q] for q in carries if q in parent.answers}
    child.terms = {q: [Named(child.answers[q], on, child.moves[0])] for q in VOCABULARIES if q in child.answers}
    return child


def answers_for(organisation: str, icb: str, as_at: date) -> bool:
    """Say whether an organisation answers for the reviews of an ICB on a day."""
    merged = as_at >= date(2026, 4, 1) and (icb, organisation) in MERGERS
    return organisation in {icb, ICBS[icb], "ENG"} or merged


def figures(
    lines: list[dict[str, Any]], organisation: str, month: str, *, known_on: date | None = None, shared: Any = None
) -> dict[str, Any]:
    """Count the figures of a month-end, zeros left out; *shared* are reviews replayed already."""
    first = date.fromisoformat(f"{month}-01")
    as_at = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    until = moment(f"{known_on + timedelta(days=1)}T00:00:00") if known_on else None
    reviews = shared if shared is not None else replay(lines, until)
    here = [one for one in reviews.values() if answers_for(organisation, one.organisation, as_at)]
    counted = [(one, move) for one in here if not one.withdrawn and (move := one.on(as_at)) and move.status != "nothing"]
    found: dict[str, Any] = {
        "total": len(counted),
        "open": sum(move.status == "open" for _, move in counted),
        "closed": sum(move.status == "closed" for _, move in counted),
        "new": sum(first <= (one.first_open or date.min) <= as_at for one in here),
        "by_type": {},
        "conversions": conversions(counted),
    }
    for one, move in counted:
        title = TYPES[one.kind]["title"] if one.kind else "Not Stated"
        cell = found["by_type"].setdefault(title, {"open": 0, "closed": 0})
        cell[move.status] += 1
    for question, measure in VOCABULARIES.items():
        found[measure] = count_terms([one for one, _ in counted], question, as_at)
        found[f"{measure}_by_type"] = {
            family: count_terms([one for one, _ in counted if one.kind and TYPES[one.kind]["family"] == family], question, as_at)
            for family in FAMILIES
        }
    return found


def count_terms(reviews: list[Plain], question: str, as_at: date) -> dict[str, int]:
    """Count the reviews that have each term on a day."""
    counts: dict[str, int] = {}
    for one in reviews:
        named = next((named for named in reversed(one.terms.get(question, [])) if named.since <= as_at), None)
        for label in named.labels if named else ():
            counts[label] = counts.get(label, 0) + 1
    return counts


def conversions(counted: list[tuple[Plain, Move]]) -> dict[str, Any]:
    """Tell what became of the rapid reviews that are closed."""
    closed = [(one, move) for one, move in counted if one.kind == "rapid_review" and move.status == "closed"]
    converted = [(one, move) for one, move in closed if move.state == "converted" and one.child and not one.child.withdrawn]
    days = [(move.day - one.first_open).days for one, move in converted if one.first_open]
    return {
        "converted": len(converted),
        "closed_without": len(closed) - len(converted),
        "rate": round(len(converted) / len(closed), 4) if closed else None,
        "median_days": float(median(days)) if days else None,
    }
