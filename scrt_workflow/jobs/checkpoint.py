"""The job that notes each day how far the history has come, and logs what stands for it."""

from scrt_workflow.jobs.work import Outcome, Work
from scrt_workflow.logs import log
from scrt_workflow.operations.checkpoints import take_checkpoint


def run(work: Work) -> Outcome:
    """Take a checkpoint; its hash in the log, kept elsewhere, shows later that no checkpoint was taken away either."""
    if work.is_rehearsal:
        return {}
    with work.unit() as session:
        taken = take_checkpoint(session, at=work.at)
    log.info("checkpoint", hash=taken.hash, heads=taken.heads)
    work.say(f"The newest checkpoint is {taken.hash}.")
    return {"streams_noted": taken.heads}
