"""What people see: a module a blueprint, over the operations. Templates are in the top-level folder `templates/`."""

BLUEPRINTS = (
    "about",
    "account",
    "contacts",
    "dead_letters",
    "definitions",
    "draft_changes",
    "draft_conditions",
    "draft_entries",
    "draft_files",
    "drafts",
    "health",
    "home",
    "jobs",
    "nudges",
    "people",
    "previews",
    "rehearsals",
    "rehearsed_steps",
    "rebasing",
    "retiring",
    "reviews",
    "rollups",
    "sign_in",
    "steps",
    "vocabularies",
)
"""The modules here that serve pages, each with its blueprint in a variable called `pages`. Add yours, by the alphabet."""
ONLY_IN_THE_DEMO = ("mailbox",)
"""The same, where only the demo has them."""


def blueprints(*, demo: bool) -> tuple[str, ...]:
    """Name the modules that serve pages, in the demo or outside it."""
    return (*BLUEPRINTS, *(ONLY_IN_THE_DEMO if demo else ()))
