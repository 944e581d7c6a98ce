"""Monthly figures: the rollup of an organisation, and the reviews behind any figure of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import case, select

from scrt_workflow.models import Organisation, Review
from scrt_workflow.operations import finding, rollups
from scrt_workflow.operations.rollups import Cell
from scrt_workflow.permissions import Permission
from scrt_workflow.reports.figures import MEASURES, Asked, Rollup, TermRow, ranking
from scrt_workflow.reports.tables import as_csv
from scrt_workflow.web.guards import requires
from scrt_workflow.web.requests import actor, database, today
from scrt_workflow.web.reviews import short_name
from scrt_workflow.working_days import add_months, end_of_month

pages = Blueprint("rollups", __name__, url_prefix="/figures")
MONTHS_SHOWN, MONTHS_OFFERED, PLACES = 6, 36, 4
LEARNING_WORDS = {"themes": "Abuse and vulnerability themes", "learning": "Organisational learning"}


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader asks for: an organisation of theirs, a month, and until when things were known."""

    organisation: str
    month: str
    known_on: date | None

    @property
    def values(self) -> dict[str, Any]:
        """Give it as the values of an address."""
        found = {"organisation": self.organisation, "month": self.month}
        return {**found, "known_at": self.known_on.isoformat()} if self.known_on else found


@pages.route("")
@requires(Permission.ROLLUP_SEE)
def show() -> ResponseReturnValue:
    """Show the month-end figures of an organisation that the reader may see."""
    places = _places()
    choice = _choice(places)
    asked = _asked(choice)
    rollup = rollups.roll_up(database(), asked)
    if request.args.get("format") == "csv":
        name = f"figures-{choice.organisation}-{choice.month}.csv"
        return Response(as_csv(rollup), mimetype="text/csv", headers={"Content-Disposition": f"attachment; filename={name}"})
    return render_template(
        "rollups/show.html",
        choice=choice,
        rollup=rollup,
        places=places,
        months=_months_offered(),
        trend=_trend(choice),
        words=LEARNING_WORDS,
        tops={measure: _tops(rollup, measure) for measure in rollup.terms},
        behind=lambda **cell: url_for("rollups.reviews", **choice.values, **cell),
        csv_url=url_for("rollups.show", **choice.values, format="csv"),
    )


def _tops(rollup: Rollup, measure: str) -> dict[str, list[tuple[int, list[TermRow]]]]:
    """Give the first places overall and by family; those that tie share a place."""
    families = {family: ranking(rows, PLACES) for family, rows in rollup.terms_by_family[measure].items()}
    return {"Overall": ranking(rollup.terms[measure], PLACES), **families}


def _places() -> dict[str, str]:
    """Give the organisations whose figures the reader may see: their own first, then those under them, by name."""
    held = [one for one in actor().held if one.may(Permission.ROLLUP_SEE)]
    kind = case({"england": 0, "region": 1, "icb": 2}, value=Organisation.kind, else_=3)
    query = select(Organisation.code, Organisation.name).where(Organisation.kind != "ccg").order_by(kind, Organisation.name)
    names = {row.code: short_name(row.name) for row in database().execute(query)}
    return {code: name for code, name in names.items() if any(one.reaches(code) for one in held)}


def _choice(places: dict[str, str]) -> Choice:
    """Read what is asked for: 404 for an organisation that is not the reader's, the newest finished month by default."""
    own = next((one.organisation for one in actor().held if one.organisation in places), next(iter(places), ""))
    organisation = request.args.get("organisation", "") or own
    if organisation not in places:
        abort(404)
    month = request.args.get("month", "")
    if _month(month) is None:
        month = f"{today().replace(day=1) - timedelta(days=1):%Y-%m}"
    try:
        known_on = date.fromisoformat(request.args.get("known_at", ""))
    except ValueError:
        known_on = None
    return Choice(organisation, month, known_on)


def _month(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a calendar month has no time zone
    except ValueError:
        return None


def _asked(choice: Choice) -> Asked:
    return rollups.month_asked(database(), choice.organisation, choice.month, known_on=choice.known_on)


def _months_offered() -> dict[str, str]:
    first = today().replace(day=1)
    days = [add_months(first, -back) for back in range(MONTHS_OFFERED)]
    return {f"{day:%Y-%m}": f"{day:%B %Y}{' (so far)' if day == first else ''}" for day in days}


def _trend(choice: Choice) -> list[dict[str, object]]:
    """Count the last six month-ends, the chosen one last, for the table and the picture over time."""
    chosen = _month(choice.month) or today()
    rows: list[dict[str, object]] = []
    for back in range(MONTHS_SHOWN - 1, -1, -1):
        month = f"{end_of_month(add_months(chosen, -back)):%Y-%m}"
        asked = _asked(Choice(choice.organisation, month, choice.known_on))
        opened, closed = rollups.totals(database(), asked)
        rows.append({"month": f"{asked.as_at:%B %Y}", "open": opened, "closed": closed, "total": opened + closed})
    return rows


@pages.route("/reviews")
@requires(Permission.ROLLUP_SEE)
def reviews() -> ResponseReturnValue:
    """List the reviews behind one figure."""
    choice = _choice(_places())
    asked = _asked(choice)
    cell = _cell()
    kinds = rollups.review_types(database())
    found = list(database().scalars(rollups.reviews_behind(database(), asked, cell)))
    seen = _visible({one.id for one in found})
    return render_template(
        "rollups/reviews.html",
        choice=choice,
        name=database().get_one(Organisation, choice.organisation).name,
        asked=asked,
        words=_cell_words(cell),
        rows=[{"review": one, "type": kinds[one.review_type or ""].title} for one in found if one.id in seen],
        elsewhere=sum(one.id not in seen for one in found),
        back=url_for("rollups.show", **choice.values),
    )


def _cell() -> Cell:
    """Read which figure is asked for from the address; `type` may be given and empty, which is Not Stated."""
    args = request.args
    measure = MEASURES.get(args.get("measure", ""))
    return Cell(
        review_type=args.get("type"),
        family=args.get("family") or None,
        status=args.get("status") if args.get("status") in {"open", "closed"} else None,
        vocabulary=measure[1] if measure else None,
        code=args.get("code") or None if measure else None,
        new=args.get("new") == "yes",
    )


def _cell_words(cell: Cell) -> str:
    """Say which figure it is: open, DHR Adult, Mental Health."""
    kinds = rollups.review_types(database())
    parts = ["new in the month"] if cell.new else []
    parts += [cell.status or ("all" if not cell.new else "")]
    parts += [kinds[cell.review_type].title] if cell.review_type is not None and cell.review_type in kinds else []
    parts += [cell.family] if cell.family else []
    if cell.code and cell.vocabulary:
        parts.append(rollups.term_label(database(), cell.vocabulary, cell.code))
    return ", ".join(part for part in parts if part)


def _visible(ids: set[UUID]) -> set[UUID]:
    """Give those of *ids* that are reviews the reader may see today."""
    return set(database().scalars(finding.visible_reviews(actor()).where(Review.id.in_(ids)).with_only_columns(Review.id)))
