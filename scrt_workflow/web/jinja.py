"""The templates' environment: where templates are found, and the filters and functions that they may use."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, has_request_context, request, url_for
from flask.globals import request_ctx
from jinja2 import FileSystemBytecodeCache, StrictUndefined, Undefined
from jinja2.utils import missing
from werkzeug.routing import BuildError

from scrt_workflow.settings import shipped
from scrt_workflow.web.headers import csp_nonce
from scrt_workflow.web.nhs import error_links, look_of
from scrt_workflow.web.question_looks import arranged

SERVICE = "Safeguarding case review tracker"
ESCAPED = (".html", ".jinja", ".svg", ".xml")
"""The templates in which text is escaped. Flask leaves `.jinja` out, and the official NHS.UK macros are called that."""
LONDON = ZoneInfo("Europe/London")


def install(app: Flask, *, demo: bool = False, compiled: Path | None = None) -> None:
    """Set up the environment of *app*, before any template is rendered.

    *demo* says on every page that its reviews are invented. With a folder *compiled*, compiled templates are kept there
    for the next start.
    """
    app.template_folder = str(shipped("templates"))
    environment = app.jinja_env
    environment.lstrip_blocks = environment.trim_blocks = True
    environment.autoescape = lambda name: name is None or name.endswith(ESCAPED)
    environment.undefined = Missing
    environment.loader = app.create_global_jinja_loader()
    if compiled is not None:
        compiled.mkdir(mode=0o700, parents=True, exist_ok=True)
        environment.bytecode_cache = FileSystemBytecodeCache(str(compiled))
    environment.filters.update(FILTERS)
    environment.globals.update(asset=asset, csp_nonce=csp_nonce, demo=demo, service=SERVICE, url_if_any=url_if_any)


class Missing(StrictUndefined):
    """What a template was not given: a mistake, such as a misspelt name. A key that a mapping does not have is merely nothing."""

    __slots__ = ()

    def __new__(cls, hint: str | None = None, obj: Any = missing, name: str | None = None, *more: Any) -> Any:
        """Leave the keys of mappings, which rows may have or not, to Jinja's own."""
        return Undefined(hint, obj, name, *more) if isinstance(obj, Mapping) else super().__new__(cls)


def date_words(day: date | str | None) -> str:
    """Write a day, or the 'YYYY-MM-DD' that stands for it, as people do: 3 November 2024. Nothing for none."""
    if not day:
        return ""
    if isinstance(day, str):
        day = date.fromisoformat(day)
    elif isinstance(day, datetime):
        day = _in_london(day).date()
    return f"{day.day} {day:%B %Y}"


def datetime_words(at: datetime | None) -> str:
    """Write a moment by London's clocks: 3 November 2024 at 10:15am. Raises ValueError for one without a time zone."""
    if at is None:
        return ""
    local = _in_london(at)
    return f"{date_words(local.date())} at {_clock(local)}"


def _in_london(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone, so nobody can tell when it was.")
    return at.astimezone(LONDON)


def _clock(local: datetime) -> str:
    """Write the time of day as the NHS content guide does: 10:15am, 9am, midday, midnight."""
    if local.minute == 0 and local.hour % 12 == 0:
        return "midday" if local.hour else "midnight"
    minutes = f":{local.minute:02}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'am' if local.hour < 12 else 'pm'}"


def number_words(number: float | None) -> str:
    """Write a number with its thousands apart: 12,345. Nothing for none."""
    return "" if number is None else f"{number:,}"


def asset(name: str) -> str:
    """Give the address of a file of ours by its content's digest. Needs no routing, so that error pages have it too."""
    app = current_app
    digest = _digest(Path(app.static_folder or "") / name)
    return f"{request.script_root}{app.static_url_path}/{name}?v={digest}"


@lru_cache(maxsize=64)
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def url_if_any(endpoint: str, **values: object) -> str:
    """Give the address of *endpoint*; an empty text where there is no such page, or the request had no valid host."""
    if has_request_context() and request_ctx.url_adapter is None:
        return ""
    try:
        return url_for(endpoint, **values)  # type: ignore[arg-type]  # any value may stand in an address
    except BuildError:
        return ""


FILTERS: dict[str, Callable[..., object]] = {
    "arranged": arranged,
    "date": date_words,
    "datetime": datetime_words,
    "error_links": error_links,
    "look": look_of,
    "number": number_words,
}
