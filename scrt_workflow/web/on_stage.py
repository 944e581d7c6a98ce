"""A rehearsal as its pages need it: found for its owner, played, and kept again when it has changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from scrt_workflow.conditions import holds
from scrt_workflow.forms.builder import Raw, Reading, raw_from, read_form
from scrt_workflow.models import Rehearsal
from scrt_workflow.operations import drafting, rehearsals, rehearsed, steps
from scrt_workflow.operations.records import Record
from scrt_workflow.operations.rehearsals import Filling, Played
from scrt_workflow.operations.rehearsed import Rehearsed
from scrt_workflow.operations.rehearsing import Stage, played
from scrt_workflow.web import errors
from scrt_workflow.web.draft_pages import mistakes_in
from scrt_workflow.web.requests import actor, database, now
from scrt_workflow.workflows.schema import Step

CONFLICT = 409
DRAFT = "draft:"


class ProblemsError(Exception):
    """What would be rehearsed has problems, which are to be mended first."""

    def __init__(self, found: Rehearsed) -> None:
        """Keep what was *found*."""
        super().__init__(found.source)
        self.found = found


def install(pages: Blueprint) -> None:
    """Let the views of *pages* raise what is not there, or not ready."""
    pages.register_error_handler(rehearsals.NoSuchRehearsalError, lambda _error: errors.show(NotFound()))
    pages.register_error_handler(rehearsed.NothingToRehearseError, lambda _error: errors.show(NotFound()))
    pages.register_error_handler(ProblemsError, _problems)


def _problems(error: ProblemsError) -> ResponseReturnValue:
    source = error.found.source
    drafted = drafting.find(database(), UUID(source.removeprefix(DRAFT))) if source.startswith(DRAFT) else None
    mistakes = mistakes_in(drafted) if drafted else []
    return render_template("rehearsals/problems.html", rehearsed=error.found, drafted=drafted, mistakes=mistakes), CONFLICT


def find_rehearsed(source: str) -> Rehearsed:
    """Find what is rehearsed; raises NothingToRehearseError or ProblemsError."""
    found = rehearsed.find(database(), source)
    if found.problems:
        raise ProblemsError(found)
    return found


@dataclass
class OnStage:
    """A rehearsal on its stage: the row that keeps it, what is kept, and where that has got to."""

    row: Rehearsal
    kept: Played
    stage: Stage

    @property
    def number(self) -> int:
        """Give which of the reviews is looked at; the first where that one is not opened any more."""
        return self.kept.review if self.kept.review < len(self.stage.reviews) else 0

    @property
    def rehearsed(self) -> Rehearsed:
        """Give what is rehearsed."""
        return self.stage.rehearsed

    def record(self, step: Step | None = None) -> Record:
        """Give the review that is looked at; a blank one while there is none."""
        return self.stage.record(self.number, step)

    def step(self, key: str) -> Step:
        """Give a step of the review that is looked at; 404 where it has none."""
        step = self.record().definition.workflow.steps.get(key)
        return step or abort(404)

    def keep(self, kept: Played) -> None:
        """Keep the rehearsal as it is now; raises FullError."""
        rehearsals.keep(database(), self.row, kept, at=now())

    def filling(self, step: Step) -> Filling:
        """Give what was typed into the form of *step* by the role that is acted as; a new one holds what is on record."""
        mine = self.kept.filling
        if mine and (mine.step, mine.role, mine.review) == (step.key, self.kept.role, self.number):
            return mine
        record = self.record(step)
        questions = record.definition.questions
        asked = {q: record.answers.get(q) for q in record.definition.form_of(step).questions if questions[q].is_filled_in}
        raw, _ = raw_from({q: value for q, value in asked.items() if value is not None}, questions)
        return Filling(step.key, self.kept.role, self.number, raw)

    def reading(self, step: Step, raw: Raw) -> Reading:
        """Read every page of the form of *step* that comes into play."""
        record = self.record(step)
        setting = steps.setting_for(self.stage.session, record, step, today=self.stage.day)
        return read_form(record.definition.form_of(step), record.definition.questions, setting, raw)

    def first_page(self, step: Step) -> str | None:
        """Give the key of the first page that the form of *step* asks; None where it asks none."""
        record = self.record(step)
        pages = record.definition.form_of(step).pages
        return next((page.key for page in pages if holds(page.show_when, record.facts)), None)

    def up_to_now(self) -> Played:
        """Give what is kept without the moves that were not played."""
        return replace(self.kept, script=replace(self.kept.script, moves=self.kept.script.moves[: self.stage.played]))


@contextmanager
def on_stage(rehearsal_id: UUID) -> Iterator[OnStage]:
    """Put a rehearsal of the person acting on its stage; raises NoSuchRehearsalError or ProblemsError."""
    row = rehearsals.find(database(), actor(), rehearsal_id, hold=request.method == "POST")
    kept = rehearsals.read(row.script)
    with played(database(), find_rehearsed(row.source), kept.script, name=row.id) as stage:
        yield OnStage(row, kept, stage)
