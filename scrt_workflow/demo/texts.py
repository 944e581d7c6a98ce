"""Invented wording for overviews, updates and reasons: no names, dates, places or ages of anybody."""

import random
from collections.abc import Sequence

from scrt_workflow.demo.allocation import CSPR, DHR, OLDER, RAPID, SAR
from scrt_workflow.demo.learning_texts import LESSONS
from scrt_workflow.demo.theme_texts import THEME_SENTENCES

OPENINGS: dict[str, tuple[str, ...]] = {
    SAR: (
        "An adult with care and support needs died, and agencies may have worked together better.",
        "An adult known to several services suffered serious harm at home.",
        "An adult was found in a life-threatening condition after contact with services was lost.",
        "Concerns were raised about the care of an adult who died shortly after leaving hospital.",
    ),
    CSPR: (
        "A child suffered serious harm while known to universal and targeted services.",
        "A young person died in circumstances where abuse or neglect is suspected.",
        "A child was admitted to hospital with serious harm that raised safeguarding concerns.",
        "A young person known to children's social care was seriously harmed in the community.",
    ),
    DHR: (
        "A death in the home led to a notification by the police to the community safety partnership.",
        "An adult died, and a partner or former partner is believed to be responsible.",
        "A member of the family is believed to be responsible for the death of an adult.",
        "An adult died in circumstances that suggest abuse by a relative or partner.",
    ),
    RAPID: (
        "The local authority notified a serious incident that involved a child.",
        "A serious incident was notified after a child came to harm.",
        "A young person was seriously harmed, and the partners met to gather the facts.",
        "A child died, and the safeguarding partners were asked what could be learnt at once.",
    ),
    OLDER: (
        "A record brought over from an earlier register. The type of review was not stated.",
        "An older case that was entered from a local spreadsheet with gaps.",
    ),
}
CLOSINGS: tuple[str, ...] = (
    "Health, social care and police were involved in the year before.",
    "Primary care and the acute trust hold most of the health history.",
    "The panel will look at how agencies shared what they knew.",
    "Community health services had seen the family in recent months.",
    "The partnership wants to understand how risk was assessed.",
    "Several agencies had closed their involvement before the event.",
    "The voice of the person was hard to find in the records.",
)
_ADULT_OPENING = "A serious incident that involved an adult was referred, and the partners met to gather the facts."
# Each list runs from what is said early to what is said late.
UPDATES: dict[str, tuple[str, ...]] = {
    "commissioned": (
        "Independent reviewer approached. Terms of reference are in draft.",
        "Scoping meeting held with health providers. Letters asking for records to be secured have gone out.",
        "The chair has been appointed and the first panel meeting is being arranged.",
    ),
    "in_progress": (
        "Health summary written by the designated team and sent to the reviewer.",
        "Agency chronologies received from health providers. The combined chronology is being checked.",
        "The panel meeting was put back because of annual leave. A new date is agreed.",
        "Panel met and asked two providers for more detail about discharge planning.",
        "The mental health trust has shared its own internal review with the panel.",
        "The reviewer has offered the family a meeting and awaits their answer.",
        "Individual management reviews are complete, except for one that is overdue from a provider.",
        "Practitioner learning event held and well attended. The themes are being written up.",
        "Parallel criminal enquiries continue. The panel agreed what can go ahead in the meantime.",
        "First draft of the report shared with panel members for comment.",
        "Second draft discussed. Recommendations were made more specific, with owners and dates.",
        "The reviewer is preparing the final draft for the board.",
    ),
    "signed_off": (
        "Report signed off. The action plan is with the health providers.",
        "Publication is being planned with the partnership. The easy-read summary is in preparation.",
        "Learning briefing drafted for practitioners. Publication date to be agreed.",
    ),
    "assurance": (
        "Health recommendations sent with the evidence of what has been done.",
        "Evidence on two health recommendations was asked for again and has been supplied.",
        "Home Office quality assurance letter received. The health actions are on track.",
    ),
    RAPID: (
        "Agency information received. The rapid review meeting is booked.",
        "Rapid review meeting held. The report is being drafted for the national panel.",
        "One agency's return is late and has been chased.",
        "Immediate learning has been shared with health providers.",
    ),
    OLDER: (
        "The partnership has been asked which type of review this was.",
        "Search of the earlier register continues. Nothing further found yet.",
    ),
}
NO_FURTHER_REVIEW: tuple[str, ...] = (
    "The criteria for a further review were not met. The learning is already being acted on.",
    "The rapid review found the learning, and the national panel agreed that no further review was needed.",
    "A recent review in the area covered the same themes. The actions were added to that plan.",
    "The partners agreed that a thematic audit would achieve more than a further review.",
)
NOT_ASSURED: tuple[str, ...] = (
    "The evidence for the training recommendation does not show how many staff have completed it.",
    "The recommendation on information sharing has no owner and no date. Please revise it.",
)


def overview(workflow: str, themes: Sequence[str], rng: random.Random, *, of_an_adult: bool = False) -> str:
    """Write a brief overview: what happened, what each theme looked like, who was involved."""
    opening = _ADULT_OPENING if of_an_adult else rng.choice(OPENINGS[workflow])
    return " ".join([opening, *(rng.choice(THEME_SENTENCES[theme]) for theme in themes), rng.choice(CLOSINGS)])


def next_update(kind: str, said: Sequence[str], rng: random.Random) -> str:
    """Choose the next update of a review: one of the first few of its *kind* that have not been *said* of it yet."""
    unsaid = [text for text in UPDATES[kind] if text not in said] or UPDATES[kind]
    return rng.choice(unsaid[:4])


def lessons(terms: Sequence[str], rng: random.Random) -> str:
    """Write the lessons and recommendations that go with some terms of organisational learning."""
    return " ".join(rng.choice(LESSONS[term]) for term in terms)
