"""Write definitions as YAML that reads back as the same data, and change a text in one place without touching the rest.

Definitions are kept as people wrote them, comments and spacing included. An edit in the browser changes the entry that it
names; whatever else stands in the file stays as it was, to the byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from scrt_workflow.yaml_reader import Items, Map, Problems, Text, read_yaml

WIDTH = 120  # columns
STEP = 2  # columns that a level is indented
_PLAIN = re.compile(r"[A-Za-z0-9_À-ɏ](?:[^\x00-\x1f\x7f]*[^\x00-\x1f\x7f ])?")
_SPLIT = re.compile(r": |:$| #|\t")
_FLOW = re.compile(r"[,\[\]{}]|:$")
_FOLDED = re.compile(r"\S+(?: \S+)*")


def write_yaml(node: Map) -> str:
    """Give *node* as the text of a file: its entries as blocks, what is short on one line."""
    return "".join(_entries(node, 0, level=1))


def rewrite_yaml(text: str, node: Map) -> str:
    """Give *text* changed so that it reads as *node*: every entry that says the same as before is left as it was written."""
    problems = Problems()
    old = read_yaml(text, file="", problems=problems)
    if len(problems) == 0 and same(old, node):
        return text
    if len(problems) == 0 and old:
        made = "".join(_changed_map(text.removeprefix("\ufeff").replace("\r\n", "\n").splitlines(keepends=True), old, node, 0, 1))
        if _reads_as(made, node):
            return made
    return write_yaml(node)


def _reads_as(text: str, node: Map) -> bool:
    problems = Problems()
    found = read_yaml(text, file="", problems=problems)
    return len(problems) == 0 and same(found, node)


def same(one: Any, other: Any) -> bool:
    """Say whether two nodes hold the same, in the same order."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


# Writing anew


def _entries(node: Map, indent: int, *, level: int) -> Iterator[str]:
    for key, value in node.items():
        yield from _entry(key, value, indent, level=level)


def _entry(key: str, value: Any, indent: int, *, level: int) -> Iterator[str]:
    """Give the lines of `key: value`; of the first two levels maps are blocks, deeper ones stand on one line if they fit."""
    start = f"{' ' * indent}{_scalar(key, flow=False)}:"
    if isinstance(value, str):
        yield f"{start} {_text(value, len(start) + 1, indent + STEP)}\n"
        return
    line = f"{start} {_flow(value)}\n"
    if _fits(line, value, level=level):
        yield line
        return
    yield f"{start}\n"
    if isinstance(value, dict):
        yield from _entries(Map(value), indent + STEP, level=level + 1)
    else:
        yield from (line for item in value for line in _item(item, indent + STEP, level=level + 1))


def _item(value: Any, indent: int, *, level: int) -> Iterator[str]:
    start = f"{' ' * indent}- "
    if isinstance(value, str):
        yield f"{start}{_text(value, len(start), indent + STEP)}\n"
        return
    line = f"{start}{_flow(value)}\n"
    if _fits(line, value, level=level):
        yield line
        return
    inner = list(
        _entries(Map(value), indent + STEP, level=level + 1)
        if isinstance(value, dict)
        else (line for item in value for line in _item(item, indent + STEP, level=level + 1))
    )
    yield start + inner[0].removeprefix(" " * (indent + STEP))
    yield from inner[1:]


def _fits(line: str, value: Any, *, level: int) -> bool:
    is_block = isinstance(value, dict) and level == 1 and value
    return not is_block and len(line) <= WIDTH and "\n" not in line[:-1] and "\\n" not in line


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key, flow=True)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value, flow=True)


def _text(text: str, column: int, indent: int) -> str:
    """Give *text* as it stands after `key: `: plain, as a block of lines, folded where it is long, or in quotes."""
    if "\n" in text and not text.startswith((" ", "\n")) and text.strip(" \n"):
        chomp = "" if text.endswith("\n") and not text.endswith("\n\n") else "-" if not text.endswith("\n") else "+"
        lines = text.removesuffix("\n").split("\n")
        return f"|{chomp}" + "".join(f"\n{' ' * indent}{line}" if line else "\n" for line in lines)
    if column + len(text) > WIDTH and _FOLDED.fullmatch(text):
        return ">-" + "".join(f"\n{' ' * indent}{line}" for line in _folded(text, WIDTH - indent))
    return _scalar(text, flow=False)


