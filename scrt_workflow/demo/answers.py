"""What is answered at each step of an invented review: step key -> the answers, by question key.

The one place to change when a form changes. A function takes the case and the day of the fact that its step records.
"""

from collections.abc import Callable
from datetime import date, timedelta

from scrt_workflow.demo import texts
from scrt_workflow.demo.allocation import DHR, RAPID, SAR
from scrt_workflow.demo.cases import Case
from scrt_workflow.demo.days import shifted
from scrt_workflow.demo.people import initials
from scrt_workflow.demo.places import SHORT_TYPE, partnership

Answers = dict[str, object]

EMBARGO_REASONS = ("criminal", "inquest", "family_court", "welfare", "identification", "family_wishes", "parallel")
LOOK_AGAIN = date(2024, 10, 1)  # few embargoes are due for another look when the demo begins, a month later
NEXT_REVIEW = {"sar_adult_converted": "sar_adult", "cspr_child_converted": "cspr_child"}


WITH_STEIS = 0.55  # share of reviews


def _identifiers(case: Case, year: int) -> Answers:
    kind = SHORT_TYPE[case.review.workflow]
    local = f"{case.review.icb}-{kind}-{year}-{case.number:03}"
    if case.rng.random() < WITH_STEIS:
        steis = f"{year}/{case.rng.randint(1000, 25999)}"
        return {
            "identifier_type_1": "steis",
            "identifier_ref_1": steis,
            "identifier_type_2": "local",
            "identifier_ref_2": local,
        }
    return {"identifier_type_1": "local", "identifier_ref_1": local}


def _about(case: Case, told_on: date) -> Answers:
    """Tell what is known when a review first comes to the designate: the record's own fields."""
    review, rng = case.review, case.rng
    of_an_adult = case.child_type == "sar_adult_converted"
    role = (
        "Designated Professional Safeguarding Adults"
        if review.workflow in (SAR, DHR)
        else "Designated Nurse Safeguarding Children"
    )
    return {
        "designated_professional": initials(case.designate),
        "designated_professional_role": role,
        "partnership": partnership(case.borough, review.workflow),
        **_identifiers(case, told_on.year),
        "incident_date": (told_on - timedelta(days=rng.randint(5, 25 if review.workflow == RAPID else 160))).isoformat(),
        "brief_overview": texts.overview(review.workflow, case.themes, rng, of_an_adult=of_an_adult),
        "themes": case.themes,
        "media_interest": case.media_interest,
        "specialised_commissioning": case.specialised,
    }


def _about_older(case: Case, told_on: date) -> Answers:
    about = _about(case, told_on)
    return (
        {**about, "themes_known": "yes"}
        if case.themes
        else {"themes_known": "no", **{q: answer for q, answer in about.items() if q != "themes"}}
    )


def refer(case: Case, fact: date) -> Answers:
    """Refer to the partnership, on the day of the fact."""
    stated = {"review_type": case.review.review_type} if case.review.workflow == DHR else {}
    return {**stated, "referred_on": fact.isoformat(), **_about(case, fact)}


def notify(case: Case, fact: date) -> Answers:
    """Notify of a rapid review: it counts as open from that day."""
    return {"notified_on": fact.isoformat(), **_about(case, fact)}


def commission(case: Case, fact: date) -> Answers:
    """Record the commissioning, a few days after the decision: the review counts as open from the fact."""
    board = {"partnership": partnership(case.borough, case.review.workflow)} if case.review.parent else {}
    decided = shifted(fact, -case.rng.randint(0, 2))
    return {**board, "decided_on": decided.isoformat(), "commissioned_on": fact.isoformat()}


def start(_case: Case, fact: date) -> Answers:
    """Start the work."""
    return {"started_on": fact.isoformat()}


def flag_media_interest(case: Case, _fact: date) -> Answers:
    """Flag a media interest that was raised during the review."""
    return {"media_interest": case.flagged, "specialised_commissioning": case.specialised}


