"""Every page, asked by everyone, answers as the written matrix says (AZ1)."""

from pathlib import Path

import pytest

from scrt_workflow.access import BROKEN, KINDS, matrix

AGREED = Path(__file__).parent.parent / "access.txt"


@pytest.mark.slow
def test_every_page_opens_to_whom_the_matrix_says() -> None:
    found = list(matrix())

    assert len(KINDS) >= 12
    assert [line for line in found if BROKEN in line] == []
    assert found == AGREED.read_text(encoding="utf-8").splitlines(), (
        "Rights have changed, or a page is new. If that is meant: `scrt access > tests/access.txt`, and look at the difference."
    )
