"""The invented contacts of the demo: who holds which post in London, and in each of its ICBs."""

from collections.abc import Iterator
from typing import NamedTuple

from scrt_workflow.demo.people import REGION

REGIONAL = {
    "commissioning_ops": "commissioning.operations.london",
    "director_of_nursing": "director.of.nursing.london",
    "medical_director": "medical.director.london",
    "locality_director": "locality.director.london",
    "communications_team": "media.london",
    "specialised_comms": "specialised.media.london",
}
OWN = {"director_of_nursing": "director.of.nursing", "communications_team": "media"}
"""Posts that each ICB has for itself."""


class ContactRow(NamedTuple):
    """One contact: a post's code, an ODS code and an address."""

    organisation: str
    post: str
    email: str


def demo_contacts(icbs: list[str]) -> Iterator[ContactRow]:
    """Give the contacts of the region and of its *icbs*."""
    for post, name in REGIONAL.items():
        yield ContactRow(REGION, post, f"{name}@example.nhs.uk")
    for icb in icbs:
        for post, name in OWN.items():
            yield ContactRow(icb, post, f"{name}.{icb.lower()}@example.nhs.uk")
