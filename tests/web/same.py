"""A call of one of our macros, held to the official NHS.UK macro for the same thing."""

from collections.abc import Callable
from typing import Any

import pytest
from jinja2 import ChainableUndefined, ChoiceLoader, PackageLoader

from tests.web.dom import shape, within
from tests.web.showcase import make_app

Same = Callable[..., None]


@pytest.fixture(scope="module")
def same() -> Same:
    """Give a function that compares *ours* (`file: call`) with the *official* macro (`folder: name`) and its *params*.

    Further arguments are variables for our call; *body* makes it a `call` block around that markup; *inside* leaves out
    the element that we put around the official markup.
    """
    app = make_app()
    assert app.jinja_env.loader
    loader = ChoiceLoader([app.jinja_env.loader, PackageLoader("nhsuk_frontend_jinja")])
    official_env = app.jinja_env.overlay(undefined=ChainableUndefined, loader=loader)

    def compare(ours: str, official: str, params: dict[str, Any], *, body: str = "", inside: bool = False, **given: Any) -> None:
        file, call = ours.split(": ", 1)
        folder, name = official.split(": ")
        our_import = f"{{% from 'macros/{file}.html' import {call.partition('(')[0]} %}}"
        our_call = f"{{% call {call} %}}{body}{{% endcall %}}" if body else f"{{{{ {call} }}}}"
        their_import = f"{{% from 'nhsuk/components/{folder}/macro.jinja' import {name} %}}"
        with app.test_request_context("/"):
            we_say = app.jinja_env.from_string(our_import + our_call).render(given)
            they_say = official_env.from_string(f"{their_import}{{{{ {name}(params) }}}}").render(params=params)
        assert (within(shape(we_say)) if inside else shape(we_say)) == shape(they_say)

    return compare
