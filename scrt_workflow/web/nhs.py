"""Turns WTForms fields into what an NHS.UK component shows; `templates/macros/fields.html` writes the markup.

A field is matched by the name of its class, or of the nearest class that it is derived from. Hints come from its
`description`, lengths from the `Length` validator, "(optional)" from the `Optional` validator, and further HTML
attributes from `render_kw`. How each type of question looks is in `question_looks`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from wtforms import Field
from wtforms.form import BaseForm

WIDTHS = (2, 3, 4, 5, 10, 20, 30)
"""The input widths that NHS.UK frontend has, in characters."""
LONG_TEXT = 1000
"""From how many characters on a text area is shown taller."""
CHOOSE_ONE = "Choose one"


class Option(NamedTuple):
    """One radio, checkbox or line of a select; *id* is empty in a select."""

    id: str
    value: str
    label: str
    hint: str
    is_chosen: bool


class Part(NamedTuple):
    """One of the inputs that answer a question together: a day, or the second of three themes."""

    id: str
    label: str
    value: str
    width: int


class ErrorLink(NamedTuple):
    """One line of the error summary; *href* is empty when no input is to blame."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Look:
    """A field as its component shows it; `component` names the macro that writes it."""

    component: str
    id: str
    name: str
    label: str
    hint: str
    error: str
    is_optional: bool
    value: str = ""
    options: tuple[Option, ...] = ()
    parts: tuple[Part, ...] = ()
    max_length: int = 0
    rows: int = 5
    classes: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def first_input(self) -> str:
        """Give the id of the input that an error link leads to."""
        return self.parts[0].id if self.parts else self.id


Adapter = Callable[[Any, Look], Look]
"""Takes a field, and what every field shows; gives what that kind of field shows."""
_ADAPTERS: dict[str, Adapter] = {}


def drawn_for(*names: str) -> Callable[[Adapter], Adapter]:
    """Register an adapter for the field classes called *names*, and for those derived from them."""

    def register(adapter: Adapter) -> Adapter:
        _ADAPTERS.update(dict.fromkeys(names, adapter))
        return adapter

    return register


def look_of(field: Field) -> Look:
    """Describe *field* for its macro; raises TypeError for a class that has no adapter."""
    attributes = {key.rstrip("_"): str(value) for key, value in (field.render_kw or {}).items()}
    plain = Look(
        component="text",
        id=field.id,
        name=field.name,
        label=str(field.label.text),
        hint=str(field.description or ""),
        error=_first(field.errors),
        is_optional=bool(field.flags.optional),
        value=_typed(field),
        max_length=int(field.flags.maxlength or 0),
        classes=attributes.pop("class", ""),
        attributes=attributes,
    )
    for ancestor in type(field).__mro__:
        if adapter := _ADAPTERS.get(ancestor.__name__):
            return adapter(field, plain)
    raise TypeError(f"{type(field).__name__} has no NHS.UK component: register one in scrt_workflow/web/nhs.py.")


def error_links(form: BaseForm) -> list[ErrorLink]:
    """List every error of *form* in the order of its fields, each with the input to mend; the form's own come first."""
    links = [ErrorLink(str(text), "") for text in form.form_errors]
    for wrong in form:
        if wrong.errors:
            look = look_of(wrong)
            links.append(ErrorLink(look.error, "" if look.component == "hidden" else f"#{look.first_input}"))
    return links


def _first(errors: Iterable[Any]) -> str:
    return next((str(error) for error in errors), "")


def _typed(field: Any) -> str:
    """Give the text that a field of one control holds; WTForms' own widgets ask for it by the same name."""
    return str(field._value() or "") if hasattr(field, "_value") else ""  # noqa: SLF001 - it is WTForms that named it so


def width_class(length: int) -> str:
    """Give the narrowest width that shows *length* characters; none for long texts, which take the whole column."""
    return next((f"nhsuk-input--width-{width}" for width in WIDTHS if 0 < length <= width), "")


def further(look: Look, *, classes: str = "", **attributes: str) -> Look:
    """Give *look* further attributes, which what the field itself says overrides."""
    joined = " ".join(part for part in (classes, look.classes) if part)
    return replace(look, classes=joined, attributes={**attributes, **look.attributes})


def numbered(prefix: str, position: int) -> str:
    """Give the id of the radio, checkbox or rank at *position*, from 1: the first has the field's own id."""
    return prefix if position == 1 else f"{prefix}-{position}"


