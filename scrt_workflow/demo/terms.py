"""Deal themes and organisational learning over the reviews so that every published count and ranking holds (seed 001).

A row gives how many reviews of each family take the term, converted reviews in the family that they became. Every
theme's row sums to its published count. In each column the listed places come out strictly in order, the printed ties
are equal, and every other term stays below the last place that was listed. The DHR column holds Domestic Abuse and
Domestic Violence equal, so the two lead it both as the tie that was printed and as one group.
"""

import random
from collections.abc import Mapping, Sequence

from scrt_workflow.demo.allocation import CSPR, DHR, OLDER, RAPID, SAR, DemoReview
from scrt_workflow.demo.stages import WITH_LEARNING

FAMILIES = (CSPR, SAR, DHR, RAPID, OLDER)
THEMES: dict[str, tuple[int, int, int, int, int]] = {
    # theme                     CSPR SAR DHR RR not stated
    "Aces": (16, 0, 1, 13, 0),
    "County Lines": (2, 0, 0, 2, 0),
    "Criminal Exploitation": (10, 2, 0, 20, 0),
    "CSA": (3, 0, 0, 4, 0),
    "CSE": (3, 0, 0, 4, 0),
    "Death by NAI": (4, 0, 0, 4, 0),
    "Domestic Abuse": (9, 14, 31, 13, 2),
    "Domestic Violence": (1, 1, 31, 1, 0),
    "Financial Abuse": (0, 2, 1, 0, 0),
    "Forced Marriage": (0, 0, 1, 0, 0),
    "Hunger": (0, 0, 0, 1, 0),
    "Homelessness": (1, 9, 0, 1, 1),
    "Lack of Capacity": (0, 18, 1, 0, 0),
    "LAC": (13, 0, 0, 5, 0),
    "Lack of Engagement": (6, 14, 3, 17, 0),
    "Mental Health": (21, 30, 26, 23, 1),
    "Modern Slavery": (0, 2, 0, 0, 0),
    "NAI": (3, 0, 0, 6, 0),
    "Neglect": (18, 27, 0, 29, 1),
    "Non Engagement": (2, 9, 4, 4, 0),
    "Organised Crime Groups": (2, 0, 0, 3, 0),
    "Physical Abuse": (8, 6, 0, 11, 0),
    "Pressure Ulcer": (0, 3, 0, 0, 0),
    "Self Neglect": (0, 21, 1, 0, 1),
    "SEND": (7, 2, 0, 8, 0),
    "Sexual Abuse": (5, 3, 0, 6, 0),
    "Sexual Exploitation Adults": (0, 3, 1, 0, 0),
    "Substance Misuse": (4, 21, 18, 4, 0),
    "Suicide": (3, 5, 14, 3, 0),
    "Trafficked": (0, 1, 0, 1, 0),
    "UASC": (1, 0, 0, 2, 0),
}
LEARNING: dict[str, tuple[int, int, int, int, int]] = {
    "Case Monitoring": (3, 7, 2, 4, 0),
    "Communication": (9, 18, 9, 17, 0),
    "Data Collection": (0, 1, 1, 1, 0),
    "Early Intervention": (4, 2, 0, 9, 0),
    "Equality and Diversity": (16, 6, 3, 7, 0),
    "Escalation": (3, 25, 1, 4, 0),
    "Information and Guidance": (2, 5, 4, 3, 0),
    "Lack of engagement with agencies": (4, 9, 3, 20, 0),
    "Language/Cultural barriers": (3, 3, 4, 2, 0),
    "MAPPA": (0, 1, 2, 0, 0),
    "Organisational Learning": (2, 25, 2, 3, 0),
    "Partnership": (3, 6, 3, 4, 0),
    "Pathway Development": (13, 20, 2, 6, 0),
    "Policy and Procedure": (3, 9, 2, 4, 0),
    "Professional Challenge": (5, 8, 1, 7, 0),
    "Professional Curiosity": (11, 34, 14, 24, 0),
    "Research Review & Escalation": (0, 2, 1, 0, 0),
    "Raising Public Awareness - DAV": (0, 0, 11, 1, 0),
    "Service Development": (2, 5, 1, 2, 0),
    "Sharing Information": (16, 17, 8, 28, 0),
    "Supervision": (4, 5, 0, 6, 0),
    "Training & Practice Development": (3, 8, 17, 8, 0),
}
MOST = 3  # terms a review, seed 002
# The themes of the rapid reviews that converted: the new review carries them, so each pair counts once in each family.
CONVERTED_THEMES: dict[str, tuple[tuple[str, ...], ...]] = {
    CSPR: (
        ("Neglect", "Mental Health"),
        ("Criminal Exploitation", "Aces"),
        ("Neglect", "Physical Abuse", "Domestic Abuse"),
        ("Mental Health", "Suicide", "LAC"),
        ("Death by NAI", "Lack of Engagement"),
        ("Neglect", "SEND"),
        ("Aces", "Mental Health", "LAC"),
        ("Sexual Abuse",),
    ),
    SAR: (
        ("Neglect", "Mental Health"),
        ("Mental Health", "Substance Misuse"),
        ("Neglect", "Lack of Engagement"),
        ("Mental Health", "Domestic Abuse"),
        ("Non Engagement", "Homelessness"),
    ),
}


