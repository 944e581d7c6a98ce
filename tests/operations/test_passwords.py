"""Which passwords are too weak, and how the others are kept (AN6)."""

from importlib import resources

import pytest
from argon2 import extract_parameters

from scrt_workflow.operations import passwords
from scrt_workflow.operations.passwords import WeakPasswordError, hash_password, is_password, refuse_weak

ABOUT = "Amara Okafor amara.okafor@northcentral.nhs.uk"


def shipped(name: str) -> list[str]:
    return resources.files("scrt_workflow.reference.tables").joinpath(name).read_text("utf-8").split()


def is_weak(password: str) -> bool:
    try:
        refuse_weak(password, about=ABOUT)
    except WeakPasswordError:
        return True
    return False


def test_three_thousand_common_passwords_and_the_words_of_the_service_are_refused() -> None:
    common, ours = shipped("common_passwords.txt"), shipped("words_of_the_service.txt")
    padded = [word + tail for word in (*common, *ours) for tail in ("", "123", "2024!", word)]

    assert len(common) >= 3000
    assert len(ours) >= 50
    assert [password for password in padded if not is_weak(password)] == []


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "aaaaaaaaaaaaaaaaaaaa",
        "12345678901234567890",
        "abcdefghijklmnopqrst",
        "safeguarding-review-2024",
        "NHSEngland NHSEngland",
        "amara okafor 19 05 1980",
        "qwertyuiopasdfghjkl",
        "North Central London 1",
        "x" * 201,
    ],
)
def test_a_password_that_is_soon_guessed_is_refused(password: str) -> None:
    assert is_weak(password)


@pytest.mark.parametrize(
    "password",
    [
        "purple tractor yoghurt eleven",
        "  spaces   around and within  ",
        "🙂🚲🌵🎺🧀🛶🪁🧭🦔🪗🥁🧩🛼🪃🦩",
        "mixture of words, and 3 digits",
        "long " * 2 + "winding sentence about a kettle that sings on the stove every single morning",
        pytest.param(passwords.new_temporary_password(), id="a temporary one"),
    ],
)
def test_a_good_password_is_taken_as_it_is(password: str) -> None:
    refuse_weak(password, about=ABOUT)

    assert is_password(hash_password(password), password)
    assert not is_password(hash_password(password), password.strip() + "x")


def test_passwords_are_kept_as_argon2id_above_owasps_floor() -> None:
    for kept in (hash_password("purple tractor yoghurt"), passwords.NO_ONE):
        made = extract_parameters(kept)
        assert (made.type.name, made.memory_cost >= 19 * 1024, made.time_cost >= 2) == ("ID", True, True)
        assert not passwords.is_outdated(kept)


def test_no_password_opens_an_account_that_has_none() -> None:
    assert not is_password(None, "purple tractor yoghurt")
    assert not is_password("not a hash", "purple tractor yoghurt")
