"""The house rules that no linter knows, and the fixtures that every other test stands on."""

import re
import socket
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "scrt_workflow"
SAYS_NOTHING = {"base", "common", "core", "data", "handler", "helpers", "info", "manager", "misc", "service", "utils"}
LONGEST_MODULE = 300


def test_no_module_has_a_name_that_says_nothing() -> None:
    modules = [path.relative_to(ROOT) for path in PACKAGE.rglob("*.py")]

    assert [module for module in modules if module.stem in SAYS_NOTHING] == [], "name it after what it does"


def test_no_module_is_longer_than_a_person_reads_at_once() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}

    assert {module: n for module, n in lengths.items() if n > LONGEST_MODULE} == {}, "split it where its subject changes"


def test_an_ignored_rule_is_named_and_has_a_reason() -> None:
    ignore = re.compile(r"#\s*(noqa|type:\s*ignore).*")
    reason = re.compile(r"# (noqa: [A-Z0-9, ]+|type: ignore\[[a-z, -]+\])(?:  #|,? -) ?\w.+")
    code = [path for folder in (PACKAGE, ROOT / "migrations") for path in folder.rglob("*.py")]
    lines = [(path.name, found[0]) for path in code for found in ignore.finditer(path.read_text(encoding="utf-8"))]

    assert [line for line in lines if not reason.fullmatch(line[1])] == [], "write `# noqa: RULE - the reason`"


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements*.txt")), ids=lambda path: path.name)
def test_every_part_is_pinned_by_its_hash_and_names_no_registry(lock: Path) -> None:
    content = lock.read_text(encoding="utf-8")
    parts = re.findall(r"^[a-z0-9].*", content, re.MULTILINE)

    assert all(re.match(r"[\w.\[\]-]+==[\w.+!]+ ", part) for part in parts)
    assert len(re.findall(r"^[a-z0-9].*\n    --hash=sha256:", content, re.MULTILINE)) == len(parts)
    assert not re.search(r"://|--index|--find-links|--extra|file:", content)


@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_commits_is_gone_for_the_next(session: Session, turn: int) -> None:
    assert session.scalar(text("SELECT count(*) FROM heartbeat")) == 0

    session.execute(text("INSERT INTO heartbeat (process, at) VALUES (:turn, '2024-11-01 12:00:00+00:00')"), {"turn": str(turn)})
    session.commit()

    assert session.scalar(text("SELECT count(*) FROM heartbeat")) == 1


def test_a_test_runs_on_both_databases(database: Engine, request: pytest.FixtureRequest) -> None:
    assert database.dialect.name == request.node.callspec.params["database_url"]


@pytest.mark.parametrize("host", ["192.0.2.1", "reviews.example.nhs.uk", "2001:db8::1"])
def test_a_test_cannot_reach_another_machine(host: str) -> None:
    with pytest.raises(PermissionError, match="may not reach another machine"):
        socket.create_connection((host, 443), timeout=1)


def test_a_test_can_reach_its_own_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
