"""The filters of the list of reviews: read from an address, written into one, and turned into what is looked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import case, select

from scrt_workflow import catalogue, reference
from scrt_workflow.models import Organisation
from scrt_workflow.operations import finding
from scrt_workflow.operations.organisations import covered_codes
from scrt_workflow.text_rules import normalised, text_fault
from scrt_workflow.web.requests import actor, database, today
from scrt_workflow.workflows.dardr import in_new_words

LONGEST = 100
STATUSES = {"open": "Open", "closed": "Closed", "nothing": "Not counted"}
SHOWN = ("organisation", "status", "review_type", "stage", "identifier_type", "identifier", "words", "late", "due")
SOONEST_FIRST = "deadline"
"""What lists are sorted by the other way round: what is due next is looked for, not what is due last."""
DUE = {"late": "Past its deadline", "14": "Due within 14 days", "30": "Due within 30 days"}
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address of the list says, as text; empty where it says nothing."""

    organisation: str = ""
    status: str = ""
    review_type: str = ""
    stage: str = ""
    identifier_type: str = ""
    identifier: str = ""
    words: str = ""
    late: str = ""
    due: str = ""
    sort: str = ""
    oldest_first: str = ""
    after: str = ""

    @classmethod
    def read(cls, arguments: Mapping[str, str], choices: Mapping[str, Mapping[str, str]]) -> Filters:
        """Read the *arguments* of an address; what is none of the *choices*, or cannot be searched for, is left out."""
        found = cls(**{one.name: arguments.get(one.name, "") for one in fields(cls)})
        texts = {name: normalised(getattr(found, name)) for name in ("identifier", "words", "after")}
        kept = {name: "" if text_fault(text, max_length=LONGEST, one_line=True) else text for name, text in texts.items()}
        offered: dict[str, Collection[str]] = {**choices, "late": {"yes"}, "sort": finding.SORTS, "oldest_first": {"yes"}}
        dropped = {name: "" for name, values in offered.items() if getattr(found, name) not in values}
        return replace(found, **kept, **dropped)

    def href(self, **changes: str) -> str:
        """Give the address of the list with *changes*, from its first page unless they name another."""
        values = asdict(replace(self, **{"after": "", **changes}))
        return url_for("reviews.index", **{name: value for name, value in values.items() if value})

    def sorted_by(self, sort: str) -> str:
        """Give the address of the list sorted so, the newest, or what is due soonest, first; turned round if it is so already."""
        turned = "yes" if self.sort == sort and not self.oldest_first else ""
        return self.href(sort=sort, oldest_first=turned)

    def direction(self, sort: str) -> str:
        """Say in which direction the list is sorted by *sort*, if it is."""
        if (self.sort or "updated") != sort:
            return ""
        return "descending" if self._newest_first else "ascending"

    @property
    def _newest_first(self) -> bool:
        return bool(self.oldest_first) == (self.sort == SOONEST_FIRST)

    def _due_between(self) -> tuple[date | None, date | None]:
        """Give from which day on a deadline is due, and before which."""
        if not self.due.isdecimal():
            return None, today() if self.due else None
        return today(), today() + int(self.due) * DAY + DAY

    def wanted(self) -> finding.Wanted:
        """Give what is looked for, within what the reader may see."""
        due_from, due_before = self._due_between()
        return finding.Wanted(
            organisations=covered_codes(database(), self.organisation, today()) if self.organisation else None,
            status=self.status,
            review_type=self.review_type,
            stages=tuple(_stages().get(self.stage, ())) if self.stage else None,
            identifier_type=self.identifier_type,
            identifier=self.identifier,
            words=self.words,
            overdue_on=today() if self.late else None,
            due_from=due_from,
            due_before=due_before,
            sort=self.sort or "updated",
            newest_first=self._newest_first,
            after=self.after,
        )

    def applied(self, choices: Mapping[str, Mapping[str, str]]) -> Iterator[dict[str, str]]:
        """Give each filter in force in words, with the address of the list without it."""
        for name in SHOWN:
            if value := getattr(self, name):
                words = "Update overdue" if name == "late" else choices.get(name, {}).get(value, value)
                yield {"text": words, "href": self.href(**{name: ""})}


def choices() -> dict[str, dict[str, str]]:
    """Give what each filter offers this reader, as value to label."""
    return {
        "organisation": organisation_names(),
        "status": STATUSES,
        "review_type": {**_types(), finding.NOT_STATED: reference.NOT_STATED},
        "stage": {title: title for title in sorted(_stages())},
        "due": DUE,
        "identifier_type": catalogue.terms(database(), "identifier_types", on=today(), ever=True),
    }


def _types() -> dict[str, str]:
    """Give the types of review that there are: the collection's own first, then those of other workflows."""
    is_new = catalogue.is_called_dardr(database())
    found = {row.code: in_new_words(row.label) if is_new else row.label for row in reference.review_types()}
    live = catalogue.live_definitions(database()).values()
    return found | {key: kind.title for _, one in live for key, kind in one.workflow.review_types.items() if key not in found}


def _stages() -> dict[str, list[tuple[str, str]]]:
    """Give the stages that a review can be in by what people call them: several workflows have one called In progress."""
    found: dict[str, list[tuple[str, str]]] = {}
    for key, (_, definition) in catalogue.live_definitions(database()).items():
        for state in definition.workflow.states.values():
            found.setdefault(state.title, []).append((key, state.key))
    return found


def organisation_names() -> dict[str, str]:
    """Give the organisations whose reviews the reader may see, as code to name: regions first, then ICBs."""
    kind: Any = case({"region": 0, "icb": 1}, value=Organisation.kind)
    query = select(Organisation.code, Organisation.name).where(Organisation.kind.in_(["region", "icb"]))
    if not actor().sees_everything:
        query = query.where(Organisation.code.in_(sorted(actor().visible_codes)))
    return {row.code: short_name(row.name) for row in database().execute(query.order_by(kind, Organisation.name))}


def short_name(name: str) -> str:
    """Give an ICB's name without what all of them share."""
    return name.removeprefix("NHS ").replace(" Integrated Care Board", " ICB")
