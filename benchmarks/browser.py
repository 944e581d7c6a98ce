"""Asking a web application through WSGI as a browser would, without a network."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from werkzeug.test import EnvironBuilder, run_wsgi_app

from scrt_workflow.actors import Actor

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
Application = Callable[..., Any]


@dataclass(frozen=True)
class Browser:
    """A browser in which `actor` is signed in to the service `app`."""

    app: Application
    actor: Actor
    cookie: str

    def get(self, path: str) -> Callable[[], bytes]:
        """Give a request for a page, ready to be sent."""
        return request_to(self.app, "GET", path, cookie=self.cookie)

    def post(self, path: str, form: Mapping[str, str]) -> Callable[[], bytes]:
        """Give the sending of a form, ready to be sent."""
        return request_to(self.app, "POST", path, cookie=self.cookie, form=form)

    def token(self, path: str) -> str:
        """Give the token of the form on a page."""
        return token_in(self.get(path)())


def token_in(page: bytes) -> str:
    """Give the token of the form on *page*."""
    found = TOKEN.search(page.decode())
    if found is None:
        raise LookupError("The page has no form.")
    return found[1]


def request_to(
    app: Application, method: str, path: str, *, cookie: str = "", form: Mapping[str, str] | None = None
) -> Callable[[], bytes]:
    """Give a WSGI request of *app*, ready to be sent; it raises when the answer is neither a page nor a redirect."""
    body = urlencode(form or {}).encode()
    headers = {"Cookie": cookie, "Referer": "http://127.0.0.1/"}
    kind = "application/x-www-form-urlencoded" if form is not None else None
    builder = EnvironBuilder(path, base_url="http://127.0.0.1", method=method, headers=headers, content_type=kind)
    builder.input_stream = BytesIO(body)
    builder.content_length = len(body)
    environ = builder.get_environ()

    def send() -> bytes:
        answer, status, _ = run_wsgi_app(app, environ, buffered=True)
        page = b"".join(answer)
        if not status.startswith(("200", "302", "303")):
            raise RuntimeError(f"{method} {path} was answered {status}: {page[:2000]!r}")
        return page

    return send
