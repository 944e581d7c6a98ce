"""Play a documented history: dated steps, one a line, through the same operations as the pages.

A line is JSON: `at` (London time, or with its time zone), `person` (e-mail address), `role` and `organisation` (what the person
acts as), `review` (a label of the history's own), `workflow`, `step`, `answers` (by question; labels or codes), and optionally
`opens` (a label for the review that a conversion opens). A review opened by a conversion may also go by its parent's label,
with its own `workflow`. A label that the history does not begin may be the reference of a review that is there already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrt_workflow import catalogue
from scrt_workflow.actors import Actor
from scrt_workflow.forms.builder import raw_from
from scrt_workflow.models import Event, Review
from scrt_workflow.operations import conversions, history, steps
from scrt_workflow.operations.doing import Completed
from scrt_workflow.operations.history import BECAME
from scrt_workflow.operations.history_lines import HISTORY, HistoryError, Line, LineRefusedError, Mistake, read_lines
from scrt_workflow.operations.history_people import HistoryPeople
from scrt_workflow.operations.once import KeyReusedError
from scrt_workflow.operations.refusals import AnswersError, StaleReviewError, StepRefusedError
from scrt_workflow.workflows.machine import IllegalMoveError, NoOutcomeError
from scrt_workflow.workflows.schema import Definition, Step
from scrt_workflow.working_days import local_time
from scrt_workflow.yaml_reader import did_you_mean

STEP = Event.kind.in_(["review:step", BECAME])


@dataclass
class Played:
    """What playing came to: how many steps were done now, and how many had been done before."""

    done: int = 0
    before: int = 0
    reviews: set[UUID] = field(default_factory=set)


def play(
    session: Session, text: Iterable[str], *, add_people: bool = False, progress: Callable[[int], None] = lambda _: None
) -> Played:
    """Play the lines of *text*, all or none: raises HistoryError with every mistake at once. Played twice, nothing changes.

    With *add_people* the people that it names are added with the roles that they act in. *progress* is told each line's number.
    """
    lines, mistakes = read_lines(text)
    player = _Player(session, lines, add_people=add_people)
    for line in lines:
        progress(line.number)
        try:
            player.play(line)
        except LineRefusedError as refused:
            mistakes.append(Mistake(line.number, str(refused)))
    if mistakes:
        raise HistoryError(mistakes)
    return player.played


class _Player:
    """Plays lines in one transaction, and remembers which label stands for which review."""

    def __init__(self, session: Session, lines: Sequence[Line], *, add_people: bool) -> None:
        self.session, self.played = session, Played()
        self.labels: dict[str, list[UUID]] = {}
        self.failed: set[str] = set()
        self.reviews: dict[UUID, Review] = {}
        self.people = HistoryPeople(session, lines, add_people=add_people)
        self.live = catalogue.live_definitions(session)
        self.before = _played_before(session, [f"play:{line.key}" for line in lines])

    def play(self, line: Line) -> None:
        """Play one line; raises LineRefusedError. After a mistake in a review its later lines are not tried."""
        if line.review in self.failed:
            return
        try:
            self._play(line)
        except (StepRefusedError, IllegalMoveError, NoOutcomeError, KeyReusedError, StaleReviewError) as refused:
            self.failed.add(line.review)
            raise LineRefusedError(f"{line.review}: {line.step}: {refused}") from refused
        except AnswersError as refused:
            self.failed.add(line.review)
            sentences = "; ".join(f"{q}: {' '.join(said)}" for q, said in refused.errors.items())
            raise LineRefusedError(f"{line.review}: {line.step}: {sentences}") from refused
        except LineRefusedError:
            self.failed.add(line.review)
            raise

    def _play(self, line: Line) -> None:
        if earlier := self.before.get(f"play:{line.key}"):
            self._note(line, earlier)
            return
        actor = self.people.actor(line)
        _, newest = self._definition(line.workflow)
        first = newest.workflow.steps.get(line.step)
        review = None if first and first.makes else self._review(line)
        definition = catalogue.definition(self.session, review.definition_version_id) if review else newest
        step = definition.workflow.steps.get(line.step)
        if step is None:
            raise LineRefusedError(
                f"{line.workflow} has no step called '{line.step}'{did_you_mean(line.step, definition.workflow.steps)}."
            )
        if step.makes:
            self._start(line, step, definition, actor)
        elif review is None:
            raise LineRefusedError(f"No earlier line begins a review called '{line.review}', and none has that reference.")
        else:
            self._complete(line, step, definition, actor, review)

    def _start(self, line: Line, step: Step, definition: Definition, actor: Actor) -> None:
        review_id = uuid5(HISTORY, f"review:{line.key}")
        if self.labels.get(line.review):
            raise LineRefusedError(f"An earlier line begins a review called '{line.review}' already.")
        answers = dict(line.answers)
        kind = None
        if "review_type" not in definition.form_of(step).questions and "review_type" in answers:
            kind = answers.pop("review_type")
        done = steps.start_review(
            self.session, line.workflow, line.step, self._raw(answers, step, definition), organisation=line.organisation,
            actor=actor, at=line.at, key=line.key, review_id=review_id, review_type=kind, request_id=f"play:{line.key}",
        )  # fmt: skip
        self._note(line, done)

    def _complete(self, line: Line, step: Step, definition: Definition, actor: Actor, review: Review) -> None:
        newest = history.head_of(self.session, f"review:{review.id}").recorded_at
        if line.at < newest:
            when = local_time(newest)
            said = f"the newest step of this review is of {when:%H:%M} on {when.day} {when:%B %Y}, and this would come before it."
            raise LineRefusedError(f"{line.review}: {line.step}: {said}")
        raw = self._raw(self._on_record(review, step, definition, line.answers), step, definition)
        done = steps.complete_step(
            self.session, review.id, line.step, raw, actor=actor, at=line.at, key=line.key, read_at=review.version,
            request_id=f"play:{line.key}",
        )  # fmt: skip
        self._note(line, done)

    def _on_record(self, review: Review, step: Step, definition: Definition, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Add what stands on record to *answers*, as the page does that shows it filled in: only what a line says changes."""
        return {**steps.filled_in(self.session, review, step, definition), **answers}

    def _note(self, line: Line, done: Completed) -> None:
        known = self.labels.setdefault(line.review, [])
        known += [done.review_id] if done.review_id not in known else []
        if done.opened:
            known += [done.opened] if done.opened not in known else []
            if line.opens:
                self.labels[line.opens] = [done.opened]
        self.played.reviews.add(done.review_id)
        if done.repeated:
            self.played.before += 1
        else:
            self.played.done += 1

    def _definition(self, workflow: str) -> tuple[int, Definition]:
        if workflow not in self.live:
            raise LineRefusedError(f"No workflow in use is called '{workflow}'{did_you_mean(workflow, self.live)}.")
        return self.live[workflow]

    def _review(self, line: Line) -> Review | None:
        """Find the review that a line speaks of: by its label and workflow, else by its reference."""
        known = [self._labelled(review_id) for review_id in self.labels.get(line.review, [])]
        fitting = [review for review in known if review.workflow == line.workflow]
        if fitting or known:
            return (fitting or known)[-1]
        return self.session.scalars(select(Review).where(Review.reference == line.review)).one_or_none()

    def _labelled(self, review_id: UUID) -> Review:
        """Give a review that a label stands for; the session's own object, which every step brings up to date."""
        if review_id not in self.reviews:
            self.reviews[review_id] = self.session.get_one(Review, review_id)
        return self.reviews[review_id]

    def _raw(self, answers: Mapping[str, Any], step: Step, definition: Definition) -> dict[str, list[str]]:
        asked = definition.form_of(step).questions
        for question in answers:
            if question not in asked:
                raise LineRefusedError(f"'{step.title}' asks no question called '{question}'{did_you_mean(question, asked)}.")
        raw, problems = raw_from({q: value for q, value in answers.items() if value is not None}, definition.questions)
        if problems:
            raise LineRefusedError("; ".join(f"{q}: {sentence}" for q, sentence in problems.items()))
        return raw


def _played_before(session: Session, requests: Sequence[str]) -> dict[str, Completed]:
    """Give what lines came to that were played before, by the request that their event names."""
    found: dict[str, Completed] = {}
    for start in range(0, len(requests), 500):
        query = select(Event.stream, Event.seq, Event.request_id).where(Event.request_id.in_(requests[start : start + 500]))
        done = [(row.request_id, UUID(row.stream.removeprefix("review:")), row.seq) for row in session.execute(query.where(STEP))]
        might_open = [conversions.opened_id(review_id, seq) for _, review_id, seq in done]
        opened = set(session.scalars(select(Review.id).where(Review.id.in_(might_open))))
        for (request, review_id, seq), other in zip(done, might_open, strict=True):
            found[request or ""] = Completed(review_id, seq, other if other in opened else None, repeated=True)
    return found


def lines_of(file: Iterable[str]) -> Iterator[str]:
    """Give the lines of a file without the mark that some editors put before the first."""
    for number, line in enumerate(file):
        yield line.removeprefix("\ufeff") if number == 0 else line
