"""Whatever goes wrong, a person reads a plain sentence of what to do, and never a trace."""

import pytest
from bs4 import BeautifulSoup
from flask import Flask, abort
from flask.typing import ResponseReturnValue

from scrt_workflow.permissions import Role
from scrt_workflow.web import guards
from tests.factories import Running
from tests.web.showcase import make_app


@pytest.fixture(scope="module")
def app() -> Flask:
    app = make_app()
    app.config["TRUSTED_HOSTS"] = ["localhost"]

    def refuse() -> ResponseReturnValue:
        abort(403, "Someone other than the person who submitted this <review> must do this step.")

    def break_down() -> ResponseReturnValue:
        raise RuntimeError("the password is hunter2")

    app.add_url_rule("/refuse", "refuse", refuse)
    app.add_url_rule("/break-down", "break_down", break_down)
    return app


def words_of(app: Flask, path: str, status: int, **request: str) -> str:
    answer = app.test_client().get(path, headers=request)
    assert answer.status_code == status
    main = BeautifulSoup(answer.data, "html5lib").main
    return " ".join(main.text.split()) if main else ""


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 429, 500, 503])
def test_an_error_page_says_what_to_do_and_nothing_of_how_we_are_made(app: Flask, status: int) -> None:
    words = words_of(app, f"/error/{status}", status)

    assert words.endswith((".", "page"))
    assert len(words) > 60
    for jargon in ("Bad Request", "Forbidden", "HTTP", "URL", "server", "method", "Traceback"):
        assert jargon not in words


def test_an_error_without_a_page_of_its_own_has_that_of_its_kind(app: Flask) -> None:
    assert "could not read" in words_of(app, "/error/415", 415)
    assert "something went wrong" in words_of(app, "/error/502", 502)


def test_the_sentence_of_a_refusal_is_shown(app: Flask) -> None:
    assert "Someone other than the person who submitted this <review> must do this step." in words_of(app, "/refuse", 403)


def test_a_fault_of_ours_is_not_shown(app: Flask) -> None:
    assert "hunter2" not in words_of(app, "/break-down", 500)


def test_a_page_asked_for_under_another_name_of_the_machine_is_refused_in_words(app: Flask) -> None:
    words = words_of(app, "/home", 400, Host="evil.example")

    assert "could not read" in words
    assert "evil" not in words


def test_the_wrong_method_is_refused_with_the_right_ones(app: Flask) -> None:
    answer = app.test_client().get("/sign-out")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_the_service_itself_answers_every_error_with_such_a_page(
    running_on_sqlite: Running, caplog: pytest.LogCaptureFixture
) -> None:
    running = running_on_sqlite
    running.app.testing = False

    def break_down() -> ResponseReturnValue:
        raise RuntimeError("the password is hunter2")

    running.app.add_url_rule("/break-down", "break_down", guards.public(break_down))
    browser = running.as_a(Role.ADMINISTRATOR, "ENG")

    for path, status, said in (
        ("/break-down", 500, "something went wrong"),
        ("/nowhere", 404, "Page not found"),
        ("/reviews", 403, "does not allow this"),
        ("/sign-out", 405, "cannot be opened this way"),
    ):
        answer = browser.get(path)
        page = BeautifulSoup(answer.data, "html5lib")
        assert answer.status_code == status
        assert said.casefold() in page.get_text().casefold(), path
        assert page.main is not None
        assert "hunter2" not in answer.text
    assert "hunter2" not in caplog.text
