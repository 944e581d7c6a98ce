"""Vocabularies as administrators change them: what each holds, a form for each change, and in words what it will do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from scrt_workflow import catalogue
from scrt_workflow.forms.question_types import show_day
from scrt_workflow.operations import history, vocabularies, vocabulary_changes, vocabulary_uses
from scrt_workflow.operations.vocabularies import FIXED, NoSuchVocabularyError
from scrt_workflow.operations.vocabulary_wishes import Change, StaleVocabularyError, VocabularyRefusedError, Wish, stream_of
from scrt_workflow.permissions import Permission
from scrt_workflow.web import errors
from scrt_workflow.web.event_rows import event_rows
from scrt_workflow.web.guards import requires
from scrt_workflow.web.kept_posts import keeps_typed_work, shown_once
from scrt_workflow.web.requests import actor, database, now, today
from scrt_workflow.web.vocabulary_forms import KINDS, ChangeForm, Kind, NewForm, lines_of, offer

pages = Blueprint("vocabularies", __name__, url_prefix="/vocabularies")
MOST_EVENTS = 100
WORDS = {
    "term:added": "Term added",
    "term:brought-back": "Term brought back",
    "term:retired": "Term retired",
    "term:reworded": "Term reworded",
    "term:split": "Term split",
    "terms:grouped": "Terms grouped for reports",
    "terms:merged": "Terms merged",
    "vocabulary:added": "Vocabulary added",
}


@dataclass(frozen=True, slots=True)
class Words:
    """How a change is called, what stands above that and below it, and what is said once it is made."""

    title: str
    caption: str
    hint: str
    done: str


@dataclass(frozen=True, slots=True)
class Page:
    """The page of a change: the fields that it asks, and where it goes back to."""

    asks: tuple[str, ...]
    back: str
    words: Words


@pages.errorhandler(NoSuchVocabularyError)
def no_such_vocabulary(_error: NoSuchVocabularyError) -> ResponseReturnValue:
    """Say that the page is not there."""
    return errors.show(NotFound())


@pages.route("")
@requires(Permission.VOCABULARY_MANAGE)
def index() -> ResponseReturnValue:
    """List the vocabularies, with how many terms each offers today and which questions offer them."""
    rows = [
        {
            "key": key,
            "title": title,
            "terms": len(catalogue.terms(database(), key, on=today())),
            "questions": list(vocabulary_uses.questions_offering(database(), key).values()),
            "fixed": FIXED.get(key, ""),
        }
        for key, title in vocabularies.titles(database()).items()
    ]
    return render_template("vocabularies/index.html", rows=sorted(rows, key=lambda row: bool(row["fixed"])))


@pages.route("/new", methods=["GET", "POST"])
@requires(Permission.VOCABULARY_MANAGE)
def new() -> ResponseReturnValue:
    """Add a vocabulary, for the questions of a workflow of one's own."""
    form = NewForm(request.form, on=today(), read_at="0")
    key = str(form.key.data or "").strip()

    def make() -> Change:
        return vocabulary_changes.add_vocabulary(database(), _wish(key, form), str(form.title.data), lines_of(form.labels.data))

    asks, back = ("title", "key", "labels", "on", "reason"), url_for("vocabularies.index")
    words = Words("Add a vocabulary", "", "For the questions of a workflow of your own.", "The vocabulary is added.")
    return _ask_check_make(form, key, make, Page(asks, back, words))


@pages.route("/<key:vocabulary_key>")
@requires(Permission.VOCABULARY_MANAGE)
def show(vocabulary_key: str) -> ResponseReturnValue:
    """Show every term of a vocabulary with its days, its group and how many reviews have it, and what was changed."""
    title, known = vocabularies.title_of(database(), vocabulary_key), vocabularies.terms_of(database(), vocabulary_key)
    counts = vocabulary_uses.reviews_with(database(), vocabulary_key)
    return render_template(
        "vocabularies/show.html",
        key=vocabulary_key,
        title=title,
        fixed=FIXED.get(vocabulary_key, ""),
        kinds=KINDS,
        questions=vocabulary_uses.questions_offering(database(), vocabulary_key),
        offered=[(term, _coming(known, term)) for term in known.values() if term.valid_to is None or term.valid_to > today()],
        gone=[
            (t, vocabularies.what_became_of(known, t.code, today()))
            for t in known.values()
            if t.valid_to and t.valid_to <= today()
        ],
        leaving=any(term.valid_to for term in known.values()),
        counts=counts,
        group_label=vocabularies.group_label,
        today=today(),
        events=event_rows(stream_of(vocabulary_key), WORDS, _note, most=MOST_EVENTS),
    )


