"""Figures of a month, quarter, year or day: frozen or counted, what they would be now, and the reviews behind each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scrt_workflow.models import Organisation, Review
from scrt_workflow.operations import finding, frozen, restating, rollups, summaries
from scrt_workflow.permissions import Permission
from scrt_workflow.reports import charts
from scrt_workflow.reports.figures import MonthLine, Rollup, TermRow, ranking
from scrt_workflow.reports.tables import as_csv
from scrt_workflow.web import figure_files, rollup_choice
from scrt_workflow.web.guards import requires
from scrt_workflow.web.requests import actor, database, today
from scrt_workflow.web.restated_words import difference_in_words
from scrt_workflow.web.rollup_choice import Choice

pages = Blueprint("rollups", __name__, url_prefix="/figures")
PLACES, MOST_EXPLAINED = 4, 200
MEASURE_WORDS = {"themes": "Abuse and vulnerability themes", "learning": "Organisational learning"}


@pages.route("")
@requires(Permission.ROLLUP_SEE)
def show() -> ResponseReturnValue:
    """Show the figures of an organisation that the reader may see; beside frozen ones, what they would be now."""
    places = rollup_choice.places()
    choice = rollup_choice.choice_from_address(places)
    row = choice.frozen()
    rollup = frozen.as_frozen(database(), row, choice.period) if row else rollups.roll_up(database(), choice.asked())
    restated = rollups.roll_up(database(), frozen.asked_then(row, choice.period, known_now=True)) if row else None
    ends = choice.ends()
    if (kind := request.args.get("format", "")) in figure_files.KINDS:
        hides_below = figure_files.hides_below_from_address()
        if kind == "csv" and not hides_below:
            return figure_files.sent(as_csv(rollup, restated).encode(), choice, kind)
        summary = summaries.in_one(database(), rollup, ends, today=today())
        return figure_files.download(summary, choice, kind, hides_below=hides_below)
    return render_template(
        "rollups/show.html",
        choice=choice,
        day_refused=rollup_choice.day_refused(),
        rollup=rollup,
        now_is=dict(_restated(rollup, restated)) if restated else {},
        places=places,
        periods=rollup_choice.periods_offered(choice.period),
        as_at=min(choice.as_at, today()),
        today=today(),
        new_in=rollup_choice.new_in(choice.period),
        trend=_trend(choice, ends),
        words=MEASURE_WORDS,
        tops={measure: _tops(rollup, measure) for measure in rollup.terms},
        behind=lambda **cell: url_for("rollups.reviews", **{**choice.values, **cell}),
        files=figure_files.KINDS,
        file_url=lambda kind, **hiding: url_for("rollups.show", **choice.values, format=kind, **hiding),
        usual=figure_files.USUAL,
        differences_url=url_for("rollups.differences", **choice.values),
    )


def _trend(choice: Choice, ends: Sequence[MonthLine]) -> list[dict[str, Any]]:
    """Give the ends of periods as the page shows them, the chosen one last."""
    rows = []
    for back, line in reversed(list(enumerate(reversed(ends)))):
        period = choice.period.back(back)
        short = f"{period.last_day:{charts.short_names(choice.period)}}"
        rows.append({"period": period, "short": short, "open": line.open, "closed": line.closed, "total": line.total})
    return rows


def _restated(rollup: Rollup, now: Rollup) -> Iterator[tuple[tuple[str, ...], int]]:
    """Give the figures that would be others today, by what names them on the page."""
    then, today_s = _figures(rollup), _figures(now)
    for key in then | today_s:
        if then.get(key, 0) != today_s.get(key, 0):
            yield key, today_s.get(key, 0)


def _figures(rollup: Rollup) -> dict[tuple[str, ...], int]:
    """Give every figure of a rollup that the page restates."""
    statuses = ("open", "closed", "total")
    found: dict[tuple[str, ...], int] = {(status,): getattr(rollup, status) for status in statuses}
    found |= {("type", row.key, status): getattr(row, status) for row in rollup.by_type for status in statuses}
    found |= {(measure, row.code): row.count for measure, rows in rollup.terms.items() for row in rows}
    became = rollup.conversions
    return found | {("new",): rollup.new, ("converted",): became.converted, ("closed_without",): became.closed_without}


def _tops(rollup: Rollup, measure: str) -> dict[str, list[tuple[int, list[TermRow]]]]:
    """Give the first places overall and by family; those that tie share a place."""
    families = {family: ranking(rows, PLACES) for family, rows in rollup.terms_by_family[measure].items()}
    return {"Overall": ranking(rollup.terms[measure], PLACES), **families}


@pages.route("/reviews")
@requires(Permission.ROLLUP_SEE)
def reviews() -> ResponseReturnValue:
    """List the reviews behind one figure."""
    choice = rollup_choice.choice_from_address(rollup_choice.places())
    cell = rollup_choice.cell_from_address(choice)
    kinds = rollups.review_types(database())
    asked = choice.asked()
    found = list(database().scalars(rollups.reviews_behind(database(), asked, cell)))
    seen = _visible({one.id for one in found})
    return render_template(
        "rollups/reviews.html",
        name=database().get_one(Organisation, choice.organisation).name,
        choice=choice,
        is_frozen=choice.frozen() is not None,
        as_at=min(choice.as_at, today()),
        words=rollup_choice.cell_in_words(cell, asked),
        rows=[{"review": one, "type": kinds[one.review_type or ""].title} for one in found if one.id in seen],
        elsewhere=sum(one.id not in seen for one in found),
        back=url_for("rollups.show", **choice.values),
    )


@pages.route("/differences")
@requires(Permission.ROLLUP_SEE)
def differences() -> ResponseReturnValue:
    """List the reviews that count otherwise today than in frozen figures, and why."""
    choice = rollup_choice.choice_from_address(rollup_choice.places())
    row, asked = choice.frozen(), choice.asked()
    found = restating.differing(database(), asked) if row else {}
    seen = database().scalars(finding.visible_reviews(actor()).where(Review.id.in_(found)).order_by(Review.reference)).all()
    shown = seen[:MOST_EXPLAINED]
    why = restating.reasons(database(), [one.id for one in shown], asked)
    return render_template(
        "rollups/differences.html",
        name=database().get_one(Organisation, choice.organisation).name,
        choice=choice,
        is_frozen=row is not None,
        count=len(found),
        rows=[
            {"review": one, "changes": difference_in_words(database(), found[one.id], asked), "because": why.get(one.id, [])}
            for one in shown
        ],
        unexplained=len(seen) - len(shown),
        elsewhere=len(found) - len(seen),
        back=url_for("rollups.show", **choice.values),
    )


def _visible(ids: set[UUID]) -> set[UUID]:
    """Give those of *ids* that are reviews the reader may see today."""
    return set(database().scalars(finding.visible_reviews(actor()).where(Review.id.in_(ids)).with_only_columns(Review.id)))
