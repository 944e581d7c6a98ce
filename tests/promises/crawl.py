"""A filled service, and everyone who opens every page of it, by its links and by its addresses."""

import json
import re
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit
from uuid import UUID

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from scrt_workflow import catalogue
from scrt_workflow.access import DESIGNATE, KINDS, World
from scrt_workflow.access_world import AT, Kind
from scrt_workflow.actors import Actor
from scrt_workflow.database import reading, unit_of_work
from scrt_workflow.models import Model, Review
from scrt_workflow.operations import drafts, people
from scrt_workflow.operations.play import play
from scrt_workflow.operations.records import record_of

ROOT = Path(__file__).parents[2]
HISTORY = ROOT / "docs" / "example.jsonl"
WHO = (
    "nobody",
    "designate here",
    "chief nurse elsewhere",
    "regional chief here",
    "viewer here",
    "national lead",
    "administrator",
)
"""Who opens the pages: `scrt access` asks everyone, but does not look at what they see."""
NOT_OF_THE_DOMAIN = {"access_event", "attempt", "heartbeat", "web_session"}
"""Tables that a GET may write to: who read what, how often someone guessed, that a process lives, and sessions."""
MOST_OF_A_SORT = 2  # pages of one endpoint with the same query, for one person
HREF = re.compile(r'href="([^"#]+)')


@dataclass(frozen=True, slots=True)
class Opened:
    """A page that somebody opened."""

    kind: Kind
    address: str
    endpoint: str
    status: int
    text: str

    @property
    def is_page(self) -> bool:
        """Whether it is a page for people, and not a picture or an answer to a machine."""
        return self.text.lstrip()[:15].lower().startswith("<!doctype html")

    def __str__(self) -> str:
        """Name it as a person would look for it."""
        return f"{self.address} as {self.kind.name}"


def filled_world(folder: Path) -> World:
    """Make the invented service of `scrt access`, with the example history played and a draft at each of its reviews."""
    world = World(folder)
    with unit_of_work(world.engine) as session:
        designate = people.actor_of(session, world.people[DESIGNATE].id, on=AT.date())
        play(session, HISTORY.read_text(encoding="utf-8").splitlines(), add_people=True)
        for review in session.scalars(select(Review).where(Review.status == "open")):
            _draft_an_update(session, review, designate)
    return world


def _draft_an_update(session: Session, review: Review, actor: Actor) -> None:
    """Let *actor* have written an update of *review*, to be checked and submitted."""
    record = record_of(session, review, catalogue.definition(session, review.definition_version_id))
    step = record.definition.workflow.steps["give_update"]
    draft = drafts.begin(session, record, step, actor=actor, held=actor.held[0], at=AT)
    form = record.definition.form_of(step)
    typed = {"latest_update": ["The panel has met."]}
    drafts.keep(session, draft, form, typed, page=form.pages[0].key, done=True, at=AT)


def digest(world: World) -> dict[str, str]:
    """Give a hash of every table that a GET may not write to."""
    with reading(world.engine) as session:
        found = {}
        for table in Model.metadata.sorted_tables:
            if table.name not in NOT_OF_THE_DOMAIN:
                rows = session.execute(select(table).order_by(*table.primary_key.columns)).all()
                found[table.name] = sha256(json.dumps([list(map(str, row)) for row in rows]).encode()).hexdigest()
    return found


def crawl(world: World) -> list[Opened]:
    """Open every page as everyone: each address of `scrt access`, each review, and wherever the pages lead from there."""
    with reading(world.engine) as session:
        reviews = list(session.scalars(select(Review.id)))
    starts = [address for rule, method in world.questions() if method == "GET" for address in _addresses(world, rule, reviews)]
    return [opened for kind in KINDS if kind.name in WHO for opened in _crawl_as(world, kind, starts)]


def _addresses(world: World, rule: Rule, reviews: list[UUID]) -> Iterator[str]:
    """Give the addresses that a route has: one for each review if it is about one."""
    parts = {name: world.parts[name] for name in rule.arguments - set(rule.defaults or ())}
    with world.app.test_request_context():
        for review in reviews if "review_id" in parts else [None]:
            yield url_for(rule.endpoint, **parts | ({"review_id": review} if review else {}))


def _crawl_as(world: World, kind: Kind, starts: list[str]) -> Iterator[Opened]:
    """Open the pages that *starts* lead to as somebody of one *kind*, a few of each sort."""
    client = world.app.test_client()
    if kind in world.cookies:
        client.set_cookie(*world.cookies[kind], domain="127.0.0.1")
    waiting, seen, of_a_sort = deque(starts), set(starts), Counter[str]()
    while waiting:
        address = waiting.popleft()
        answer = client.get(address, base_url="http://127.0.0.1")
        endpoint = endpoint_of(world, address)
        text = answer.text if (answer.mimetype or "").startswith("text/") else ""
        yield Opened(kind, address, endpoint, answer.status_code, text)
        onward = [answer.headers.get("Location", ""), *HREF.findall(text)]
        for link in (urljoin(address, unescape(one)) for one in onward if one):
            parts = urlsplit(link)
            sort = f"{endpoint_of(world, link)}?{sorted(dict(parse_qsl(parts.query)))}"
            if link not in seen and not parts.netloc and not sort.startswith("static") and of_a_sort[sort] < MOST_OF_A_SORT:
                seen.add(link)
                of_a_sort[sort] += 1
                waiting.append(link)


def endpoint_of(world: World, address: str) -> str:
    """Name the endpoint that *address* leads to; nothing if it leads nowhere."""
    with suppress(HTTPException):
        endpoint, _ = world.app.url_map.bind("127.0.0.1").match(urlsplit(address).path)
        return str(endpoint)
    return ""
