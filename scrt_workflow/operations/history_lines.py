"""The lines of a documented history: their shape, and what is wrong with it, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from scrt_workflow.models.columns import UnstorableError, refuse_unstorable_json
from scrt_workflow.working_days import LONDON
from scrt_workflow.yaml_reader import did_you_mean

FIELDS = ("at", "person", "role", "organisation", "review", "workflow", "step", "answers")
OPTIONAL = ("opens", "note")
HISTORY = uuid5(NAMESPACE_URL, "scrt-workflow:history")
LONGEST_LINE = 200_000


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with one line of a history."""

    line: int
    sentence: str

    def __str__(self) -> str:
        """Show it with its line number."""
        return f"line {self.line}: {self.sentence}"


class HistoryError(Exception):
    """The history holds mistakes; nothing of it was kept."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        """Keep the *mistakes*, and show one a line."""
        self.mistakes = sorted(mistakes, key=lambda mistake: mistake.line)
        super().__init__("\n".join(map(str, self.mistakes)))


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a history, well shaped."""

    number: int
    at: datetime
    person: str
    role: str
    organisation: str
    review: str
    workflow: str
    step: str
    answers: Mapping[str, Any]
    opens: str
    key: UUID


class LineRefusedError(Exception):
    """The line cannot be played; the message says why."""


def read_lines(text: Iterable[str]) -> tuple[list[Line], list[Mistake]]:
    """Read the lines of a history in the order of their time; give also what is wrong with their shape."""
    lines: list[Line] = []
    mistakes: list[Mistake] = []
    seen: dict[str, int] = {}
    for number, raw in enumerate(text, 1):
        if not raw.strip():
            continue
        try:
            lines.append(_line(raw, number, seen))
        except LineRefusedError as refused:
            mistakes.append(Mistake(number, str(refused)))
    return sorted(lines, key=lambda line: line.at), mistakes


def _line(raw: str, number: int, seen: dict[str, int]) -> Line:
    found = _object(raw)
    if wrong := next(_wrong_with(found), None):
        raise LineRefusedError(wrong)
    same = json.dumps(found, sort_keys=True)
    seen[same] = seen.get(same, 0) + 1
    texts = {name: str(found[name]) for name in FIELDS if name not in {"at", "answers"}}
    key = uuid5(HISTORY, f"{same}#{seen[same]}")
    answers = found.get("answers") or {}
    return Line(number, _moment(found["at"]), answers=answers, opens=str(found.get("opens", "")), key=key, **texts)


def _object(raw: str) -> dict[str, Any]:
    if len(raw) > LONGEST_LINE:
        raise LineRefusedError(f"The line is longer than {LONGEST_LINE} characters.")
    try:
        found = json.loads(raw)
        refuse_unstorable_json(found)
    except UnstorableError as refused:
        raise LineRefusedError(f"{refused} Is the file written in UTF-8?") from None
    except (ValueError, RecursionError):  # ValueError also for a number of thousands of digits
        raise LineRefusedError("This is not a line of JSON.") from None
    if not isinstance(found, dict):
        raise LineRefusedError("A line must be a JSON object, with the fields " + ", ".join(FIELDS) + ".")
    return found


def _wrong_with(found: Mapping[str, Any]) -> Iterator[str]:
    """Say what is wrong with the fields of a line."""
    for name in found:
        if name not in FIELDS + OPTIONAL:
            yield f"No field is called '{name}'{did_you_mean(name, FIELDS + OPTIONAL)}."
    texts = [name for name in FIELDS if name != "answers"]
    if missing := [name for name in texts if name not in found]:
        yield f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing."
    yield from (f"{name} must be text." for name in texts if not isinstance(found.get(name), str))
    if not isinstance(found.get("answers") or {}, dict):
        yield "answers must be an object of question to answer."


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise LineRefusedError(f"at: '{text}' is not a date and time, such as 2024-05-03T10:15:00.") from None
    return at if at.tzinfo else at.replace(tzinfo=LONDON)
