"""What happens by itself in a workflow: deadlines, reminders, and what is told again until somebody acknowledges it."""

from __future__ import annotations

from dataclasses import dataclass, field

from scrt_workflow.conditions import Condition


@dataclass(frozen=True, slots=True)
class ClockRule:
    """A deadline: it starts on the date that a question, step or state gives, and stops with a step or state.

    `resumes` goes on with the time that was left at a pause, `restarts` with the whole of it, also when it had stopped.
    `extended_by` is a date question whose every answer is a new due date. `may_pause` is what older definitions say of the
    authority; it lets nobody pause anything.
    """

    key: str
    title: str
    starts: str
    due: str
    stops: tuple[str, ...]
    pauses: tuple[str, ...] = ()
    resumes: tuple[str, ...] = ()
    restarts: tuple[str, ...] = ()
    extended_by: str = ""
    may_pause: bool = False
    authority: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ReminderRule:
    """When people are reminded: of a review that nobody has updated (`since`: steps, or a date question), or of a `deadline`.

    One that comes `before` its deadline comes once; one `after` it or after the last update comes `again_every` so often.
    """

    key: str
    while_in: tuple[str, ...]
    since: tuple[str, ...]
    after: str
    again_every: str
    to: tuple[str, ...]
    escalate_after: int | None = None
    escalate_to: tuple[str, ...] = ()
    notice: str = ""
    deadline: str = ""
    before: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Also:
    """Posts that an escalation tells besides, when a condition holds."""

    posts: tuple[str, ...]
    when: Condition | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class EscalationRule:
    """Who is told, and told again until somebody acknowledges it by a step, once an answer makes `when` hold.

    The roles in `to` are people of the service; posts are told through their contacts, who need not be.
    """

    key: str
    title: str
    when: Condition | None
    to: tuple[str, ...]
    posts: tuple[str, ...]
    notice: str
    posts_notice: str
    acknowledged_by: str
    again_every: str
    also: tuple[Also, ...] = ()
    escalate_after: int | None = None
    escalate_to: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)

    @property
    def conditions(self) -> tuple[Condition | None, ...]:
        """Give what decides whether it begins, and whom it tells."""
        return (self.when, *(one.when for one in self.also))

    @property
    def every_post(self) -> tuple[str, ...]:
        """Name every post that it can tell."""
        return tuple(dict.fromkeys((*self.posts, *(post for one in self.also for post in one.posts))))
