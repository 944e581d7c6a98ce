"""Who gets into what: every page, asked by everyone, on an invented service that is thrown away (promise AZ1).

Nothing here knows the rules: real requests are made, and what came of them is written down. The copy in
`tests/access.txt` is what was agreed, so that a change of rights shows as a change of that file.
"""

import re
import shutil
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

from flask import url_for
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from scrt_workflow.access_world import (
    AT,
    ELSEWHERE,
    HERE,
    ITS_REGION,
    OTHER_REGION,
    Kind,
    Waiting,
    a_person,
    parts_of_addresses,
    waiting_reviews,
)
from scrt_workflow.app import create_app
from scrt_workflow.clock import FixedClock
from scrt_workflow.database import make_engine, migrate, unit_of_work
from scrt_workflow.folder import read_folder
from scrt_workflow.models import Person
from scrt_workflow.operations import readiness
from scrt_workflow.operations.definitions import known_types, load
from scrt_workflow.operations.organisations import load_reference
from scrt_workflow.permissions import Role
from scrt_workflow.reference import ENGLAND
from scrt_workflow.settings import Settings, shipped
from scrt_workflow.web.sessions import cookie_for

# The review is of the ICB "here"; who is "elsewhere" has the same role in another ICB or region.
DISABLED = Kind("disabled", Role.NATIONAL_LEAD, ENGLAND)
DESIGNATE = Kind("designate here", Role.DESIGNATE, HERE)
CHIEF_NURSE = Kind("chief nurse here", Role.ICB_CHIEF_NURSE, HERE)
ADMINISTRATOR = Kind("administrator", Role.ADMINISTRATOR, ENGLAND)
KINDS = (
    Kind("nobody"),
    DISABLED,
    Kind("without a role", None, "nowhere"),
    DESIGNATE,
    Kind("designate elsewhere", Role.DESIGNATE, ELSEWHERE),
    Kind("ICB lead here", Role.ICB_LEAD, HERE),
    Kind("ICB lead elsewhere", Role.ICB_LEAD, ELSEWHERE),
    CHIEF_NURSE,
    Kind("chief nurse elsewhere", Role.ICB_CHIEF_NURSE, ELSEWHERE),
    Kind("regional lead here", Role.REGIONAL_LEAD, ITS_REGION),
    Kind("regional lead elsewhere", Role.REGIONAL_LEAD, OTHER_REGION),
    Kind("regional chief here", Role.REGIONAL_CHIEF, ITS_REGION),
    Kind("regional chief elsewhere", Role.REGIONAL_CHIEF, OTHER_REGION),
    Kind("national lead", Role.NATIONAL_LEAD, ENGLAND),
    Kind("viewer here", Role.VIEWER, HERE),
    Kind("viewer elsewhere", Role.VIEWER, ELSEWHERE),
    ADMINISTRATOR,
)
INDENTED: dict[str, Any] = {"initial_indent": "    ", "subsequent_indent": "        ", "break_on_hyphens": False}
FORM = {"key": str(UUID(int=3)), "read_at": "0"}  # what every form of a step carries
OPENS, COMPLETES, SIGN_IN, BROKEN = "opens", "completes the step", "sign in", "BROKEN"
UNDONE = {403, 404, 405}  # what is refused so has changed nothing
REFUSALS = {
    400: "not understood (400)",
    422: "told what to mend (422)",
    409: "told why not now (409)",
    429: "told to wait (429)",
    403: "refused (403)",
    404: "not there (404)",
}
OUTCOMES = (OPENS, COMPLETES, *REFUSALS.values(), SIGN_IN, BROKEN)


HEADING = """\
Who gets into what, printed by `scrt access`. The review, the draft and the person asked for belong to the ICB "here";
whoever is "elsewhere" has the same role in another ICB or region. A step is one that the designate takes; last, the
steps of reviews that wait for an approval. What is sent are forms with next to nothing in them; an approval is filled in.
"""


def matrix() -> Iterator[str]:
    """Ask every page as everyone, and give the lines of the matrix."""
    yield from HEADING.splitlines()
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        try:
            for rule, method in world.questions():
                yield f"{method} {rule.rule}"
                yield from _came({kind.name: world.ask(rule, method, kind) for kind in KINDS})
            for waiting in world.waiting:
                for rule, method in world.questions():
                    if {"review_id", "step_key"} <= rule.arguments:
                        yield f"{method} {rule.rule} ({waiting.title}, of a review that waits for it)"
                        yield from _came({kind.name: world.ask(rule, method, kind, waiting) for kind in KINDS})
        finally:
            world.close()


def _came(came: Mapping[str, str]) -> Iterator[str]:
    for outcome in OUTCOMES:
        names = [name for name, found in came.items() if found == outcome]
        yield from textwrap.wrap(f"{outcome}: {_list(names)}", 116, **INDENTED) if names else ()


