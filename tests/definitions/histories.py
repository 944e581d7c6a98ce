"""Short histories of one review, played through the service's own operations."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from scrt_workflow.folder import Folder
from scrt_workflow.models import Review
from scrt_workflow.operations import definitions, organisations
from scrt_workflow.operations.play import play

BEGINNING = datetime(2024, 1, 8, 10, tzinfo=UTC)
SITS_IN = {"regional_lead": "Y56", "regional_chief": "Y56", "national_lead": "ENG"}
ABOUT: dict[str, Any] = {
    "incident_date": "2023-11-20",
    "brief_overview": "A person was harmed while several services were in touch with them.",
    "themes": ["Neglect", "Mental Health"],
    "identifier_type_1": "steis",
    "identifier_ref_1": "2023/12345",
    "designated_professional": "AB",
    "media_interest": "none",
    "specialised_commissioning": "no",
}
LEARNING: dict[str, Any] = {
    "organisational_learning": ["Professional Curiosity"],
    "lessons": "Every service is to name one lead by May.",
}
ADULTS, CHILDREN, SAFETY = "SAB-E09000007", "LSCP-E09000007", "CSP-E22000191"


def ready(session: Session, folder: Folder) -> None:
    """Give the service its organisations, its vocabularies and the definitions in *folder*."""
    organisations.load_reference(session)
    definitions.load(session, folder, at=BEGINNING)


@dataclass
class History:
    """The steps of one review, each a day after the one before it; `day` is the date of the next one, as text."""

    session: Session
    workflow: str
    at: datetime = BEGINNING
    lines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def day(self) -> str:
        """Give the date of the next step."""
        return self.at.date().isoformat()

    def then(self, step: str, by: str = "designate", *, workflow: str = "", **answers: Any) -> "History":
        """Add a step taken by somebody in a role; a second person of one role is written `designate:2`."""
        role, _, number = by.partition(":")
        line = {
            "at": self.at.isoformat(),
            "person": f"{role.replace('_', '.')}{number}@example.nhs.uk",
            "role": role,
            "organisation": SITS_IN.get(role, "QMJ"),
            "review": "R1",
            "workflow": workflow or self.workflow,
            "step": step,
            "answers": answers,
        }
        self.lines.append(line)
        self.at += timedelta(days=1)
        return self

    def played(self) -> list[Review]:
        """Play all steps, and give the reviews that came of them, the first one first; raises HistoryError."""
        came = play(self.session, [json.dumps(line) for line in self.lines], add_people=True)
        self.session.flush()
        found = [self.session.get_one(Review, key) for key in came.reviews]
        return sorted(found, key=lambda review: review.created_at)

    def review(self) -> Review:
        """Play all steps, and give the one review that came of them."""
        (only,) = self.played()
        return only
