"""Read YAML so that every mistake is reported at once, each a sentence with a file and a line.

A definition is data. Only maps, lists and text are read: every scalar is text (`yes` is the word yes, `012` is not ten), and
anchors, aliases, tags, repeated keys, deep nesting and large files are refused before anything is built from them (IN7).
"""

from scrt_workflow.yaml_reader.fields import KEY, Fields
from scrt_workflow.yaml_reader.nodes import Items, Map, Text
from scrt_workflow.yaml_reader.problems import DefinitionError, Problem, Problems, did_you_mean
from scrt_workflow.yaml_reader.reading import DEEPEST_NESTING, LARGEST_FILE, read_yaml

__all__ = [
    "DEEPEST_NESTING",
    "KEY",
    "LARGEST_FILE",
    "DefinitionError",
    "Fields",
    "Items",
    "Map",
    "Problem",
    "Problems",
    "Text",
    "did_you_mean",
    "read_yaml",
]
