"""Invented references in the forms that boards, regions and StEIS use, and NHS numbers that belong to nobody."""

import random
from collections.abc import Callable

from scrt_workflow.reference import organisations
from scrt_workflow.reference.tables import read_table

KINDS = ["SAR", "DHR", "CSPR", "RR", "LCSPR", "SCR", "DARDR", "RAPID"]
LABELS = ["Adult", "Baby", "Child", "Family", "Mr", "Mrs", "Ms", "Sibling"]
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
AUTHORITIES = [row["name"] for row in read_table("local_authorities")]
AUTHORITY_CODES = [row["la_register_code"] for row in read_table("local_authorities")]
ICBS = [row.code for row in organisations() if row.kind == "icb"]
PLACES = ["NEL", "NCL", "NWL", "SEL", "SWL", "BLMK", "BOB", "BNSSG", "HIOW", "LSC", "NENC", "HNY", "SNEE", "MSE", "GM", "WY"]


def initials(name: str) -> str:
    return "".join(word[0] for word in name.replace("-", " ").split() if word[0].isupper())


FORMS: list[Callable[[random.Random], str]] = [
    lambda dice: f"{dice.randint(2014, 2026)}/{dice.randint(1, 32000)}",
    lambda dice: f"{dice.randint(2014, 2026)}/{dice.randint(1, 32000):05}",
    lambda dice: f"StEIS {dice.randint(2014, 2026)}/{dice.randint(1, 32000)}",
    lambda dice: f"STEIS no. {dice.randint(2014, 2026)}-{dice.randint(1, 32000)}",
    lambda dice: f"{dice.choice(PLACES)}-{dice.choice(KINDS)}-{dice.randint(2019, 2026)}-{dice.randint(1, 40):02}",
    lambda dice: f"LB-{dice.choice(KINDS)}-{dice.randint(1, 60)}",
    lambda dice: f"{initials(dice.choice(AUTHORITIES))}SAB/{dice.randint(19, 26)}/{dice.randint(1, 30)}",
    lambda dice: f"{initials(dice.choice(AUTHORITIES))}SCP-{dice.randint(2019, 2026)}-{dice.randint(1, 30):03}",
    lambda dice: f"{initials(dice.choice(AUTHORITIES))}LSCP {dice.randint(19, 26)}-{dice.randint(1, 30):02}",
    lambda dice: f"{dice.choice(AUTHORITY_CODES)}-{dice.choice(KINDS)}-{dice.randint(1, 30):02}",
    lambda dice: f"{dice.choice(AUTHORITY_CODES)}{dice.randint(19, 26)}{dice.randint(1, 999):03}",
    lambda dice: f"{dice.choice(AUTHORITIES)} {dice.choice(KINDS)} {dice.randint(1, 30)}",
    lambda dice: f"{dice.choice(AUTHORITIES).upper()}/{dice.choice(KINDS)}/{dice.randint(2019, 2026)}/{dice.randint(1, 30)}",
    lambda dice: f"{dice.choice(AUTHORITIES)} CSP DHR {dice.randint(1, 30)} of {dice.randint(2015, 2026)}",
    lambda dice: f"{dice.choice(ICBS)}/{dice.choice(KINDS)}/{dice.randint(19, 26)}/{dice.randint(1, 99):03}",
    lambda dice: f"{dice.choice(KINDS)}{dice.randint(2019, 2026)}{dice.randint(1, 99):02}",
    lambda dice: f"{dice.choice(KINDS)} {dice.choice(LETTERS)}{dice.randint(1, 99)}",
    lambda dice: f"{dice.choice(LABELS)} {dice.choice(LETTERS)}",
    lambda dice: f"{dice.choice(KINDS)} - {dice.choice(LABELS)} {dice.choice(LETTERS)} {dice.randint(2019, 2026)}",
    lambda dice: f"LFPSE-{dice.randint(1, 9999999):07}",
    lambda dice: f"W{dice.randint(10000, 999999)}",
    lambda dice: f"HO-DHR-{dice.randint(2019, 2026)}-{dice.randint(1, 200):03}",
    lambda dice: f"SIN {dice.randint(10000, 99999)}",
    lambda dice: f"{dice.randint(10000, 99999999)}",
    lambda dice: f"Ref: {dice.randint(1, 30)}/{dice.randint(19, 26)}",
    lambda dice: f"thematic review {dice.randint(1, 9)}, {dice.choice(AUTHORITIES)} Safeguarding Adults Board",
]  # fmt: skip


def references(number: int) -> list[str]:
    """Return *number* different references, always the same."""
    dice = random.Random(20241031)
    found: dict[str, None] = {}
    while len(found) < number:
        found[dice.choice(FORMS)(dice)] = None
    return list(found)


def nhs_numbers(number: int) -> list[str]:
    """Return *number* numbers that pass the NHS's check, a tenth of them from the test range 999, always the same."""
    dice = random.Random(9434765919)
    found: dict[str, None] = {}
    while len(found) < number:
        nine = f"999{dice.randint(0, 999999):06}" if len(found) % 10 == 0 else f"{dice.randint(0, 999999999):09}"
        check = -sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
        if check < 10:
            found[f"{nine}{check}"] = None
    return list(found)
