"""An outbox with e-mails that wait, and what mailers are told of where their work is."""

from datetime import UTC, datetime

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from scrt_workflow.database import reading
from scrt_workflow.models import Notice
from scrt_workflow.operations.notices import queue_all
from scrt_workflow.operations.people import find_person
from scrt_workflow.operations.service_time import keep_setting
from scrt_workflow.safety import DEMO_MARK
from tests.operations import reminding

AT = datetime(2024, 11, 1, 9, tzinfo=UTC)
READER = "designate@example.nhs.uk"


def fill_outbox(session: Session, number: int) -> None:
    """Let *number* e-mails about one review wait, all to READER."""
    reminding.prepared(session)
    review = reminding.open_review(session)
    person = find_person(session, READER).id
    refs = {"review": str(review.id), "version": review.definition_version_id, "roles": ["designate"]}
    queue_all(session, [(str(number), "update_overdue", person, refs) for number in range(number)], at=AT)
    keep_setting(session, DEMO_MARK, value=True)


def environment(url: str, port: int, *, timeout: float, **more: str) -> dict[str, str]:
    """Say to a mailer where its work is, and how many seconds it waits for the mail server."""
    return {
        "SCRT_DATABASE_URL": url,
        "SCRT_DEMO": "yes",
        "SCRT_LOG_LEVEL": "ERROR",
        "SCRT_MAIL_HOST": "localhost",
        "SCRT_MAIL_PORT": str(port),
        "SCRT_MAIL_TLS": "none",
        "SCRT_MAIL_TIMEOUT": str(timeout),
        **more,
    }


def statuses(engine: Engine) -> dict[str, int]:
    """Count the e-mails by what became of them."""
    with reading(engine) as session:
        rows = session.execute(select(Notice.status, func.count()).group_by(Notice.status))
        return {row[0]: row[1] for row in rows}
