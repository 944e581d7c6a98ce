"""A step in viewflow: its own view of a user task, in Django with the middleware that a new project has."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings
from sqlalchemy import make_url

from benchmarks.browser import request_to
from benchmarks.timing import Way
from benchmarks.tracker import UPDATE

CSRF = "a" * 32


def by_viewflow(url: str) -> Way:
    """Give the way that completes a task of a new process, on the empty database at *url*."""
    _set_up(_database(url))
    from django.contrib.auth.models import User  # noqa: PLC0415 - Django must be set up before
    from django.core.management import call_command  # noqa: PLC0415
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from benchmarks.review_flow import ReviewFlow, ReviewProcess  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    client = Client()
    client.force_login(User.objects.create_user("designate"))
    cookie = f"csrftoken={CSRF}; sessionid={client.cookies['sessionid'].value}"
    form = {"csrfmiddlewaretoken": CSRF, "latest_update": UPDATE}
    app = get_wsgi_application()

    def prepare() -> Callable[[], object]:
        process = ReviewFlow.start.run()
        task = process.task_set.get(flow_task=ReviewFlow.give_update)
        return request_to(app, "POST", f"/reviews/{process.pk}/give_update/{task.pk}/execute/", cookie=cookie, form=form)

    def done() -> int:
        told = [one.pk for one in ReviewProcess.objects.all() if one.latest_update == UPDATE]
        return len(told) if ReviewFlow.task_class.objects.filter(flow_task=ReviewFlow.sign_off).count() == len(told) else 0

    return Way(prepare, done, connection.close)


def _set_up(database: dict[str, Any]) -> None:
    """Set Django up on *database*: the first time in this process, or another time."""
    if settings.configured:
        from django.db import connections  # noqa: PLC0415 - as above

        connections["default"].close()
        del connections["default"]
        connections.settings.update(connections.configure_settings({"default": database}))
        return
    settings.configure(
        SECRET_KEY=secrets.token_urlsafe(32),
        ALLOWED_HOSTS=["127.0.0.1"],
        DATABASES={"default": database},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "viewflow",
            "viewflow.workflow",
            "benchmarks",
        ],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        ROOT_URLCONF="benchmarks.review_flow",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        USE_TZ=True,
    )
    django.setup()


def _database(url: str) -> dict[str, Any]:
    """Give the database at *url* in Django's words: a connection that is kept, and SQLite as this service sets it."""
    at = make_url(url)
    if at.get_backend_name() == "sqlite":
        on_disk = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"
        options = {"transaction_mode": "IMMEDIATE", "init_command": on_disk}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": at.database, "CONN_MAX_AGE": None, "OPTIONS": options}
    where = {"NAME": at.database, "USER": at.username, "PASSWORD": at.password or "", "PORT": at.port or ""}
    host = at.host or at.query.get("host", "")
    return {"ENGINE": "django.db.backends.postgresql", "HOST": host, "CONN_MAX_AGE": None, **where}
