"""Completing a step through WSGI, against a view written by hand that writes the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from uuid import UUID

from flask import Flask
from sqlalchemy import Engine, func, make_url, select, text

from benchmarks.by_hand import make_app
from benchmarks.service import IN_ADDRESS, Service, keep_draft, request_to, token_in
from benchmarks.timing import Prepared, Timed, side_by_side
from scrt_workflow.database import make_engine
from scrt_workflow.models import Model

WRITTEN = ("answer", "answer_change", "draft", "entry", "event", "event_body", "idempotency", "notice", "span", "term_span")
REVIEWS = 20


def completing(folder: Path, url: str, turns: int) -> list[Timed]:
    """Measure both on two copies of one database, and show that they have written the same rows."""
    service = Service(folder, url)
    reviews = [service.add_review() for _ in range(REVIEWS)]
    other = copy_of(service)
    cookie = service.cookie.partition("=")[2].rpartition(".")[0].rpartition(".")[0]
    app = make_app(other, cookie)
    ways: dict[str, Prepared] = {
        "by hand (Flask, SQLAlchemy Core)": _by_hand(app, other, service, reviews),
        "this service": _by_us(service, reviews),
    }
    before = written(other)
    timed = side_by_side(ways, turns=turns)
    if written(service.engine) != written(other) or before == written(other):
        raise RuntimeError(f"They did not write the same: {written(service.engine)}, by hand {written(other)}.")
    service.engine.dispose()
    other.dispose()
    return timed


def copy_of(service: Service) -> Engine:
    """Give an engine on a copy of the service's database."""
    url = make_url(service.settings.database)
    service.engine.dispose()
    service.app.extensions["surroundings"].engine.dispose()
    if url.get_backend_name() == "sqlite":
        copied = shutil.copyfile(str(url.database), f"{url.database}.copy")
        return make_engine(f"sqlite:///{copied}")
    name = f"{url.database}_copy"
    with make_engine(str(url.set(database="postgres"))).connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            text(f"CREATE DATABASE {name} TEMPLATE {url.database}")
        )
    return make_engine(url.set(database=name).render_as_string(hide_password=False))


def written(engine: Engine) -> dict[str, int]:
    """Count the rows of every table that a step writes."""
    with engine.connect() as connection:
        tables = {name: Model.metadata.tables[name] for name in WRITTEN}
        return {name: connection.execute(select(func.count()).select_from(one)).scalar_one() for name, one in tables.items()}


def _by_us(service: Service, reviews: list[UUID]) -> Prepared:
    turns = cycle(reviews)
    token = service.token(f"/reviews/{reviews[0]}/steps/{IN_ADDRESS}/pages/update")

    def prepare() -> Callable[[], object]:
        review_id = next(turns)
        key = keep_draft(service.engine, service, review_id)
        return service.post(f"/reviews/{review_id}/steps/{IN_ADDRESS}/check", {"csrf_token": token, "key": str(key)})

    return prepare


def _by_hand(app: Flask, engine: Engine, service: Service, reviews: list[UUID]) -> Prepared:
    turns = cycle(reviews)
    client = app.test_client()
    token = token_in(client.get(f"/reviews/{reviews[0]}/update", base_url="http://127.0.0.1").data)
    kept = client.get_cookie("session", domain="127.0.0.1")
    cookie = f"session={kept.value}" if kept else ""

    def prepare() -> Callable[[], object]:
        review_id = next(turns)
        key = keep_draft(engine, service, review_id)
        return request_to(app, "POST", f"/reviews/{review_id}/update", cookie=cookie, form={"csrf_token": token, "key": str(key)})

    return prepare
