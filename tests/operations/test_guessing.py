"""Limits on guesses stop who guesses, and nobody who does not (AN2, AN3)."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from scrt_workflow.operations.guessing import TooManyGuessesError, forget_guesses_at, give_back, reserve_guess
from tests.factories import REAL_NOW

OWNER, HERE, GATEWAY = "owner@example.nhs.uk", "203.0.113.9", "198.51.100.7"


def may_try(session: Session, email: str = OWNER, *, address: str = HERE, minutes: int = 0) -> bool:
    """Guess once, and be wrong."""
    try:
        with session.begin_nested():
            reserve_guess(session, email, address=address, at=REAL_NOW + timedelta(minutes=minutes))
    except TooManyGuessesError:
        return False
    return True


def signs_in(session: Session, email: str = OWNER, *, address: str = HERE) -> bool:
    """Try once, and be right."""
    try:
        with session.begin_nested():
            give_back(session, reserve_guess(session, email, address=address, at=REAL_NOW))
    except TooManyGuessesError:
        return False
    return True


def test_an_account_is_guessed_at_ten_times_from_one_network(session: Session) -> None:
    assert [may_try(session) for _ in range(12)] == [True] * 10 + [False] * 2
    assert not may_try(session, minutes=5)
    assert may_try(session, minutes=15)


def test_guesses_from_many_networks_keep_nobody_out(session: Session) -> None:
    for number in range(250):
        may_try(session, f"guessed{number}@example.nhs.uk", address=f"2001:db8:{number:x}::1")
        may_try(session, OWNER, address=f"2001:db9:{number:x}::1")

    assert [signs_in(session) for _ in range(3)] == [True] * 3
    assert signs_in(session, "another@example.nhs.uk")


def test_guesses_at_an_account_from_many_networks_come_down_to_one_from_each(session: Session) -> None:
    for number in range(10):
        assert all(may_try(session, address=f"192.0.{number}.1") for _ in range(10))

    assert [may_try(session, address="192.0.100.1") for _ in range(3)] == [True, False, False]
    assert not may_try(session, address="192.0.5.200")


def test_colleagues_behind_one_gateway_get_in_whoever_guesses_there(session: Session) -> None:
    for number in range(300):
        may_try(session, f"guessed{number}@example.nhs.uk", address=GATEWAY)

    assert all(signs_in(session, f"colleague{number}@example.nhs.uk", address=GATEWAY) for number in range(20))
    assert [may_try(session, "new@example.nhs.uk", address=GATEWAY) for _ in range(3)] == [True, False, False]


def test_signing_in_rightly_gives_nobody_more_guesses(session: Session) -> None:
    for number in range(100):
        may_try(session, f"guessed{number}@example.nhs.uk", address=GATEWAY)
    for _ in range(50):
        assert signs_in(session, "insider@example.nhs.uk", address=GATEWAY)

    assert [may_try(session, address=GATEWAY) for _ in range(3)] == [True, False, False]


def test_one_line_of_a_provider_is_one_network(session: Session) -> None:
    assert [may_try(session, address=f"2001:db8:1:{number:x}::1") for number in range(12)].count(True) == 10


@pytest.mark.parametrize("email", [OWNER, OWNER.upper(), f" {OWNER} "])
def test_a_reset_forgets_the_guesses_at_that_account_only(session: Session, email: str) -> None:
    for _ in range(10):
        may_try(session)
        may_try(session, "other@example.nhs.uk")

    forget_guesses_at(session, email)

    assert may_try(session)
    assert not may_try(session, "other@example.nhs.uk")
