"""IN8: no stored pattern can stall a worker, because none is stored: whatever is matched was written here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from scrt_workflow.folder import read_sources
from tests.definitions.shipped import LOAN, ROOT

BAD = "'(a+)+$'"
CALLS = {"compile", "findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn"}
OURS = {"indent": "a number of spaces", "number": "how privacy.codes writes a kind of number"}
"""What varies in a pattern, and why it comes from nowhere else."""
WORDS = ("pattern", "regex", "matches", "format", "validate")


@pytest.mark.parametrize("word", WORDS)
def test_a_question_has_no_field_for_a_pattern(word: str) -> None:
    bank = f"name_of_it: {{type: text, label: What is it called?, {word}: {BAD}}}\n"
    found = [str(problem) for problem in read_sources({"forms/questions.yaml": bank}).problems]
    assert any(f"no such field as '{word}'" in one for one in found)


@pytest.mark.parametrize("word", WORDS)
def test_a_condition_has_no_comparison_by_a_pattern(word: str) -> None:
    bank = (
        (LOAN / "forms" / "questions.yaml")
        .read_text(encoding="utf-8")
        .replace("show_when: {delivery: yes}", f"show_when: {{delivery: {{{word}: {BAD}}}}}")
    )
    found = [str(problem) for problem in read_sources({"forms/questions.yaml": bank}).problems]
    assert any(f"no comparison is called '{word}'" in one for one in found)


def test_every_pattern_that_the_service_matches_is_written_in_its_code() -> None:
    found = [place for path in sorted((ROOT / "scrt_workflow").rglob("*.py")) for place in _made_of_something_else(path)]
    assert found == [], "Write the pattern out, or put what varies into re.escape: a pattern from outside can stall a worker."


def _made_of_something_else(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "re":
            assert isinstance(node, ast.Call)
            if called.attr in CALLS and not _is_written_out(node.args[0]):
                yield f"{path.relative_to(ROOT)}:{node.lineno}"


def _is_written_out(pattern: ast.expr) -> bool:
    """Say whether a pattern is text, and what is put into it a name in capitals (written here too) or escaped."""
    if isinstance(pattern, ast.JoinedStr):
        parts = [part.value for part in pattern.values if isinstance(part, ast.FormattedValue)]
        return all(_is_ours(part) for part in parts)
    if isinstance(pattern, ast.BinOp):
        return _is_written_out(pattern.left) and _is_written_out(pattern.right)
    return isinstance(pattern, ast.Constant) or _is_ours(pattern)


def _is_ours(part: ast.expr) -> bool:
    is_escaped = isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr == "escape"
    if isinstance(part, ast.BinOp):
        return all(_is_ours(one) or isinstance(one, ast.Constant) for one in (part.left, part.right))
    return is_escaped or (isinstance(part, ast.Name) and (part.id.strip("_").isupper() or part.id in OURS))
