"""Completing a step through WSGI, against a view written by hand that writes the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, func, make_url, select, text

from benchmarks.by_hand import make_app
from benchmarks.service import IN_ADDRESS, Service, keep_draft, request_to, token_in
from benchmarks.timing import Prepared, Timed, side_by_side
from scrt_workflow.database import make_engine
from scrt_workflow.models import Model

WRITTEN = ("answer", "answer_change", "draft", "entry", "event", "event_body", "idempotency", "notice", "span", "term_span")
REVIEWS = 20
US, USUAL, TIGHT = "this service", "by hand, as usual", "by hand, each statement made once"


def completing(folder: Path, url: str, turns: int) -> list[Timed]:
    """Measure them on copies of one database, and see that they have written the same rows."""
    service = Service(folder, url)
    reviews = [service.add_review() for _ in range(REVIEWS)]
    others = {name: copy_of(service, number) for number, name in enumerate((USUAL, TIGHT))}
    ways = {name: by_hand(service, engine, reviews, once=name == TIGHT) for name, engine in others.items()}
    before = written(service.engine)
    timed = side_by_side({**ways, US: by_us(service, reviews)}, turns=turns)
    counts = [written(engine) for engine in (service.engine, *others.values())]
    if counts[0] == before or any(count != counts[0] for count in counts):
        raise RuntimeError(f"They did not write the same: {counts}.")
    for engine in (service.engine, *others.values()):
        engine.dispose()
    return timed


def copy_of(service: Service, number: int) -> Engine:
    """Give an engine on a copy of the service's database."""
    url = make_url(service.settings.database)
    service.engine.dispose()
    service.app.extensions["surroundings"].engine.dispose()
    if url.get_backend_name() == "sqlite":
        copied = shutil.copyfile(str(url.database), f"{url.database}.{number}")
        return make_engine(f"sqlite:///{copied}")
    name, plain = f"{url.database}_{number}", url.set(database="postgres").render_as_string(hide_password=False)
    with make_engine(plain).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {url.database}"))
    return make_engine(url.set(database=name).render_as_string(hide_password=False))


def written(engine: Engine) -> dict[str, int]:
    """Count the rows of every table that a step writes."""
    with engine.connect() as connection:
        tables = {name: Model.metadata.tables[name] for name in WRITTEN}
        return {name: connection.execute(select(func.count()).select_from(one)).scalar_one() for name, one in tables.items()}


def by_us(service: Service, reviews: list[UUID]) -> Prepared:
    """Submit the check page of a step."""
    turns = cycle(reviews)
    token = service.token(f"/reviews/{reviews[0]}/steps/{IN_ADDRESS}/pages/update")

    def prepare() -> Callable[[], object]:
        review_id = next(turns)
        key = keep_draft(service.engine, service, review_id)
        return service.post(f"/reviews/{review_id}/steps/{IN_ADDRESS}/check", {"csrf_token": token, "key": str(key)})

    return prepare


def by_hand(service: Service, engine: Engine, reviews: list[UUID], *, once: bool) -> Prepared:
    """Submit the same to the view that is written by hand."""
    session_id = service.cookie.partition("=")[2].rpartition(".")[0].rpartition(".")[0]
    app = make_app(engine, session_id, once=once)
    turns, client = cycle(reviews), app.test_client()
    token = token_in(client.get(f"/reviews/{reviews[0]}/update", base_url="http://127.0.0.1").data)
    kept = client.get_cookie("session", domain="127.0.0.1")
    cookie = f"session={kept.value}" if kept else ""

    def prepare() -> Callable[[], object]:
        review_id = next(turns)
        key = keep_draft(engine, service, review_id)
        return request_to(app, "POST", f"/reviews/{review_id}/update", cookie=cookie, form={"csrf_token": token, "key": str(key)})

    return prepare
