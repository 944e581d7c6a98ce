"""Keys of definitions in addresses: `give_update` is written `give-update`."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError


class KeyConverter(BaseConverter):
    """A key of a workflow, form or page."""

    regex = "[a-z][a-z0-9-]{0,59}"

    def to_python(self, value: str) -> str:
        """Read the key from its part of the address."""
        return value.replace("-", "_")

    def to_url(self, value: str) -> str:
        """Write the key as a part of an address."""
        return value.replace("_", "-")


class PlaceConverter(BaseConverter):
    """A place in a draft of definitions, one part of the address for each of its own; what is no key stands in base 64."""

    regex = "[a-z0-9~][A-Za-z0-9~_=/-]*"
    part_isolating = False

    def to_python(self, value: str) -> tuple[str, ...]:
        """Read the parts."""
        return tuple(map(_part, value.split("/")))

    def to_url(self, value: tuple[str, ...]) -> str:
        """Write the parts."""
        return "/".join(
            part.replace("_", "-") if _KEY.fullmatch(part) else f"~{urlsafe_b64encode(part.encode()).decode()}" for part in value
        )


_KEY = re.compile("[a-z0-9][a-z0-9_]*")


def _part(written: str) -> str:
    if not written.startswith("~"):
        return written.replace("-", "_")
    try:
        return urlsafe_b64decode(written[1:]).decode()
    except ValueError:
        raise ValidationError from None


def install(app: Flask) -> None:
    """Let the routes of *app* take `<key:step_key>` and `<place:place>`."""
    app.url_map.converters |= {"key": KeyConverter, "place": PlaceConverter}
