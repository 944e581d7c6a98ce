"""Pictures of workflows: Graphviz lays out DOT text, and what comes out is cut down to shapes and words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from threading import Lock
from xml.etree.ElementTree import Element, SubElement, fromstring, register_namespace, tostring

SVG = "http://www.w3.org/2000/svg"
SHAPES = frozenset({"ellipse", "g", "path", "polygon", "polyline", "text"})
LOOKS = """cx cy d fill fill-opacity font-family font-size points rx ry stroke stroke-dasharray stroke-opacity stroke-width
    text-anchor transform viewBox x y {http://www.w3.org/XML/1998/namespace}space"""
ATTRIBUTES = frozenset(LOOKS.split())
_one_at_a_time = Lock()  # Graphviz keeps its state in the process


@lru_cache(maxsize=256)
def as_svg(dot: str, title: str) -> str:
    """Draw *dot* as an SVG called *title*, which a page may show under a strict content security policy.

    Nothing is left that could run, style, link or fetch: no element but shapes and text, no attribute but their looks.
    """
    register_namespace("", SVG)
    drawn = fromstring(_laid_out(dot))  # noqa: S314 - Graphviz's own output
    view = drawn.attrib["viewBox"]
    _, _, width, height = (round(float(number)) for number in view.split())
    picture = Element(f"{{{SVG}}}svg", {"viewBox": view, "width": str(width), "height": str(height), "role": "img"})
    SubElement(picture, f"{{{SVG}}}title").text = title
    picture.extend(_kept(drawn))
    return tostring(picture, encoding="unicode")


def _laid_out(dot: str) -> bytes:
    import pygraphviz  # noqa: PLC0415 - only pictures need it, and it takes a while to start

    with _one_at_a_time:
        laid_out: bytes = pygraphviz.AGraph(string=dot).draw(format="svg", prog="dot")
    return laid_out


def _kept(parent: Element) -> Iterator[Element]:
    """Give what is kept of the children of *parent*: shapes and words, with no more than their looks."""
    for child in parent:
        name = str(child.tag).removeprefix(f"{{{SVG}}}")
        if name in SHAPES:
            looks = {key: value for key, value in child.attrib.items() if key in ATTRIBUTES}
            made = Element(f"{{{SVG}}}{name}", looks)
            if "font-family" in looks:
                made.set("font-family", f"{looks['font-family']}, sans-serif")
            made.text = child.text if name == "text" else None
            made.extend(_kept(child))
            yield made
