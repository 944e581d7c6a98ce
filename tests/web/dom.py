"""HTML compared as a browser would see it: elements, attributes and words, whatever the spaces between them."""

from bs4 import BeautifulSoup, NavigableString, Tag

Node = str | tuple[str, tuple[tuple[str, str], ...], tuple["Node", ...]]


def shape(markup: str) -> tuple[Node, ...]:
    """Give the elements of *markup*; attributes and the classes of an element are in order of name, runs of space are one."""
    body = BeautifulSoup(markup, "html5lib").body
    return _children(body) if body else ()


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
