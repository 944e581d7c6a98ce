"""The names that are looked for, the words that look like names and are none, and the words that decide. See `lists/`."""

import tomllib
from functools import cache
from importlib import resources

from scrt_workflow.reference.tables import read_table

LISTS = resources.files(__package__).joinpath("lists")


def words_of(name: str) -> frozenset[str]:
    """Return the words of the shipped *name*.txt; lines that begin with # are its remarks."""
    lines = LISTS.joinpath(f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def _groups() -> dict[str, dict[str, str]]:
    return tomllib.loads(LISTS.joinpath("words_around.toml").read_text(encoding="utf-8"))


def group(table: str, name: str) -> frozenset[str]:
    """Return the words of group *name* in *table* of words_around.toml."""
    return frozenset(_groups()[table][name].split())


def _authorities() -> frozenset[str]:
    """Return the words in the names of England's authorities and ICBs: barnet, kent, solihull and the like."""
    names = [row["name"] for row in read_table("local_authorities")]
    ending = " Community Safety Partnership"
    names += [row["label"].removesuffix(ending) for row in read_table("partnerships") if row["label"].endswith(ending)]
    names += [row["short_name"] for row in read_table("icbs")] + [row["name"] for row in read_table("regions")]
    words = {word.strip(",.()").lower() for name in names for word in name.replace("-", " ").split()}
    return frozenset(word for word in words if len(word) > len("the"))


AUTHORITIES = _authorities()
NOT_NAMES = words_of("not_names") | AUTHORITIES
ACRONYMS = words_of("acronyms")

FORENAMES = words_of("forenames") - NOT_NAMES
SURNAMES = words_of("surnames") - NOT_NAMES
LIKE_FORENAMES = words_of("forenames_that_are_words") - FORENAMES
LIKE_SURNAMES = words_of("surnames_that_are_words") - SURNAMES
