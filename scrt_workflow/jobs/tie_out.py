"""The job that looks each night for what cannot be, keeps where it is, and tells administrators."""

from collections import Counter

from scrt_workflow.jobs.work import Outcome, Work
from scrt_workflow.operations import administrator_letters, tie_out
from scrt_workflow.operations.tie_out_kinds import KINDS


def run(work: Work) -> Outcome:
    """Look, and write down what was found; administrators are told once a day."""
    with work.reading() as session:
        faults = tie_out.look(session)
    counts = Counter(fault.kind for fault in faults)
    for kind, number in sorted(counts.items()):
        work.say(f"{KINDS[kind]}: {number}")
    if not work.is_rehearsal:
        with work.unit() as session:
            tie_out.keep(session, faults, on=work.day)
            if faults:
                administrator_letters.tell(session, administrator_letters.TIE_OUT, work.day.isoformat(), at=work.at)
    return {"found": len(faults), **counts}
