"""The databases that are measured on, empty and thrown away afterwards: SQLite in a file, and a real PostgreSQL.

PostgreSQL is the one of the tests (TEST_DATABASE_URL, else the one from a wheel), here with every setting as it is
installed: what is acknowledged is on the disk, as it is with our SQLite.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import URL, make_url

from tests.databases import embedded_postgresql

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


class Databases:
    """Lends empty databases of one `kind`."""

    def __init__(self, kind: str, folder: Path, server: URL | None = None) -> None:
        """Keep files in *folder*; *server* is the PostgreSQL's address."""
        self.kind, self._folder, self._server = kind, folder, server
        self._numbers, self._made = count(), list[str]()
        self._prefix = f"scrt_bench_{uuid4().hex[:8]}"

    def folder(self) -> Path:
        """Give an empty folder."""
        path = self._folder / f"{self.kind}-{next(self._numbers)}"
        path.mkdir()
        return path

    def empty(self) -> str:
        """Make a database, and give its URL."""
        if self._server is None:
            return f"sqlite:///{self.folder() / 'bench.sqlite'}"
        return self._make("")

    def copy(self, url: str) -> str:
        """Copy the database at *url*, to which nothing may be connected, and give the copy's URL."""
        if self._server is None:
            copied = self.folder() / "bench.sqlite"
            copied.write_bytes(Path(str(make_url(url).database)).read_bytes())
            return f"sqlite:///{copied}"
        return self._make(f"TEMPLATE {make_url(url).database}")

    def _make(self, how: str) -> str:
        name = f"{self._prefix}_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} {how}")
        self._made.append(name)
        assert self._server is not None
        return self._server.set(database=name).render_as_string(hide_password=False)

    def drop(self) -> None:
        """Drop what was made on a server."""
        for name in self._made:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        assert self._server is not None
        where = self._server.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def databases() -> Iterator[list[Databases]]:
    """Lend databases of both kinds."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        given = os.environ.get("TEST_DATABASE_URL")
        server = make_url(given) if given else stack.enter_context(embedded_postgresql(uuid4().hex))
        if not given:
            _set_as_installed(server)
        on_server = Databases(POSTGRESQL, folder, server)
        stack.callback(on_server.drop)
        yield [Databases(SQLITE, folder), on_server]


def _set_as_installed(server: URL) -> None:
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM RESET ALL")
        connection.execute("SELECT pg_reload_conf()")
