"""The service as a browser meets it: at an address of this machine, with clocks that stand still until a test moves them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Thread

from werkzeug.serving import WSGIRequestHandler, make_server

from scrt_workflow.database import unit_of_work
from scrt_workflow.models import Person
from scrt_workflow.settings import Settings
from scrt_workflow.web.sessions import cookie_for
from tests.factories import Running, make_running


class Quietly(WSGIRequestHandler):
    """Answers requests without a line for each."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the service keeps a log of its own."""


@dataclass(frozen=True)
class Live:
    """A running service and its address."""

    running: Running
    address: str

    def cookie(self, person: Person) -> tuple[str, str]:
        """Sign *person* in without the form, which would take a tenth of a second for the password."""
        app = self.running.app
        with app.test_request_context(base_url=self.address), unit_of_work(self.running.engine) as session:
            return cookie_for(app, session, session.get_one(Person, person.id))

    def days_pass(self, days: int) -> None:
        """Move the service's calendar on."""
        self.running.clock.advance(timedelta(days=days))

    def minutes_pass(self, minutes: int) -> None:
        """Move both clocks on: it is so long since anybody was here."""
        self.running.clock.advance(timedelta(minutes=minutes))
        self.running.real_clock.advance(timedelta(minutes=minutes))


@contextmanager
def live(settings: Settings, url: str) -> Iterator[Live]:
    """Serve the database at *url* over plain HTTP, which the service does in demo mode only."""
    plain = {"demo": True, "base_url": "", "trusted_hosts": (), "proxy_count": 0, "log_level": "ERROR"}
    running = make_running(settings.model_copy(update=plain), url)
    server = make_server("127.0.0.1", 0, running.app, threaded=True, request_handler=Quietly)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield Live(running, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        running.engine.dispose()
