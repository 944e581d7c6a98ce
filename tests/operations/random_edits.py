"""Random edits of a definition, as an administrator might make them; whether one is valid is for the linter to say."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from scrt_workflow.folder import Bundle

Edit = Callable[[Bundle, Random], None]
NEW = "edited_question"


def edited(bundle: Bundle, rng: Random, edits: Sequence[Edit]) -> Bundle:
    """Give *bundle* with some *edits*."""
    made: Bundle = json.loads(json.dumps(bundle))
    for edit in edits:
        edit(made, rng)
    return made


def alone(bundle: Bundle) -> Bundle:
    """Give *bundle* without the review types of others, which the forms that it shares with them speak of."""
    types = set(bundle["workflow"]["review_types"])

    def kept(node: Any, key: str = "") -> Any:
        if isinstance(node, dict):
            return {name: kept(inner, key if name in {"in", "not_in"} else name) for name, inner in node.items()}
        if isinstance(node, list):
            return [kept(one, key) for one in node if key != "review_type" or one in types]
        return node

    return {**bundle, "forms": kept(bundle["forms"]), "questions": kept(bundle["questions"])}


def sources_of(bundle: Bundle) -> dict[str, str]:
    """Write a bundle as a folder of its own (JSON is YAML, and quicker), with the questions that something still names."""
    workflow, forms = bundle["workflow"], bundle["forms"]
    used = {step["form"] for step in workflow["steps"].values() if step.get("form")}
    forms = {key: form for key, form in forms.items() if key in used}
    said = json.dumps([workflow, forms, [question.get("show_when") for question in bundle["questions"].values()]])
    bank = {key: question for key, question in bundle["questions"].items() if f'"{key}"' in said or _is_named(key, bundle)}
    texts = {f"forms/{key}.yaml": form if "form" in form else {key: form} for key, form in forms.items()}
    found = {"forms/questions.yaml": bank, f"workflows/{workflow['workflow']}.yaml": workflow, **texts}
    return {path: json.dumps(node, ensure_ascii=False) for path, node in found.items()}


def _is_named(key: str, bundle: Bundle) -> bool:
    return any(key in (question.get("typed_by"), *map(str, _operands(question))) for question in bundle["questions"].values())


def _operands(question: dict[str, Any]) -> list[Any]:
    return [value for check in question.get("checks", []) if isinstance(check, dict) for value in check.values()]


def rename_a_state(made: Bundle, rng: Random) -> None:
    """Call a stage by another key: it vanishes, and another is there."""
    workflow = made["workflow"]
    old = rng.choice([key for key, state in workflow["states"].items() if state.get("final") != "yes"])
    text = json.dumps({name: node for name, node in workflow.items() if name != "review_types"})
    for place in (f'"{old}"',):
        text = text.replace(place, f'"{old}_new"')
    made["workflow"] = {**json.loads(text), "review_types": workflow["review_types"]}


def add_a_question(made: Bundle, rng: Random) -> None:
    """Ask something more in the form of some step."""
    key = f"{NEW}_{rng.randrange(10**6)}"
    made["questions"][key] = {"type": "yes_no", "label": "Is there something more?", "required": rng.choice(["yes", "no"])}
    form = rng.choice(list(made["forms"].values()))
    page = rng.choice(form["pages"])["questions"] if isinstance(form, dict) else form
    page.append(key)


def add_a_question_that_decides(made: Bundle, rng: Random) -> None:
    """Ask something more, and let some later step wait for it, or end by it."""
    add_a_question(made, rng)
    key = list(made["questions"])[-1]
    step = made["workflow"]["steps"][rng.choice(list(made["workflow"]["steps"]))]
    if rng.random() < 0.5:
        step.setdefault("needs", []).append(
            {"when": {key: rng.choice(["answered", "yes"])}, "else": "Say first what more there is."}
        )
    elif "to" in step and step["to"] != "same":
        target = step.pop("to")
        more = {name: step.pop(name) for name in ("dated_by", "opens", "becomes") if name in step}
        step["outcomes"] = [{"when": {key: "yes"}, "to": target, **more}, {"when": {key: "no"}, "to": "same"}]


def let_the_next_step_wait(made: Bundle, rng: Random) -> None:
    """Ask something more in one step, and let the one after it wait for that: reviews between the two were never asked."""
    steps = made["workflow"]["steps"]
    first = steps[rng.choice([key for key, step in steps.items() if step.get("form") and step.get("to", "same") != "same"])]
    form, key = made["forms"][first["form"]], f"{NEW}_{rng.randrange(10**6)}"
    made["questions"][key] = {"type": "yes_no", "label": "Is there something more?"}
    (form["pages"][0]["questions"] if isinstance(form, dict) else form).append(key)
    for step in steps.values():
        if step["from"] == [first["to"]]:
            step.setdefault("needs", []).append({"when": {key: "answered"}, "else": "Say first what more there is."})


def take_a_question_out(made: Bundle, rng: Random) -> None:
    """Ask something no longer."""
    form = rng.choice(list(made["forms"].values()))
    page = rng.choice(form["pages"])["questions"] if isinstance(form, dict) else form
    if len(page) > 1:
        page.pop(rng.randrange(len(page)))


def take_a_step_out(made: Bundle, rng: Random) -> None:
    """Leave out a step."""
    key = rng.choice(list(made["workflow"]["steps"]))
    del made["workflow"]["steps"][key]


def count_a_state_otherwise(made: Bundle, rng: Random) -> None:
    """Count a stage otherwise."""
    state = rng.choice([one for one in made["workflow"]["states"].values() if one.get("final") != "yes"])
    state["counts_as"] = rng.choice(["open", "closed", "nothing"])


def ask_for_an_approval(made: Bundle, rng: Random) -> None:
    """Let a stage ask for an approval, or no longer."""
    workflow = made["workflow"]
    approving = [key for key, step in workflow["steps"].items() if step.get("approves")]
    state = rng.choice(list(workflow["states"].values()))
    if approving:
        state["approved_by"] = rng.sample(approving, rng.randint(1, len(approving)))


def change_a_time(made: Bundle, rng: Random) -> None:
    """Change when a deadline or a reminder falls due."""
    if rng.random() < 0.5 and made["workflow"].get("clocks"):
        rng.choice(list(made["workflow"]["clocks"].values()))["due"] = f"{rng.randint(5, 90)} days"
    else:
        rng.choice(list(made["workflow"]["reminders"].values()))["after"] = f"{rng.randint(5, 60)} days"


EDITS: list[Edit] = [
    let_the_next_step_wait,
    let_the_next_step_wait,
    rename_a_state,
    add_a_question,
    add_a_question_that_decides,
    add_a_question_that_decides,
    take_a_question_out,
    take_a_step_out,
    count_a_state_otherwise,
    ask_for_an_approval,
    change_a_time,
]
