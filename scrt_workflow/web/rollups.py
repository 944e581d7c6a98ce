"""Monthly figures: the rollup of an organisation, and the reviews behind any figure of it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scrt_workflow.models import Organisation, Review
from scrt_workflow.operations import finding, rollups, summaries
from scrt_workflow.permissions import Permission
from scrt_workflow.reports.figures import Rollup, TermRow, ranking
from scrt_workflow.web import figure_files, rollup_choice
from scrt_workflow.web.guards import requires
from scrt_workflow.web.requests import actor, database, today

pages = Blueprint("rollups", __name__, url_prefix="/figures")
PLACES = 4
MEASURE_WORDS = {"themes": "Abuse and vulnerability themes", "learning": "Organisational learning"}


@pages.route("")
@requires(Permission.ROLLUP_SEE)
def show() -> ResponseReturnValue:
    """Show the month-end figures of an organisation that the reader may see."""
    places = rollup_choice.places()
    choice = rollup_choice.choice_from_address(places)
    if (kind := request.args.get("format", "")) in figure_files.KINDS:
        return figure_files.download(choice, kind, hides_below=figure_files.hides_below_from_address())
    rollup = rollups.roll_up(database(), choice.asked())
    return render_template(
        "rollups/show.html",
        choice=choice,
        rollup=rollup,
        places=places,
        months=rollup_choice.months_offered(),
        as_at=min(choice.as_at, today()),
        trend=summaries.month_ends(database(), choice.organisation, choice.month, known_on=choice.known_on),
        words=MEASURE_WORDS,
        tops={measure: _tops(rollup, measure) for measure in rollup.terms},
        behind=lambda **cell: url_for("rollups.reviews", **{**choice.values, **cell}),
        files=figure_files.KINDS,
        file_url=lambda kind, **hiding: url_for("rollups.show", **choice.values, format=kind, **hiding),
        usual=figure_files.USUAL,
    )


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
        as_at=min(choice.as_at, today()),
        words=rollup_choice.cell_in_words(cell, asked),
        rows=[{"review": one, "type": kinds[one.review_type or ""].title} for one in found if one.id in seen],
        elsewhere=sum(one.id not in seen for one in found),
        back=url_for("rollups.show", **choice.values),
    )


def _visible(ids: set[UUID]) -> set[UUID]:
    """Give those of *ids* that are reviews the reader may see today."""
    return set(database().scalars(finding.visible_reviews(actor()).where(Review.id.in_(ids)).with_only_columns(Review.id)))
