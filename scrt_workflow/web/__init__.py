"""What people see: a module a blueprint, over the operations. Templates are in the top-level folder `templates/`."""

BLUEPRINTS = (
    "about",
    "account",
    "definitions",
    "health",
    "home",
    "people",
    "reviews",
    "rollups",
    "sign_in",
    "steps",
)
"""The modules here that serve pages, each with its blueprint in a variable called `pages`. Add yours, by the alphabet."""
