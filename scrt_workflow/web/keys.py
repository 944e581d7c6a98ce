"""Keys of definitions in addresses: `give_update` is written `give-update`."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import BaseConverter


class KeyConverter(BaseConverter):
    """A key of a workflow, form or page."""

    regex = "[a-z][a-z0-9-]{0,59}"

    def to_python(self, value: str) -> str:
        """Read the key from its part of the address."""
        return value.replace("-", "_")

    def to_url(self, value: str) -> str:
        """Write the key as a part of an address."""
        return value.replace("_", "-")


def install(app: Flask) -> None:
    """Let the routes of *app* take `<key:step_key>`."""
    app.url_map.converters["key"] = KeyConverter
