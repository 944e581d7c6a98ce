"""Freezing the figures of a period: worked out without holding anybody up, and written in short units of work."""

from scrt_workflow.jobs.work import Outcome, Work
from scrt_workflow.operations import administrator_letters, freezing, frozen, month_changes, summaries
from scrt_workflow.operations.freezing import DoesNotTieOutError, Made
from scrt_workflow.operations.month_changes import MovedOnError
from scrt_workflow.reports.periods import ReportingPeriod, ended_before

TRIES = 3


def freeze_ended(work: Work, kind: str) -> Outcome:
    """Freeze the newest period of *kind* that is over at the moment of *work*."""
    return freeze(work, ended_before(kind, work.day))


def freeze(work: Work, period: ReportingPeriod) -> Outcome:
    """Freeze the figures of every organisation for *period*, unless they are; raises TooEarlyError and DoesNotTieOutError.

    Net changes that do not tie out are made again from nothing, once: steps may have been entered as of long ago.
    """
    freezing.refuse_too_early(period, at=work.at)
    with work.reading() as session:
        if frozen.is_frozen(session, period):
            work.say(f"{period.title} was frozen before, and stays as it is.")
            return {"organisations": 0}
    if work.is_rehearsal:
        work.say(f"{period.title} would be frozen.")
        return {"organisations": 0}
    try:
        made, counted, afresh = _made(work, period)
    except DoesNotTieOutError as error:
        with work.unit() as session:
            administrator_letters.tell(session, administrator_letters.NOT_FROZEN, period.key, at=work.at)
        raise error from None
    with work.unit() as session:
        number = freezing.keep(session, period, made, at=work.at)
        queued = summaries.queue_summaries(session, period, at=work.at)
    work.say(f"{period.title}: the figures of {number} organisations were frozen.")
    if queued:
        work.say(f"{queued} e-mails with them were queued.")
    outcome = {"organisations": number, "reviews_counted_again": counted, "made_from_nothing": int(afresh)}
    return outcome | {"queued": queued}


def _made(work: Work, period: ReportingPeriod) -> tuple[list[Made], int, bool]:
    """Give the tables, how many reviews were counted again for them, and whether from nothing."""
    afresh = False
    for _ in range(TRIES):
        try:
            with work.reading() as session:
                found = month_changes.difference(session, period.known_at, afresh=afresh)
            with work.unit() as session:
                month_changes.apply(session, found)
            with work.reading() as session:
                return freezing.make_tables(session, period), found.reviews, afresh
        except MovedOnError:  # the end of a quarter, perhaps, was worked out just now
            continue
        except DoesNotTieOutError:
            if afresh:
                raise
            afresh = True
    raise MovedOnError
