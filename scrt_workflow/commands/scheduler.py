"""Run the jobs when they are due, and deliver e-mails, until it is stopped."""

from threading import Event, Thread
from time import sleep

import click

from scrt_workflow import catalogue
from scrt_workflow.clock import Clock
from scrt_workflow.database import make_engine
from scrt_workflow.jobs.mailer import Mailer
from scrt_workflow.jobs.scheduler import Scheduler
from scrt_workflow.jobs.stopping import StopSignals
from scrt_workflow.logs import log
from scrt_workflow.operations.service_time import clock_of
from scrt_workflow.startup import start

LOOK_SECONDS, LAST_LETTER_SECONDS = 0.2, 30


@click.command
@click.option("--mail/--no-mail", default=True, help="Whether it also delivers e-mails, which needs SCRT_MAIL_HOST.")
@click.option("--jobs/--no-jobs", default=True, help="Whether it runs jobs; without them it only delivers e-mails.")
def scheduler(*, mail: bool, jobs: bool) -> None:
    """Run the jobs when they are due, and deliver e-mails, until it is stopped.

    Any number may run, on any number of machines: each job runs once for each of its periods, and each e-mail is sent by one
    of them. If its clock dies it ends with an error, so that whatever started it may start it again.
    """
    settings = start(at=Clock().now())
    engine = make_engine(settings.database, pool_size=settings.database_pool)
    clock, stop, signals = clock_of(settings, engine), Event(), StopSignals()
    catalogue.call_dardr(engine, settings.dardr_from, clock.today)
    timer = Scheduler(engine, clock=clock) if jobs else None
    mailer = _mailer_thread(Mailer(engine, settings, clock=clock), stop) if mail and settings.mail_host else None
    log.info("scheduler_began", jobs=jobs, mail=mailer is not None)
    if timer:
        timer.start()
    while not signals.asked:
        sleep(LOOK_SECONDS)
        if (timer and not timer.is_alive()) or (mailer and not mailer.is_alive()):
            raise click.ClickException("a part of the scheduler has died. Start it again.")
    stop.set()
    if timer:
        timer.stop()
    if mailer:
        mailer.join(LAST_LETTER_SECONDS)
    log.info("scheduler_ended")


def _mailer_thread(mailer: Mailer, stop: Event) -> Thread:
    thread = Thread(target=mailer.run, args=[stop], name="mailer", daemon=True)
    thread.start()
    return thread
