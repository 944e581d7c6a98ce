"""The design system is served by us alone: nothing in it asks another machine for anything."""

import re
from pathlib import Path

import scrt_workflow

STATIC = Path(scrt_workflow.__file__).parent / "static"
STYLESHEETS = sorted(STATIC.rglob("*.css"))


def test_no_stylesheet_asks_another_machine_for_anything() -> None:
    assert len(STYLESHEETS) == 2
    for path in STYLESHEETS:
        assert not re.search(r"url\(['\"]?(https?:|//|/)|@import|@font-face", path.read_text("utf-8"))


def test_every_image_that_a_stylesheet_shows_is_there() -> None:
    for path in STYLESHEETS:
        for name in re.findall(r"url\(['\"]?([^)'\"]+)", path.read_text("utf-8")):
            assert (path.parent / name).is_file()


def test_the_licence_comes_with_it() -> None:
    assert "MIT License" in (STATIC / "nhsuk" / "LICENCE.txt").read_text("utf-8")
