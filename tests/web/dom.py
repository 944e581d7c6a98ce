"""HTML compared as a browser would see it: elements, attributes and words, whatever the spaces between them."""

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag

Node = str | tuple[str, tuple[tuple[str, str], ...], tuple["Node", ...]]


def shape(markup: str) -> tuple[Node, ...]:
    """Give the elements of *markup*, with attributes and classes in order of name, and runs of space as one."""
    body = BeautifulSoup(markup, "html5lib").body
    return _children(body) if body else ()


def within(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Give what is inside the one element of *nodes*."""
    (element,) = nodes
    assert not isinstance(element, str)
    return element[2]


def one(page: Tag, selector: str) -> Tag:
    """Find the one element that *selector* means; fails when there is none, or more than one."""
    (found,) = page.select(selector)
    return found


def _children(parent: Tag) -> tuple[Node, ...]:
    found: list[Node] = []
    for child in parent.children:
        if isinstance(child, Tag):
            found.append((child.name, _attributes(child), _children(child)))
        elif isinstance(child, NavigableString) and (words := " ".join(child.split())):
            found.append(words)
    return tuple(found)


def _attributes(tag: Tag) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, _value(value)) for name, value in tag.attrs.items()))


def _value(value: str | list[str]) -> str:
    return " ".join(sorted(value)) if isinstance(value, list) else " ".join(value.split())