def _list(names: list[str]) -> str:
    """Write *names* as a list; a role that fares the same here and elsewhere is named once."""
    if len(names) == len(KINDS):
        return "everyone"
    both = {name.removesuffix(" here") for name in names} & {name.removesuffix(" elsewhere") for name in names}
    short = (name.removesuffix(" here").removesuffix(" elsewhere") for name in names)
    return ", ".join(dict.fromkeys(role if role in both else name for role, name in zip(short, names, strict=True)))


class World:
    """An invented service: everyone, one review of the ICB "here", and one draft of its designate's."""

    def __init__(self, folder: Path) -> None:
        """Make it in *folder*."""
        settings = Settings(instance=folder, demo=True)
        self.file, self.kept = folder / "scrt.sqlite", folder / "kept.sqlite"
        self.engine = make_engine(settings.database)
        migrate(self.engine)
        self.app = create_app(settings, FixedClock(AT), real_clock=FixedClock(AT))
        self.app.config["WTF_CSRF_ENABLED"] = False  # a form without its token is refused: other tests show that
        mail = folder / "mailbox" / "00000001.eml"
        mail.parent.mkdir()
        mail.write_text("To: someone@example.nhs.uk\nSubject: A notice\n\nAbout a review.\n")
        with unit_of_work(self.engine) as session:
            load_reference(session)
            load(session, read_folder(shipped("workflows").parent, known_types=known_types()), at=AT)
            self.people = {kind: a_person(session, kind) for kind in KINDS if kind.role or kind.organisation}
            self.parts, self.draft_page = parts_of_addresses(session, self.people[DESIGNATE], self.people[ADMINISTRATOR])
            self.waiting = waiting_reviews(session, self.people[CHIEF_NURSE])
            readiness.heartbeat(session, readiness.SCHEDULER, at=AT)
        with unit_of_work(self.engine) as session, self.app.test_request_context():
            self.cookies = {kind: cookie_for(self.app, session, person) for kind, person in self.people.items()}
            session.get_one(Person, self.people[DISABLED].id).disabled_at = AT
        self.close()
        shutil.copyfile(self.file, self.kept)

    def questions(self) -> list[tuple[Rule, str]]:
        """Give every route with each of its methods, in the order of addresses."""
        rules = [rule for rule in self.app.url_map.iter_rules() if rule.endpoint != "static"]
        asked = [(rule, method) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
        return sorted(asked, key=lambda question: (question[0].rule, question[1]))

    def ask(self, rule: Rule, method: str, kind: Kind, waiting: Waiting | None = None) -> str:
        """Ask one page, perhaps of a review that is *waiting*, as someone of one *kind*, and say what came of it."""
        client = self.app.test_client()
        if kind in self.cookies:
            client.set_cookie(*self.cookies[kind], domain="127.0.0.1")
        with self.app.test_request_context():
            address = url_for(rule.endpoint, **self.parts_of(rule, waiting.parts if waiting else {}))
        form = {**FORM, **(waiting.answers if waiting else {})} if method == "POST" else None
        if waiting and form and rule.endpoint == "steps.check":
            form |= self._filled_in(client, waiting)
        answer = client.open(address, method=method, base_url="http://127.0.0.1", data=form)
        if method != "GET" and answer.status_code not in UNDONE:
            self._forget()
        return _outcome(answer.status_code, answer.headers.get("Location", ""))

    def _filled_in(self, client: FlaskClient, waiting: Waiting) -> dict[str, str]:
        """Fill in the pages of an approval, and give what the form to check then sends; nothing where it is refused."""
        with self.app.test_request_context():
            page, check = (url_for(endpoint, **waiting.parts) for endpoint in ("steps.page", "steps.check"))
        client.post(page, base_url="http://127.0.0.1", data={**FORM, **waiting.answers})
        shown = client.get(check.partition("?")[0], base_url="http://127.0.0.1").text
        return dict(re.findall(r'name="(key|read_at|shown)" value="([^"]*)"', shown))

    def parts_of(self, rule: Rule, others: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
        """Give what stands for each part of the address of *rule*."""
        asked = rule.arguments - set(rule.defaults or ())
        if missing := asked - set(self.parts):
            raise LookupError(f"{rule.rule}: say in scrt_workflow/access.py what stands for {', '.join(missing)}.")
        parts = {name: others.get(name, self.parts[name]) for name in asked}
        return parts | ({"page_key": self.draft_page} if {"draft_id", "page_key"} <= rule.arguments else {})

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()
        self.app.extensions["surroundings"].engine.dispose()

    def _forget(self) -> None:
        """Put the database back as it was, whatever the request did to it."""
        self.close()
        for left in (f"{self.file}-wal", f"{self.file}-shm"):
            Path(left).unlink(missing_ok=True)
        shutil.copyfile(self.kept, self.file)


def _outcome(status: int, location: str) -> str:
    if status == 401 or location.startswith("/sign-in"):
        return SIGN_IN
    if status == 303 and location.endswith("/done"):
        return COMPLETES
    return REFUSALS.get(status, OPENS if status < 400 else BROKEN)
