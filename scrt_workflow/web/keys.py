"""Keys of definitions in addresses: `give_update` is written `give-update`; and what is rehearsed: `12`, or `draft-7`."""

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


class CodeConverter(BaseConverter):
    """The code of an organisation: `QMJ` is written `qmj`."""

    regex = "[a-z0-9]{1,20}"

    def to_python(self, value: str) -> str:
        """Read the code."""
        return value.upper()

    def to_url(self, value: str) -> str:
        """Write the code."""
        return value.lower()


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


class SourceConverter(BaseConverter):
    """What is rehearsed: a released version by its number, or something else by its kind and number (`draft:7` as `draft-7`)."""

    regex = "[0-9]{1,10}|[a-z]{1,20}-[0-9a-z-]{1,60}"

    def to_python(self, value: str) -> str:
        """Read what `operations.rehearsed.find` is asked for."""
        return f"version:{value}" if value.isdigit() else value.replace("-", ":", 1)

    def to_url(self, value: str) -> str:
        """Write it as a part of an address."""
        return value.removeprefix("version:").replace(":", "-", 1)


def install(app: Flask) -> None:
    """Let the routes of *app* take `<code:organisation>`, `<key:step_key>`, `<place:place>` and `<source:source>`."""
    app.url_map.converters |= {"code": CodeConverter, "key": KeyConverter, "place": PlaceConverter, "source": SourceConverter}
