"""Someone else's draft, person or role is the same page as none at all, at every address that takes one (AZ2)."""

from collections.abc import Iterator, Mapping
from uuid import UUID, uuid4

from sqlalchemy import select

from scrt_workflow.database import reading
from scrt_workflow.models import Draft, Membership, Person
from scrt_workflow.permissions import Role
from tests.factories import Browser, Running
from tests.web.invented import colleague, designate, ready
from tests.web.reading import unvarying
from tests.web.test_whole_steps import snapshot

Parts = Mapping[str, object]


def addresses(running: Running, part: str, parts: Parts) -> Iterator[tuple[str, str]]:
    """Give every address and method that takes *part*, with *parts* in it."""
    adapter = running.app.url_map.bind("")
    for rule in running.app.url_map.iter_rules():
        if part in rule.arguments:
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield method, adapter.build(rule.endpoint, {name: parts[name] for name in rule.arguments}, method=method)


def expect_the_same(running: Running, browser: Browser, part: str, foreign: Parts, missing: Parts) -> int:
    """Ask each address with both, and give how many were asked."""
    form = {"csrf_token": browser.token(), "key": str(uuid4()), "read_at": "0", "role": "viewer", "organisation": "QMJ"}
    before = snapshot(running.engine)
    asked = list(zip(addresses(running, part, foreign), addresses(running, part, missing), strict=True))
    for (method, theirs), (_, none) in asked:
        answers = [browser.open(path, method=method, data=form if method == "POST" else None) for path in (theirs, none)]
        found = {(one.status_code, one.headers.get("Location")) for one in answers}
        assert len(found) == 1, (method, theirs)
        assert found <= {(404, None), (303, "/")}, (method, theirs)  # who discards what is not there is only sent home
        assert unvarying(answers[0]) == unvarying(answers[1]), (method, theirs)
    assert snapshot(running.engine) == before
    return len(asked)


def test_a_colleagues_draft_of_a_new_review_is_the_same_as_none(running: Running) -> None:
    ready(running)
    begun = designate(running).post("/reviews/new", {"kind": "safeguarding_adult_review:refer", "organisation": "QMJ"})
    assert begun.status_code == 303
    with reading(running.engine) as session:
        draft_id = session.scalars(select(Draft.id)).one()

    for browser in (colleague(running), colleague(running, code="QOP"), running.as_a(Role.ICB_LEAD, "QMJ")):
        parts = {"draft_id": draft_id, "page_key": "about"}
        assert expect_the_same(running, browser, "draft_id", parts, parts | {"draft_id": uuid4()}) >= 5


def role_of(running: Running, person: Person) -> UUID:
    with reading(running.engine) as session:
        return session.scalars(select(Membership.id).where(Membership.person_id == person.id)).one()


def test_a_person_or_role_of_another_icb_is_the_same_as_none(running: Running) -> None:
    mine, theirs = running.person((Role.DESIGNATE, "QMJ")), running.person((Role.DESIGNATE, "QMF"))
    nurse = running.person((Role.ICB_CHIEF_NURSE, "QMJ"))
    browser = running.as_a(Role.ICB_LEAD, "QMJ")

    for person in (theirs, nurse):
        foreign = {"person_id": person.id, "membership_id": role_of(running, person)}
        missing = {"person_id": uuid4(), "membership_id": uuid4()}
        assert expect_the_same(running, browser, "person_id", foreign, missing) >= 10
        expect_the_same(running, browser, "membership_id", foreign | {"person_id": mine.id}, missing | {"person_id": mine.id})
