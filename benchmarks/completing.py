"""Completing a step through WSGI, against a view written by hand that writes the same."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from uuid import UUID

from sqlalchemy import Engine, func, select

from benchmarks.browser import request_to, token_in
from benchmarks.by_hand import make_app
from benchmarks.databases import Databases
from benchmarks.timing import Prepared, Timed, side_by_side
from benchmarks.tracker import IN_ADDRESS, TYPED, Tracker, keep_draft
from scrt_workflow.database import make_engine
from scrt_workflow.models import Model
from scrt_workflow.operations.once import digest_of

WRITTEN = ("answer", "answer_change", "draft", "entry", "event", "event_body", "idempotency", "notice", "span", "term_span")
REVIEWS = 20
SHOWN = digest_of(TYPED)
TIGHT, USUAL, US = "by hand, each statement made once", "by hand, as usual", "this service"


def completing(on: Databases, turns: int) -> list[Timed]:
    """Measure them on copies of one database, and see that they have written the same rows."""
    url = on.empty()
    tracker = Tracker(on.folder(), url)
    reviews = [tracker.add_review() for _ in range(REVIEWS)]
    tracker.close()
    others = {name: make_engine(on.copy(url)) for name in (TIGHT, USUAL)}
    ways = {name: by_hand(tracker, engine, reviews, once=name == TIGHT) for name, engine in others.items()}
    before = written(tracker.engine)
    timed = side_by_side({**ways, US: by_us(tracker, reviews)}, turns=turns)
    counts = [written(engine) for engine in (tracker.engine, *others.values())]
    if counts[0] == before or any(count != counts[0] for count in counts):
        raise RuntimeError(f"They did not write the same: {counts}.")
    for one in (tracker.close, *(engine.dispose for engine in others.values())):
        one()
    return timed


def written(engine: Engine) -> dict[str, int]:
    """Count the rows of every table that a step writes."""
    with engine.connect() as connection:
        tables = {name: Model.metadata.tables[name] for name in WRITTEN}
        return {name: connection.execute(select(func.count()).select_from(one)).scalar_one() for name, one in tables.items()}


def by_us(tracker: Tracker, reviews: list[UUID]) -> Prepared:
    """Submit the check page of a step."""
    turns, browser = cycle(reviews), tracker.designate
    token = browser.token(f"/reviews/{reviews[0]}/steps/{IN_ADDRESS}/pages/update")

    def prepare() -> Callable[[], object]:
        review_id = next(turns)
        key = keep_draft(tracker.engine, tracker, review_id)
        form = {"csrf_token": token, "key": str(key), "shown": SHOWN}
        return browser.post(f"/reviews/{review_id}/steps/{IN_ADDRESS}/check", form)

    return prepare


def by_hand(tracker: Tracker, engine: Engine, reviews: list[UUID], *, once: bool) -> Prepared:
    """Submit the same to the view that is written by hand."""
    session_id = tracker.designate.cookie.partition("=")[2].rpartition(".")[0].rpartition(".")[0]
    app = make_app(engine, session_id, once=once)
    turns, client = cycle(reviews), app.test_client()
    token = token_in(client.get(f"/reviews/{reviews[0]}/update", base_url="http://127.0.0.1").data)
    kept = client.get_cookie("session", domain="127.0.0.1")
    cookie = f"session={kept.value}" if kept else ""

    def prepare() -> Callable[[], object]:
        review_id = next(turns)
        key = keep_draft(engine, tracker, review_id)
        form = {"csrf_token": token, "key": str(key), "shown": SHOWN}
        return request_to(app, "POST", f"/reviews/{review_id}/update", cookie=cookie, form=form)

    return prepare
