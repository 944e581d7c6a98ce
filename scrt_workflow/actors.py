"""Who is acting, and which organisations each of their roles reaches on one day. Pure: no web, no database.

`operations.people.actor_of` makes an Actor from what the database remembers; rules and operations are given one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from scrt_workflow.permissions import WHO_MAY, Permission, Role


@dataclass(frozen=True, slots=True)
class Held:
    """A role that someone holds today for an organisation; `covers` are the codes of it and of everything under it.

    `everywhere` is true for a role held for England, whose reach needs no list.
    """

    membership_id: UUID
    role: Role
    organisation: str
    everywhere: bool
    covers: frozenset[str]

    def may(self, permission: Permission) -> bool:
        """Tell whether this role gives *permission*, within its reach."""
        return self.role in WHO_MAY[permission]

    def reaches(self, organisation: str) -> bool:
        """Tell whether *organisation* (an ODS code) is this role's own, or lies under it."""
        return self.everywhere or organisation in self.covers


@dataclass(frozen=True)
class Actor:
    """A person with the roles that they hold today, the oldest first."""

    person_id: UUID
    name: str
    email: str
    held: tuple[Held, ...]

    @cached_property
    def roles(self) -> frozenset[Role]:
        """The roles held, wherever."""
        return frozenset(held.role for held in self.held)

    def may(self, permission: Permission, *, organisation: str | None = None) -> bool:
        """Tell whether a role gives *permission*: for that *organisation*, or for any when none is named."""
        using = (held for held in self.held if held.may(permission))
        return any(organisation is None or held.reaches(organisation) for held in using)

    def covering(self, organisation: str, roles: Iterable[str]) -> Held | None:
        """Find the role among *roles* to use for *organisation*: one held for exactly it before one held above it."""
        wanted = frozenset(roles)
        reaching = [held for held in self.held if held.role in wanted and held.reaches(organisation)]
        exact = (held for held in reaching if held.organisation == organisation)
        return next(exact, None) or next(iter(reaching), None)

    @cached_property
    def sees_everything(self) -> bool:
        """Whether every review may be read, whatever its organisation."""
        return any(held.everywhere for held in self.held if held.may(Permission.REVIEW_SEE))

    @cached_property
    def visible_codes(self) -> frozenset[str]:
        """The organisations whose reviews may be read; not to be asked for when `sees_everything`."""
        return frozenset(code for held in self.held if held.may(Permission.REVIEW_SEE) for code in held.covers)

    def sees(self, organisation: str) -> bool:
        """Tell whether the reviews of *organisation* may be read."""
        return self.sees_everything or organisation in self.visible_codes
