"""Where the journeys begin: what a person answers about a case, and reviews that have got so far already."""

from typing import Any
from uuid import UUID

from tests.journeys.windows import Journey
from tests.web.guided import with_history

OVERVIEW = "A person came to harm while several services were in touch with them."
CASE: dict[str, Any] = {
    "incident_date": "20 11 2023",
    "brief_overview": OVERVIEW,
    "themes": ["Neglect", "Mental Health"],
    "identifier_type_1": "StEIS number",
    "identifier_ref_1": "2024/12345",
    "designated_professional": "AO",
    "designated_professional_role": "Delegated person",
    "media_interest": "None expected",
    "specialised_commissioning": "No",
}
"""What every first form asks about a case, in the words of its page."""
BOARD = "Camden Safeguarding Adults Board"
CHILDREN = "Camden Safeguarding Children Partnership"
SAFETY = "Camden Community Safety Partnership"
LEARNING: dict[str, Any] = {
    "organisational_learning": ["Communication", "Early Intervention"],
    "lessons": "Every service is to name one lead by May.",
}

PLAYED: dict[str, Any] = {
    "incident_date": "2023-11-20",
    "brief_overview": OVERVIEW,
    "themes": ["Neglect", "Mental Health"],
    "identifier_type_1": "steis",
    "identifier_ref_1": "2024/12345",
    "designated_professional": "AO",
    "media_interest": "none",
    "specialised_commissioning": "no",
}
_SAR: list[tuple[str, dict[str, Any]]] = [
    ("refer", {"partnership": "SAB-E09000007", "referred_on": "2024-01-09"}),
    ("commission", {"decided_on": "2024-01-10", "commissioned_on": "2024-01-10"}),
    ("start", {"started_on": "2024-01-10"}),
    ("record_learning", {"organisational_learning": ["L02"], "lessons": LEARNING["lessons"]}),
    ("sign_off", {"report_signed_off_date": "2024-01-10"}),
    (
        "decide_publication",
        {"publication_status": "public", "publication_date": "2024-01-10", "report_link": "https://board.example/report"},
    ),
]


def given_a_sar(journey: Journey, *, up_to: str, organisation: str = "QMJ", reference: str = "2024/12345") -> UUID:
    """Have a review that somebody else has taken *up_to* a step."""
    steps = [key for key, _ in _SAR]
    lines = [
        {
            "person": f"before.{organisation.lower()}@example.nhs.uk",
            "role": "designate",
            "organisation": organisation,
            "review": f"{organisation} {reference}",
            "workflow": "safeguarding_adult_review",
            "step": step,
            "answers": {**(PLAYED | {"identifier_ref_1": reference} if step == "refer" else {}), **answers},
        }
        for step, answers in _SAR[: steps.index(up_to) + 1]
    ]
    (review_id,) = with_history(journey.live.running, *lines)
    return review_id
