"""Every answer carries the security headers, whatever it is (promise OU2)."""

import re

import pytest
from bs4 import BeautifulSoup
from flask import Flask, redirect
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from scrt_workflow.permissions import Role
from scrt_workflow.web import guards
from tests.factories import Running
from tests.web.showcase import PAGES, make_app

PATHS = (
    *(f"/page/{page}" for page in PAGES),
    "/nowhere",
    "/moved",
    "/broken",
    "/error/403",
    "/static/scrt.css",
    "/home",
    "/sign-out",
)


@pytest.fixture(scope="module")
def app() -> Flask:
    app = make_app()
    app.add_url_rule("/moved", "moved", lambda: redirect("/home"))
    app.add_url_rule("/broken", "broken", break_down)
    return app


def break_down() -> str:
    raise RuntimeError("broken")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_of_any_kind_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    expect_security_headers(client.get(path, buffered=True).headers)


def expect_security_headers(headers: Headers) -> None:
    policy = dict(directive.split(" ", 1) for directive in headers["Content-Security-Policy"].split("; "))

    assert re.fullmatch(r"'nonce-[\w-]{20,}'", policy["script-src"])
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["default-src"] == "'none'"
    assert not re.search("unsafe|https?:|[*]", headers["Content-Security-Policy"])
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert int(headers["Strict-Transport-Security"].removeprefix("max-age=").split(";")[0]) >= 365 * 24 * 3600


def test_the_service_itself_sends_them_with_whatever_it_answers(running_on_sqlite: Running) -> None:
    running = running_on_sqlite
    running.app.testing = False
    running.app.add_url_rule("/broken", "broken", guards.public(break_down))
    browser = running.as_a(Role.ADMINISTRATOR, "ENG")
    asked = {
        "/people": 200, "/sign-in": 302, "/nowhere": 404, "/reviews": 403, "/sign-out": 405, "/broken": 500,
        "/static/scrt.css": 200, "/health/live": 200,
    }  # fmt: skip

    answers = {path: browser.get(path, buffered=True) for path in asked}
    answers["a form without its token"] = browser.post("/people/new", token=False)
    answers["another host"] = browser.get("/people", headers={"Host": "evil.example"})

    assert {path: answers[path].status_code for path in asked} == asked
    for path, answer in answers.items():
        expect_security_headers(answer.headers)
        assert answer.headers["Cache-Control"] == "no-store" or path.startswith("/static/"), path


@pytest.mark.parametrize("path", [path for path in PATHS if not path.startswith("/static/")])
def test_nothing_but_our_own_files_may_be_kept(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] == "no-store"


def test_a_file_of_ours_is_kept_for_good_under_the_digest_of_its_content(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/page/done").data, "html5lib")
    files = [tag["href"] for tag in page.select("link")] + [tag["src"] for tag in page.select("script[src]")]

    for file in files:
        answer = client.get(str(file), buffered=True)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
    assert "immutable" not in client.get("/static/scrt.css", buffered=True).headers["Cache-Control"]
    assert client.get("/static/none.css?v=1").headers["Cache-Control"] == "no-store"


def test_every_script_has_the_nonce_of_its_own_answer(client: FlaskClient) -> None:
    nonces = set()
    for page in PAGES:
        answer = client.get(f"/page/{page}")
        nonce = answer.headers["Content-Security-Policy"].split("'nonce-")[1].split("'")[0]
        scripts = BeautifulSoup(answer.data, "html5lib").select("script")
        assert scripts
        assert {script["nonce"] for script in scripts} == {nonce}
        nonces.add(nonce)
    assert len(nonces) == len(PAGES)
