"""The list of reviews among a thousand and among a hundred thousand, to people who see more and more of them."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from benchmarks.databases import Databases
from benchmarks.many_reviews import RARE, add_many
from benchmarks.timing import Timed, side_by_side
from benchmarks.tracker import AT, HERE, Tracker
from scrt_workflow import reference
from scrt_workflow.permissions import Role

READERS = {
    "one ICB": (Role.DESIGNATE, HERE),
    "a region": (Role.REGIONAL_LEAD, "Y56"),
    "England": (Role.NATIONAL_LEAD, reference.ENGLAND),
}
MOST_TURNS = 15
WARM_UP = 2


def list_of_1000(on: Databases, turns: int) -> list[Timed]:
    """Get the list of 1,000 reviews."""
    return _lists(on, 1_000, turns)


def list_of_100000(on: Databases, turns: int) -> list[Timed]:
    """Get the list of 100,000 reviews."""
    return _lists(on, 100_000, turns)


def _lists(on: Databases, number: int, turns: int) -> list[Timed]:
    tracker = Tracker(on.folder(), on.empty())
    add_many(tracker, number)
    browsers = {
        reach: tracker.sign_in(role, place) if place != HERE else tracker.designate for reach, (role, place) in READERS.items()
    }
    ways = {
        f"{reach}: {name}": partial(browser.get, f"/reviews?{urlencode(asked)}")
        for reach, browser in browsers.items()
        for name, asked in _asked(tracker).items()
    }
    timed = side_by_side(ways, turns=min(turns, MOST_TURNS), warm_up=WARM_UP)
    tracker.close()
    return timed


def _asked(tracker: Tracker) -> dict[str, dict[str, str]]:
    """Give, by what they are called, the arguments of the list's address."""
    workflow = tracker.definition.workflow
    far = AT.date().replace(year=AT.year - 6)
    return {
        "first page": {},
        "page far down": {"after": f"{far}~{'f' * 32}"},
        "sorted by stage since": {"sort": "since"},
        "open, of one type, at one stage": {
            "status": "open",
            "review_type": next(iter(workflow.review_types)),
            "stage": workflow.states["in_progress"].title,
        },
        "update overdue": {"late": "yes"},
        "a word that most say": {"words": "hoarding"},
        "a word that one in 1,000 says": {"words": RARE},
        "an identifier's beginning": {"identifier": "2019/00"},
    }
