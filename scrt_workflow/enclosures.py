"""Files that go with an e-mail."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes with a message, of a media type; one that *is_shown* stands in the HTML as `cid:<name>`."""

    name: str
    media: str
    content: bytes
    is_shown: bool = False