def _sizes(places: int, labels: Sequence[str], rng: random.Random, *, least: int) -> dict[str, int]:
    """Say how many terms each review takes: *least* to MOST, *places* in all."""
    sizes = dict.fromkeys(labels, least)
    for _ in range(places - least * len(labels)):
        sizes[rng.choice([label for label in labels if sizes[label] < MOST])] += 1
    return sizes


def deal(counts: Mapping[str, int], labels: Sequence[str], rng: random.Random, *, least: int) -> dict[str, list[str]]:
    """Give each term to exactly its count of reviews: *least* to three a review, none twice.

    The most frequent term goes first, each time to the reviews with the most places left (Gale and Ryser's way, which
    finds a deal whenever there is one). Raises ValueError when there is none.
    """
    left = _sizes(sum(counts.values()), labels, rng, least=least)
    dealt: dict[str, list[str]] = {label: [] for label in labels}
    for term in sorted(counts, key=lambda term: (-counts[term], term)):
        takers = sorted(labels, key=lambda label: (-left[label], rng.random()))[: counts[term]]
        if any(left[label] == 0 for label in takers):
            raise ValueError(f"{term}: fewer than {counts[term]} reviews have a place left")
        for label in takers:
            left[label] -= 1
            dealt[label].append(term)
    for terms in dealt.values():
        rng.shuffle(terms)
    return dealt


def themes(reviews: Sequence[DemoReview], seed: int) -> dict[str, list[str]]:
    """Give each review its themes, in rank order; a converted one those of the rapid review that it came from."""
    rng = random.Random(seed)
    given: dict[str, list[str]] = {}
    for family, pairs in CONVERTED_THEMES.items():
        children = [review for review in reviews if review.parent and review.workflow == family]
        for review, terms in zip(children, pairs, strict=True):
            given |= {review.label: list(terms), review.parent or "": list(terms)}
    for column, family in enumerate(FAMILIES):
        members = [review.label for review in reviews if review.workflow == family]
        taken = [term for label in members for term in given.get(label, ())]
        counts = {term: row[column] - taken.count(term) for term, row in THEMES.items()}
        given |= deal(counts, [label for label in members if label not in given], rng, least=0 if family == OLDER else 1)
    return given


def learning(reviews: Sequence[DemoReview], reached: Mapping[str, str], seed: int) -> dict[str, list[str]]:
    """Give organisational learning to each review that is completed, signed off or closed (older records have none)."""
    rng = random.Random(seed + 1)
    given: dict[str, list[str]] = {}
    for column, family in enumerate(FAMILIES[:-1]):
        members = [review.label for review in reviews if review.workflow == family and reached[review.label] in WITH_LEARNING]
        given |= deal({term: row[column] for term, row in LEARNING.items()}, members, rng, least=1)
    return given
