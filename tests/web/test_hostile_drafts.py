"""IN7 through the pages: a hostile definition that is uploaded, or typed into the forms of a draft, is answered and never run."""

from io import BytesIO
from time import process_time

import pytest
from werkzeug.test import TestResponse

from scrt_workflow.permissions import Role
from tests.definitions.test_hostile import FEW, HOSTILE, LONGEST, ONE_STEP, nothing_run, slowness
from tests.factories import Browser, Running
from tests.web.guided import with_definitions

TYPED = (
    "{{ 7 * 7 }}",
    "{% import os %}",
    "!!python/object/apply:os.system [id]",
    "&a [*a, *a]",
    "__import__('os').system('id')",
    "${jndi:ldap://x}",
    "- a: b\n- c: {d",
    "'\"><script>alert(1)</script>",
    "\u202egnihton",
    "a" * 100_000,
)
ANSWERED = {200, 303, 409, 422}


@pytest.fixture
def draft(running_on_sqlite: Running) -> tuple[Browser, str]:
    administrator = with_definitions(running_on_sqlite).browser(running_on_sqlite.person((Role.ADMINISTRATOR, "ENG")))
    begun = administrator.post("/definitions/drafts/new?workflow=rapid_review", {"title": "A draft"})
    return administrator, begun.headers["Location"]


PAGES = ("", "/questions", "/forms", "/changes", "/files")
NAMED = {"w": "workflows/v.yaml", "q": "forms/more_questions.yaml", "f": "forms/short.yaml"}


def upload(administrator: Browser, address: str, path: str, text: str) -> int:
    sent = {"file": (BytesIO(text.encode()), "x.yaml"), "path": path}
    return administrator.post(f"{address}/files", sent, content_type="multipart/form-data").status_code


def add_everything(administrator: Browser, address: str, text: str) -> tuple[set[int], list[TestResponse]]:
    """Type *text* into every field of some forms; give how each was answered, and the draft's pages as they are then."""
    adds = {
        "/add/questions": {"type": "choice", "label": text, "short_label": text, "lines-options": text},
        "/add/forms": {"title": text},
        "/add/workflows/rapid-review/states": {"title": text, "counts_as": "open"},
        "/add/workflows/rapid-review/notices": {"subject": text, "body": text},
        "/add/workflows/rapid-review/clocks": {"title": text, "starts": text, "due": text, "authority": text},
    }
    answered = {administrator.post(f"{address}{where}", typed).status_code for where, typed in adds.items()}
    return answered, [administrator.get(f"{address}{where}") for where in PAGES]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_that_is_uploaded_is_answered_with_its_mistakes(draft: tuple[Browser, str], name: str) -> None:
    administrator, address = draft
    upload(administrator, address, NAMED["w"], "x: 1")
    administrator.get(address)  # by now every template is compiled
    texts = {"w": FEW + ONE_STEP.replace("state_0", "a"), **HOSTILE[name]}

    with nothing_run():
        began = process_time()
        answered = {upload(administrator, address, NAMED[key], text) for key, text in texts.items()}
        page = administrator.get(address)
        took = process_time() - began

    assert (answered, page.status_code) == ({303}, 200)
    assert "What is wrong" in page.text
    assert took < (len(texts) + 1) * LONGEST * max(1, slowness()), f"{took:.2f} s"


@pytest.mark.parametrize("text", TYPED, ids=range(len(TYPED)))
def test_what_is_typed_into_the_forms_of_a_draft_is_only_ever_text(draft: tuple[Browser, str], text: str) -> None:
    add_everything(*draft, "Plain")  # by now every template is compiled

    with nothing_run():
        answered, pages = add_everything(*draft, text)

    assert answered <= ANSWERED
    assert {page.status_code for page in pages} == {200}
    assert not any("<script>alert" in page.text for page in pages)