def with_blank(options: tuple[Option, ...]) -> tuple[Option, ...]:
    """Put an empty line first where none is chosen, or the browser would choose for the person."""
    if any(option.is_chosen or not option.value for option in options):
        return options
    return (Option("", "", CHOOSE_ONE, "", is_chosen=True), *options)


def rows_for(length: int) -> int:
    """Give the height of a text area that takes *length* characters, in lines."""
    return 8 if length > LONG_TEXT else 5


def date_in_parts(look: Look, typed: Sequence[str]) -> Look:
    """Show a date as three inputs that share one name, holding the day, month and year that were *typed*."""
    if len(typed) == 1:
        typed = typed[0].split()
    day, month, year = [*typed, "", "", ""][:3]
    parts = (
        Part(f"{look.id}-day", "Day", day, 2),
        Part(f"{look.id}-month", "Month", month, 2),
        Part(f"{look.id}-year", "Year", year, 4),
    )
    return replace(look, component="date", value="", parts=parts)


@drawn_for("StringField")
def text(_field: Any, look: Look) -> Look:
    """Draw one line of text, as wide as its longest answer."""
    return further(look, classes=width_class(look.max_length), type="text")


@drawn_for("EmailField")
def email(_field: Any, look: Look) -> Look:
    """Draw an e-mail address."""
    return further(look, type="email", autocomplete="email", spellcheck="false")


@drawn_for("URLField")
def url(_field: Any, look: Look) -> Look:
    """Draw a web address."""
    return further(look, type="url", inputmode="url", spellcheck="false")


@drawn_for("IntegerField")
def number(_field: Any, look: Look) -> Look:
    """Draw a whole number; not as `type=number`, which a mouse wheel changes."""
    return further(look, classes=width_class(look.max_length or 5), type="text", inputmode="numeric")


@drawn_for("PasswordField")
def password(_field: Any, look: Look) -> Look:
    """Draw a password, which is never shown again."""
    attributes = {"autocomplete": "current-password", **look.attributes}
    return replace(look, component="password", value="", attributes=attributes)


@drawn_for("SearchField")
def search(_field: Any, look: Look) -> Look:
    """Draw a search box with its button."""
    return replace(look, component="search")


@drawn_for("HiddenField")
def hidden(_field: Any, look: Look) -> Look:
    """Draw a value that only travels with the form."""
    return replace(look, component="hidden")


@drawn_for("TextAreaField")
def textarea(_field: Any, look: Look) -> Look:
    """Draw text of several lines; with a character count where there is a limit."""
    component = "character_count" if look.max_length else "textarea"
    rows = int(look.attributes.get("rows", rows_for(look.max_length)))
    attributes = {key: value for key, value in look.attributes.items() if key != "rows"}
    return replace(look, component=component, rows=rows, attributes=attributes)


@drawn_for("DateField")
def date(field: Any, look: Look) -> Look:
    """Draw a date; its `format=["%d %m %Y"]` joins the inputs. What was typed is shown, else what is stored."""
    typed = [str(part) for part in field.raw_data or ()]
    if not typed and field.data:
        typed = [str(field.data.day), str(field.data.month), str(field.data.year)]
    return date_in_parts(look, typed)


@drawn_for("RadioField")
def radios(field: Any, look: Look) -> Look:
    """Draw one answer of a few."""
    return replace(look, component="radios", options=_options(field, look.id))


@drawn_for("SelectMultipleField")
def checkboxes(field: Any, look: Look) -> Look:
    """Draw any answers of several."""
    return replace(look, component="checkboxes", options=_options(field, look.id))


@drawn_for("BooleanField")
def checkbox(field: Any, look: Look) -> Look:
    """Draw one checkbox, whose label is the field's."""
    option = Option(look.id, look.value or "y", look.label, "", bool(field.data))
    return replace(look, component="checkbox", options=(option,))


@drawn_for("SelectField")
def select(field: Any, look: Look) -> Look:
    """Draw one answer of many; nothing is chosen for a person who has not chosen."""
    return replace(look, component="select", options=with_blank(_options(field, "")))


def _options(field: Any, prefix: str) -> tuple[Option, ...]:
    """List the choices; with a *prefix*, each has an id, because it is an input of its own."""
    return tuple(
        Option(
            id=numbered(prefix, position) if prefix else "",
            value=str(choice.value),
            label=str(choice.label),
            hint=str(choice.render_kw.get("hint", "")),
            is_chosen=bool(choice.selected),
        )
        for position, choice in enumerate(field.iter_choices(), 1)
    )
