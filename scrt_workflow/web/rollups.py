"""Monthly figures: the rollup of an organisation, and the reviews behind any figure of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scrt_workflow.models import Organisation, Review
from scrt_workflow.operations import counting, finding, rollups
from scrt_workflow.permissions import Permission
from scrt_workflow.reports.figures import Rollup, TermRow, ranking
from scrt_workflow.reports.tables import as_csv
from scrt_workflow.web import rollup_choice
from scrt_workflow.web.guards import requires
from scrt_workflow.web.requests import actor, database, today
from scrt_workflow.web.rollup_choice import Choice
from scrt_workflow.working_days import add_months

pages = Blueprint("rollups", __name__, url_prefix="/figures")
MONTHS_SHOWN, PLACES = 6, 4
MEASURE_WORDS = {"themes": "Abuse and vulnerability themes", "learning": "Organisational learning"}


@pages.route("")
@requires(Permission.ROLLUP_SEE)
def show() -> ResponseReturnValue:
    """Show the month-end figures of an organisation that the reader may see."""
    places = rollup_choice.places()
    choice = rollup_choice.choice_from_address(places)
    rollup = rollups.roll_up(database(), choice.asked())
    if request.args.get("format") == "csv":
        return _download(
            as_csv(rollup), f"figures-{choice.organisation}-{choice.month:%Y-%m}{'-grouped' if choice.grouped else ''}.csv"
        )
    return render_template(
        "rollups/show.html",
        choice=choice,
        rollup=rollup,
        places=places,
        months=rollup_choice.months_offered(),
        as_at=min(choice.as_at, today()),
        trend=_trend(choice),
        words=MEASURE_WORDS,
        tops={measure: _tops(rollup, measure) for measure in rollup.terms},
        behind=lambda **cell: url_for("rollups.reviews", **{**choice.values, **cell}),
        csv_url=url_for("rollups.show", **choice.values, format="csv"),
    )


def _download(text: str, name: str) -> Response:
    return Response(text, mimetype="text/csv", headers={"Content-Disposition": f"attachment; filename={name}"})


def _tops(rollup: Rollup, measure: str) -> dict[str, list[tuple[int, list[TermRow]]]]:
    """Give the first places overall and by family; those that tie share a place."""
    families = {family: ranking(rows, PLACES) for family, rows in rollup.terms_by_family[measure].items()}
    return {"Overall": ranking(rollup.terms[measure], PLACES), **families}


def _trend(choice: Choice) -> list[dict[str, Any]]:
    """Count the last six month-ends, the chosen one last, for the table and the picture over time."""
    rows = []
    for back in range(MONTHS_SHOWN - 1, -1, -1):
        opened, closed = counting.totals(database(), choice.asked(back=back))
        month = add_months(choice.month, -back)
        rows.append({"month": month, "open": opened, "closed": closed, "total": opened + closed})
    return rows


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
        as_at=min(choice.as_at, today()),
        words=rollup_choice.cell_in_words(cell, asked),
        rows=[{"review": one, "type": kinds[one.review_type or ""].title} for one in found if one.id in seen],
        elsewhere=sum(one.id not in seen for one in found),
        back=url_for("rollups.show", **choice.values),
    )


def _visible(ids: set[UUID]) -> set[UUID]:
    """Give those of *ids* that are reviews the reader may see today."""
    return set(database().scalars(finding.visible_reviews(actor()).where(Review.id.in_(ids)).with_only_columns(Review.id)))
