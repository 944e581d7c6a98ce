"""The definitions as they were before 22 July 2024, when nobody asked the two questions about assurance of a DHR."""

from collections.abc import Callable
from typing import Any

from scrt_workflow.folder import Folder, read_sources
from scrt_workflow.operations.definitions import known_types
from scrt_workflow.yaml_reader import Items, Map, Text
from tests.editing.folders import SHIPPED

FLOW = "domestic_homicide_review"
STATES = {"icb_assurance", "regional_assurance", "assured"}
STEPS = {"ask_for_assurance", "give_icb_assurance", "give_regional_acceptance"}
NOTICES = {"assurance_wanted", "learning_recorded_again", "acceptance_wanted", "assured", "sent_back"}
QUESTIONS = ("icb_chief_nurse_assured", "icb_not_assured_reason", "regional_chief_content", "regional_not_content_reason")
FORMS = ("icb_assurance", "regional_acceptance")


def before_july() -> Folder:
    """Give the shipped definitions without the two questions, their steps, their stages and their e-mails."""
    tree = SHIPPED.put(("workflows", FLOW), _without_assurance(SHIPPED.at(("workflows", FLOW))))
    for place in [*(("forms", key) for key in FORMS), *(("questions", key) for key in QUESTIONS)]:
        tree = tree.remove(place)
    return read_sources(tree.texts, known_types=known_types())


def _without_assurance(workflow: Map) -> Map:
    parts = {"states": STATES, "steps": STEPS, "notices": NOTICES}
    made = Map(
        {key: Map({one: inner[one] for one in inner if one not in parts[key]}) if key in parts else inner
         for key, inner in workflow.items()}
    )  # fmt: skip
    made[Text("states")] = _each(made[Text("states")], lambda state: _dropped(state, "approved_by"))
    steps = _each(made[Text("steps")], lambda step: _dropped(step, "voids"))
    steps[Text("decide_publication")] = Map({**steps[Text("decide_publication")], Text("from"): Items([Text("signed_off")])})
    steps[Text("record_learning")] = _dropped(steps[Text("record_learning")], "tells")
    made[Text("steps")] = steps
    return Map({key: _pruned(node, STATES | STEPS) for key, node in made.items()})


def _each(around: Map, change: Callable[[Map], Map]) -> Map:
    return Map({key: change(node) for key, node in around.items()})


def _dropped(node: Map, key: str) -> Map:
    return Map({name: inner for name, inner in node.items() if name != key})


def _pruned(node: Any, gone: set[str]) -> Any:
    """Take what is *gone* out of every list."""
    if isinstance(node, Map):
        return Map({key: _pruned(inner, gone) for key, inner in node.items()})
    if isinstance(node, Items):
        return Items([_pruned(one, gone) for one in node if str(one) not in gone])
    return node