def _coming(known: dict[str, vocabularies.TermFacts], term: vocabularies.TermFacts) -> list[str]:
    """Say what is decided of a term that is not so yet."""
    told = [f"From {_day(term.valid_from)}"] if term.valid_from > today() else []
    told += [f"‘{label}’ from {_day(begins)}" for begins, label in term.labels[1:] if begins > today()]
    if term.valid_to:
        names = vocabularies.quoted([known[one].label_on(term.valid_to) for one in term.successors]) if term.successors else ""
        told.append(f"Until {_day(term.valid_to)}{f', then {names}' if names else ''}")
    return told


def _day(day: date) -> str:
    return show_day(day.isoformat())


def _note(body: Mapping[str, Any]) -> str:
    return "\n".join([*body.get("says", ()), f"Why: {body.get('reason', '')}"])


@pages.route("/<key:vocabulary_key>/changes/<key:change>", methods=["GET", "POST"])
@requires(Permission.VOCABULARY_MANAGE)
@keeps_typed_work(shown_once)
def change(vocabulary_key: str, change: str) -> ResponseReturnValue:
    """Ask for one change of a vocabulary, say in words what it will do, and make it once that is confirmed."""
    if change not in KINDS or vocabulary_key in FIXED:
        abort(404)
    kind, title = KINDS[change], vocabularies.title_of(database(), vocabulary_key)
    form, back = _form(kind, change, vocabulary_key), url_for("vocabularies.show", vocabulary_key=vocabulary_key)
    words = Words(kind.title, title, kind.hint, kind.done)

    def make() -> Change:
        return kind.make(database(), _wish(vocabulary_key, form), form)

    return _ask_check_make(form, vocabulary_key, make, Page(kind.asks, back, words))


def _form(kind: Kind, change: str, key: str) -> ChangeForm:
    term = request.args.get("term", "")
    seq = str(history.head_of(database(), stream_of(key)).seq)
    form = kind.form(request.form or None, term=term, terms=[term] if term else [], on=today(), read_at=seq)
    offer(form, change, vocabularies.terms_of(database(), key), today=today())
    return form


def _wish(key: str, form: ChangeForm) -> Wish:
    """Give who wishes what: a change that asks for no day is of today."""
    read_at = str(form.read_at.data)
    on = form["on"].data if "on" in form else today()
    return Wish(key, on, str(form.reason.data), actor(), now(), int(read_at) if read_at.isascii() and read_at.isdigit() else -1)


def _ask_check_make(form: ChangeForm, key: str, make: Callable[[], Change], page: Page) -> ResponseReturnValue:
    """Show the form; then, in words, what it will do, which is tried and undone; then, confirmed, make the change."""
    if request.method == "POST" and request.form.get("action") != "back" and form.validate():
        tried = database().begin_nested()
        try:
            made = make()
            if request.form.get("action") == "confirm":
                tried.commit()
                flash(page.words.done, "success")
                return redirect(url_for("vocabularies.show", vocabulary_key=key), 303)
            tried.rollback()
            return render_template("vocabularies/check.html", page=page, made=made, sent=_sent())
        except VocabularyRefusedError as error:
            tried.rollback()
            form.form_errors.append(str(error))
            if isinstance(error, StaleVocabularyError):
                form.read_at.data = str(history.head_of(database(), stream_of(key)).seq)
        finally:
            catalogue.forget(database())
    return render_template("vocabularies/change.html", form=form, page=page), 422 if form.errors else 200


def _sent() -> list[tuple[str, str]]:
    """Give what was typed, to be sent again when it is confirmed."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in {"csrf_token", "action"}]
