"""Our own code as it is written, for rules about what no module may do."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "scrt_workflow"


@dataclass(frozen=True, slots=True)
class Place:
    """A piece of code: the function that it stands in, such as `operations.steps.move`, and its line."""

    function: str
    line: int
    node: ast.AST

    @property
    def module(self) -> str:
        """The module that it stands in, such as `operations.steps`, if it stands in a function or at the top."""
        return module_of(self.function)

    def __str__(self) -> str:
        """Name the place as a person looks for it."""
        return f"{self.function}, line {self.line}"


@cache
def modules() -> dict[str, ast.Module]:
    """Give every module of the package by its name within it, `operations.steps`, as a syntax tree."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def module_of(function: str) -> str:
    """Give the longest name of a module that *function* begins with."""
    parts = function.split(".")
    names = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next(name for name in names if name in modules())


@cache
def _everywhere() -> tuple[Place, ...]:
    return tuple(place for name, tree in modules().items() for place in places_in(tree, name))


def places(within: str = "") -> Iterator[Place]:
    """Give every piece of code of the modules whose name begins with *within*."""
    return (place for place in _everywhere() if place.function.startswith(within))


def places_in(node: ast.AST, function: str) -> Iterator[Place]:
    """Give every piece of code in *node*, which stands in *function*."""
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        inner = f"{function}.{child.name}" if isinstance(child, ast.FunctionDef | ast.ClassDef) and named else function
        yield Place(inner, getattr(child, "lineno", 0), child)
        yield from places_in(child, inner)


def calls(name: str, within: str = "") -> Iterator[Place]:
    """Give every call of a function or method called *name*, however it is reached."""
    for place in places(within):
        if isinstance(place.node, ast.Call) and called(place.node) == name:
            yield place


def called(call: ast.Call) -> str:
    """Give the last name of what is called: `commit` of `session.commit()`."""
    return last_name(call.func)


def last_name(node: ast.AST) -> str:
    """Give `review` of `review`, and of `doing.record.review`; nothing for anything else."""
    match node:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
    return ""


def importers_of(library: str) -> set[str]:
    """Name the modules that import *library* or a part of it."""
    found = set()
    for place in places():
        match place.node:
            case ast.Import(names):
                imported = [alias.name for alias in names]
            case ast.ImportFrom(module=module) if module:
                imported = [module]
            case _:
                continue
        if any(name == library or name.startswith(f"{library}.") for name in imported):
            found.add(place.module)
    return found


def writes_of(column: str, among: Iterable[Place]) -> Iterator[Place]:
    """Give every place that may give a row's *column* a value: assigned, set by name, or a key of values to be written."""
    return (place for place in among if _writes(place.node, column))


def _writes(node: ast.AST, column: str) -> bool:
    match node:
        case ast.Attribute(attr=name, ctx=ast.Store()) | ast.Subscript(slice=ast.Constant(value=name), ctx=ast.Store()):
            return bool(name == column)
        case ast.Dict(keys=keys):
            return any(isinstance(key, ast.Constant) and key.value == column for key in keys)
        case ast.Call():
            return _sets(node, column)
    return False


def _sets(call: ast.Call, column: str) -> bool:
    name = called(call)
    by_name = name in {"setattr", "set_committed_value", "set_attribute", "__setattr__"}
    if by_name and any(isinstance(one, ast.Constant) and one.value == column for one in call.args):
        return True
    return name in {"Review", "values", "dict"} and any(keyword.arg == column for keyword in call.keywords)
