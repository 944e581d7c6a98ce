"""Why a step is not open to someone."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """Why a step is not open to someone. The value is shown to them."""

    HAS_MOVED_ON = "The new review has moved on since it was opened, so the conversion can no longer be undone."
    OWN_WORK = "Someone other than the people who wrote or approved these answers must do this step."
    WITHDRAWN = "This review was withdrawn as entered in error. Nothing more can be done to it."
    WRONG_PLACE = "This step belongs to another organisation."
    WRONG_ROLE = "Your role does not allow this step."
    WRONG_STATE = "This review has moved on. Check its current status."