def _folded(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def _scalar(text: str, *, flow: bool) -> str:
    if _PLAIN.fullmatch(text) and not _SPLIT.search(text) and not (flow and _FLOW.search(text)):
        return str(text)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


# Changing what is there: `lines` are those of one map or list, whose first line in the file is `first` (1 is the file's)


def _changed_map(lines: list[str], old: Map, new: Map, indent: int, first: int, *, level: int = 1) -> Iterator[str]:
    """Give the lines of *new*, those of *old* that say the same among them."""
    slices = _slices(lines, [(str(key), key.line) for key in old], indent, first)
    if slices is None:
        yield from _entries(new, indent, level=level)
        return
    spaced = sum(lead.strip() == "" and lead != "" for lead, _, _ in slices.values()) * 2 >= len(slices) > 1
    kept = dict(zip(old, slices.values(), strict=True))
    for key, value in new.items():
        if key not in kept:
            yield from ["\n"] * spaced
            yield from _entry(key, value, indent, level=level)
            continue
        lead, own, start = kept[key]
        yield lead
        if same(old[key], value):
            yield from own
        else:
            yield from _changed_entry(own, (key, old[key], value), indent, start, level=level)


def _changed_entry(lines: list[str], entry: tuple[Text, Any, Any], indent: int, first: int, *, level: int) -> Iterator[str]:
    key, old, new = entry
    inner = _inner(old, new)
    is_block = lines[0].split("#")[0].rstrip().endswith(":")
    if inner is None or not is_block or len(lines) < 2:
        yield from _entry(key, new, indent, level=level)
        return
    deeper = len(lines[inner - first]) - len(lines[inner - first].lstrip(" ")) if inner - first < len(lines) else 0
    yield lines[0]
    if isinstance(old, Map):
        yield from _changed_map(lines[1:], old, new, deeper, first + 1, level=level + 1)
    else:
        yield from _changed_items(lines[1:], old, new, deeper, first + 1, level=level + 1)


def _inner(old: Any, new: Any) -> int | None:
    """Give the line on which the first entry of *old* stands, where *old* can be changed entry by entry."""
    if isinstance(old, Map) and isinstance(new, dict) and old and new:
        return next(iter(old)).line
    if isinstance(old, Items) and isinstance(new, list) and old and new:
        return int(old[0].line)
    return None


def _changed_items(lines: list[str], old: Items, new: list[Any], indent: int, first: int, *, level: int) -> Iterator[str]:
    slices = _slices(lines, [("-", item.line) for item in old], indent, first)
    if slices is None:
        yield from (line for item in new for line in _item(item, indent, level=level))
        return
    kept, left = list(slices.values()), list(range(len(old)))
    places = {}
    for at, item in enumerate(new):
        if (alike := next((one for one in left if same(old[one], item)), None)) is not None:
            places[at] = alike
            left.remove(alike)
    for at, item in enumerate(new):
        place = places.get(at, at if at in left else None)
        if place is None:
            yield from _item(item, indent, level=level)
            continue
        lead, own, start = kept[place]
        yield lead
        if at in places:
            yield from own
        elif isinstance(old[place], Map) and isinstance(item, dict) and own[0].lstrip().startswith("- ") and old[place] and item:
            opened = [own[0].replace("-", " ", 1), *own[1:]]
            deeper = len(opened[0]) - len(opened[0].lstrip(" "))
            made = "".join(_changed_map(opened, old[place], Map(item), deeper, start, level=level + 1))
            yield re.sub(rf"^((?:\s*(?:#.*)?\n)*) {{{indent}}} ", rf"\g<1>{' ' * indent}-", made, count=1)
        else:
            yield from _item(item, indent, level=level)


def _slices(
    lines: list[str], starts: list[tuple[str, int]], indent: int, first: int
) -> dict[int, tuple[str, list[str], int]] | None:
    """Cut *lines* into one piece an entry: the comment before it, its own lines and the number of its first one.

    None where the entries do not stand on lines of their own.
    """
    begins = [line - first for _, line in starts]
    for (word, _), at in zip(starts, begins, strict=True):
        if not 0 <= at < len(lines) or not re.match(rf" {{{indent}}}[\"']?{re.escape(word)}[\"']?(?:\s|:)", lines[at]):
            return None
    if any(later <= earlier for earlier, later in pairwise(begins)):
        return None
    found, end = {}, 0
    heads = [_head(lines, at, indent, least) for at, least in zip(begins, [0, *(at + 1 for at in begins)], strict=False)]
    for place, (head, at) in enumerate(zip(heads, begins, strict=True)):
        end = heads[place + 1] if place + 1 < len(heads) else len(lines)
        found[place] = ("".join(lines[head if place else 0 : at]), lines[at:end], first + at)
    return found


def _head(lines: list[str], at: int, indent: int, least: int) -> int:
    """Give the line at which the comment before line *at* begins, or *at*."""
    while at > least and (not lines[at - 1].strip() or re.match(rf" {{{indent}}}#", lines[at - 1])):
        at -= 1
    return at
