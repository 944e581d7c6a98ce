"""The headers that every answer carries, errors and redirects included (OU2), and the nonce that scripts need."""

import secrets
from http import HTTPStatus

from flask import Flask, Response, g, request

DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'nonce-{nonce}'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
"""No inline script or style, nothing from elsewhere. A script with the nonce may import others: they inherit it."""
CONTENT_SECURITY_POLICY = "; ".join(f"{name} {sources}" for name, sources in DIRECTIVES.items())
ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Not no-referrer: over HTTPS, Flask-WTF takes no form whose Referer is missing.
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}
NEVER_KEPT = "no-store"
KEPT_FOR_GOOD = "public, max-age=31536000, immutable"
"""For a file asked for by the digest of its content, which changes its address when it changes."""


def install(app: Flask) -> None:
    """Put the headers on every answer of *app*."""
    app.after_request(add_headers)


def csp_nonce() -> str:
    """Give the nonce of this answer: the same for every script in it, another for every request."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def add_headers(response: Response) -> Response:
    """Add the security headers; nothing but the service's own files may be kept by a browser or a proxy."""
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.format(nonce=csp_nonce())
    response.headers.update(ALWAYS)
    if request.endpoint != "static" or response.status_code not in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}:
        response.headers["Cache-Control"] = NEVER_KEPT
    elif "v" in request.args:
        response.headers["Cache-Control"] = KEPT_FOR_GOOD
    return response
