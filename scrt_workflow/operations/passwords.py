"""Passwords: how they are kept, which are too weak, and temporary ones (promise AN6, ASVS 6.2)."""

import re
import secrets
import string
from functools import cache
from importlib import resources
from itertools import pairwise

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from scrt_workflow import reference

SHORTEST, LONGEST = 15, 200
ENOUGH = 8  # what a password must come to, when a word that people try first counts 2 and any other character 1
# OWASP's floor is 19 MiB and two passes.
HASHER = PasswordHasher(time_cost=2, memory_cost=20 * 1024, parallelism=1, type=Type.ID)
# Made once from a random password that nobody kept, with the same care as HASHER takes.
NO_ONE = "$argon2id$v=19$m=20480,t=2,p=1$Ntsx/2xb94GI0Y1DYpIiig$A2GBY5X0mQPc/71O6z5qeSWUm64zTSeHpbW47R553nM"
TOO_EASY = "That password is too easy to guess. Use more words, and none that have to do with you or with this service."
FILLERS = frozenset(string.digits + string.punctuation + string.whitespace)
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that look alike


class WeakPasswordError(ValueError):
    """A password is refused; the message is the sentence to show."""


def hash_password(password: str) -> str:
    """Give what is kept of *password*, which is taken as it is, spaces and emoji included."""
    return HASHER.hash(password)


def is_password(kept: str | None, password: str) -> bool:
    """Tell whether *password* is the one that *kept* was made from; it takes as long where there is none (AN4)."""
    try:
        HASHER.verify(kept or NO_ONE, password)
    except (InvalidHashError, VerificationError):
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Tell whether *kept* was made with less care than is taken now."""
    return HASHER.check_needs_rehash(kept)


def new_temporary_password() -> str:
    """Make a password for someone to use once: 98 random bits, easy to read out."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(4))


def refuse_weak(password: str, *, about: str = "") -> None:
    """Raise WeakPasswordError for a password that is too short or too easy to guess.

    *about* is the person's name and e-mail address, which are guessed first. There is no rule about kinds of
    characters, and no password has to be changed because of its age.
    """
    if len(password) < SHORTEST:
        raise WeakPasswordError(f"Use {SHORTEST} characters or more. Four words that do not go together are a good way.")
    if len(password) > LONGEST:
        raise WeakPasswordError(f"Use {LONGEST} characters or fewer.")
    own = [word for word in re.split(r"[\W_]+", about.casefold()) if len(word) > 2]
    if _worth(_once(password.casefold()), own) < ENOUGH:
        raise WeakPasswordError(TOO_EASY)


def _worth(password: str, own: list[str]) -> int:
    """Count what a password is made of, each piece once: 2 for a word that people try first, 1 for what is left."""
    words = set()
    for word in sorted((*own, *_guessed_first()), key=len, reverse=True):
        if word in password:
            words.add(word)
            password = password.replace(word, " ")
    return 2 * len(words) + len(set(_without_runs(password)))


def _once(text: str) -> str:
    """Give the part whose repetition makes *text*."""
    return text[: (text + text).index(text, 1)]


def _without_runs(text: str) -> str:
    """Keep the first character of each run such as `aaa`, `345` or `fed`, and no digits beyond the first."""
    kept = [here for before, here in pairwise(f" {text}") if abs(ord(here) - ord(before)) > 1]
    return "".join(here for here in kept if here not in FILLERS) + ("1" if re.search(r"\d", text) else "")


@cache
def _guessed_first() -> tuple[str, ...]:
    tables = resources.files("scrt_workflow.reference.tables")
    ours = tables.joinpath("words_of_the_service.txt").read_text("utf-8").split()
    common = tables.joinpath("common_passwords.txt").read_text("utf-8").split()
    named = (row.short_name.casefold() for row in reference.organisations() if row.kind != "ccg")
    places = (word for name in named for word in name.split())
    return tuple(dict.fromkeys((*ours, *(word for word in (*places, *common) if len(word) > 3))))
