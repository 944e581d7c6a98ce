"""One effect a submit: a key that travels with a form is claimed in the transaction of its effect (WF3, D4)."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from scrt_workflow.actors import Actor
from scrt_workflow.forms.builder import Raw
from scrt_workflow.models import Idempotency
from scrt_workflow.operations.tables import dialect_of, in_both_dialects, table_of

KEYS = table_of(Idempotency)
CLAIM = in_both_dialects(lambda insert: insert(KEYS).on_conflict_do_nothing().execution_options(preserve_rowcount=True))
CLAIMED = select(KEYS).where(KEYS.c.key == bindparam("key"))


class KeyReusedError(Exception):
    """The key of this form came before with other answers, or from someone else."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "This form was submitted before, with other answers or for another step, and nothing was done now. "
            "Open the step again to see what was saved."
        )


def claim(
    session: Session,
    key: UUID,
    *,
    actor: Actor,
    route: str,
    body: Raw,
    at: datetime,
    leads_to: int,
    review_id: UUID | None = None,
) -> int | None:
    """Claim *key* for the event number *leads_to*; give None when it is claimed now, else the number it had led to before.

    Raises KeyReusedError when it was claimed for another body, route or person.
    """
    digest = digest_of(body)
    location = f"{review_id or route.split(':', maxsplit=1)[0]}:{leads_to}"
    values = {
        "key": key,
        "person_id": actor.person_id,
        "route": route,
        "body_hash": digest,
        "location": location,
        "at": at,
    }
    connection = session.connection()
    if connection.execute(CLAIM[dialect_of(session)], values).rowcount == 1:
        return None
    kept = connection.execute(CLAIMED, {"key": key}).one()
    if (kept.person_id, kept.route, kept.body_hash) != (actor.person_id, route, digest):
        raise KeyReusedError
    return int((kept.location or ":0").rsplit(":", 1)[1])


def digest_of(body: Raw) -> str:
    """Give what tells the answers of one submit from those of another."""
    return sha256(json.dumps({name: list(values) for name, values in body.items()}, sort_keys=True).encode()).hexdigest()


def led_to(session: Session, key: UUID, *, actor: Actor, route: str, digest: str) -> UUID | None:
    """Give the review that this very submit led to, or None when it had no effect yet; raises KeyReusedError as `claim` does."""
    claimed = session.connection().execute(CLAIMED, {"key": key}).one_or_none()
    if claimed is None:
        return None
    if (claimed.person_id, claimed.route, claimed.body_hash) != (actor.person_id, route, digest):
        raise KeyReusedError
    return UUID((claimed.location or "").partition(":")[0])


def made_from(session: Session, draft_id: UUID, *, actor: Actor) -> tuple[UUID, str] | None:
    """Give the review that *actor*'s draft of a new one became, and the digest of its answers: its key is the draft's id."""
    claimed = session.connection().execute(CLAIMED, {"key": draft_id}).one_or_none()
    if claimed is None or claimed.person_id != actor.person_id:
        return None
    return UUID((claimed.location or "").partition(":")[0]), str(claimed.body_hash)


def review_of(session: Session, key: UUID) -> UUID:
    """Give the review that the claimed *key* led to."""
    location = session.execute(select(Idempotency.location).where(Idempotency.key == key)).scalar_one()
    return UUID((location or "").partition(":")[0])


def forget_before(session: Session, at: datetime) -> None:
    """Forget the keys claimed before *at*; they are kept for seven days."""
    session.execute(delete(Idempotency).where(Idempotency.at < at))
