"""The closed lists that reviews are described with. Labels are the collection's own, exact."""

from dataclasses import dataclass
from functools import cache

from scrt_workflow.reference.tables import read_table

NOT_STATED = "Not Stated"  # what reports call a blank type of review; never a choice that a person makes

POSTS = "posts"  # the vocabulary of who is told things without being a user
LONG_VOCABULARIES = ("organisational_learning", "themes")


class UnknownTermError(LookupError):
    """A vocabulary, or a term of one, does not exist. The message says which."""


@dataclass(frozen=True, slots=True)
class TermRow:
    """One choice: `group` gathers near-duplicates in reports, `expansion` spells out an abbreviation."""

    code: str
    label: str
    group: str = ""
    note: str = ""
    expansion: str = ""


@dataclass(frozen=True, slots=True)
class ReviewTypeRow:
    """A type of review: its family in reports, whether a rapid review became it, and who commissions it."""

    code: str
    label: str
    family: str
    converted: bool
    partnership: str
    note: str


def vocabulary(name: str) -> tuple[TermRow, ...]:
    """Return the terms of *name* in the order to show them. Raises UnknownTermError."""
    try:
        return vocabularies()[name]
    except KeyError:
        raise UnknownTermError(f"There is no vocabulary called '{name}'.") from None


@cache
def vocabularies() -> dict[str, tuple[TermRow, ...]]:
    """Return every vocabulary by its name."""
    short = read_table("short_vocabularies")
    return {
        **{name: tuple(_term(row) for row in read_table(name)) for name in LONG_VOCABULARIES},
        **{
            name: tuple(_term(row) for row in short if row["vocabulary"] == name)
            for name in dict.fromkeys(row["vocabulary"] for row in short)
        },
        "review_types": tuple(TermRow(row.code, row.label, row.family, row.note) for row in review_types()),
    }


def _term(row: dict[str, str]) -> TermRow:
    return TermRow(row["code"], row["label"], row.get("group", ""), row["note"], row.get("expansion", ""))


@cache
def review_types() -> tuple[ReviewTypeRow, ...]:
    """Return the nine types of review. A blank type is none of them: reports call it `NOT_STATED`."""
    return tuple(
        ReviewTypeRow(row["code"], row["label"], row["family"], row["converted"] == "yes", row["partnership"], row["note"])
        for row in read_table("review_types")
    )


def find_term(name: str, text: str) -> TermRow:
    """Return the term of vocabulary *name* whose code, label or printed alias is *text*. Raises UnknownTermError."""
    try:
        return _terms_by_text(name)[text]
    except KeyError:
        raise UnknownTermError(f"'{text}' is not one of the {name.replace('_', ' ')}.") from None


@cache
def _terms_by_text(name: str) -> dict[str, TermRow]:
    by_code = {term.code: term for term in vocabulary(name)}
    by_label = {term.label: term for term in by_code.values()}
    return {printed: by_code[code] for printed, code in aliases(name).items()} | by_label | by_code


@cache
def aliases(name: str) -> dict[str, str]:
    """Return the codes of *name* by the other labels that London's published rankings of October 2024 give them."""
    return {row["printed"]: row["code"] for row in read_table("label_aliases") if row["vocabulary"] == name}