def acknowledged(day: date) -> Answers:
    """Acknowledge media interest of which everyone was told on *day*."""
    told = ["director_of_nursing", "medical_director", "communications_team"]
    return {"media_interest_told": told, "media_interest_told_on": day.isoformat()}


def brief_communications(_case: Case, fact: date) -> Answers:
    """Give the briefing that must come before publication when media interest was medium or above."""
    return {"pre_publication_briefed_on": fact.isoformat()}


def record_learning(case: Case, _fact: date) -> Answers:
    """Record lessons and organisational learning, due before sign-off."""
    return {"lessons": texts.lessons(case.learning, case.rng), "organisational_learning": case.learning}


def sign_off(_case: Case, fact: date) -> Answers:
    """Record the chair's or panel's signature."""
    return {"report_signed_off_date": fact.isoformat()}


def ask_for_assurance(_case: Case, _fact: date) -> Answers:
    """Ask the chief nurse; the form asks nothing."""
    return {}


def give_icb_assurance(case: Case, _fact: date) -> Answers:
    """Answer as the chief nurse: no, with the reason, for a review that was sent back."""
    if case.stage == "sent_back":
        return {"icb_chief_nurse_assured": "no", "icb_not_assured_reason": texts.NOT_ASSURED[case.number % 2]}
    return {"icb_chief_nurse_assured": "not_yet" if case.stage == "icb_assurance" else "yes"}


def give_regional_acceptance(_case: Case, _fact: date) -> Answers:
    """Answer as the regional chief."""
    return {"regional_chief_content": "yes"}


def decide_publication(case: Case, fact: date) -> Answers:
    """Publish with a link, or embargo with a reason and a day to look again: closed from the fact."""
    if case.embargoed:
        return {
            "publication_status": "embargoed",
            "embargoed_on": fact.isoformat(),
            "embargo_reason": case.rng.choice(EMBARGO_REASONS),
            "look_again_on": max(fact + timedelta(days=120), LOOK_AGAIN + timedelta(days=case.rng.randint(0, 400))).isoformat(),
        }
    link = f"https://example.org/reviews/{SHORT_TYPE[case.review.workflow].lower()}-{case.number:03}"
    return {"publication_status": "public", "publication_date": fact.isoformat(), "report_link": link}


def complete(case: Case, fact: date) -> Answers:
    """Send the rapid review's report to the national panel, with its learning."""
    return {"sent_to_panel_on": fact.isoformat(), **record_learning(case, fact)}


def decide_next(case: Case, fact: date) -> Answers:
    """Decide on a further review or, with the reason, on none: closed from the fact."""
    if case.child_type is not None:
        return {"next_review": NEXT_REVIEW[case.child_type], "next_review_decided_on": fact.isoformat()}
    return {
        "next_review": "none",
        "next_review_decided_on": fact.isoformat(),
        "no_further_review_reason": case.rng.choice(texts.NO_FURTHER_REVIEW),
    }


def record_open(case: Case, fact: date) -> Answers:
    """Enter an older review that is still open, its type not stated."""
    return {"commissioned_on": fact.isoformat(), **_about_older(case, fact)}


def record_closed(case: Case, fact: date) -> Answers:
    """Enter an older review that was already closed when it was entered, its type not stated."""
    return {
        "commissioned_on": case.review.opened.isoformat(),
        "closed_on": fact.isoformat(),
        **_about_older(case, case.review.opened),
    }


ANSWERS: dict[str, Callable[[Case, date], Answers]] = {
    function.__name__: function
    for function in (
        refer,
        notify,
        commission,
        start,
        flag_media_interest,
        brief_communications,
        record_learning,
        sign_off,
        ask_for_assurance,
        give_icb_assurance,
        give_regional_acceptance,
        decide_publication,
        complete,
        decide_next,
        record_open,
        record_closed,
    )
}
