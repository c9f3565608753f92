"""Word's styles (ECMA-376, 17.7) -> what they say of a text set in them: struck, hidden, raised, lowered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree

Marks = Mapping[str, str]
"""Names of run properties, as Word has them, with their values."""

READ = frozenset(("strike", "dstrike", "vanish", "vertAlign", "position", "sz"))
"""The properties of text that are read."""
_OFF = frozenset(("0", "false", "off", "none"))
"""Values that switch a property off."""
_DEEPEST = 20
"""Styles on which a style is based, one on another: Word allows eleven."""


def name_of(element: ElementTree.Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def value_of(element: ElementTree.Element) -> str:
    """What an element's `val` says, nothing where it has none."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == "val"), "")


def marks_in(properties: Iterable[ElementTree.Element]) -> dict[str, str]:
    """The marks of one run's or one style's properties that change how its words are read."""
    return {name: value_of(each) for each in properties if (name := name_of(each)) in READ}


def is_on(marks: Marks, *names: str) -> bool:
    """Whether one of these marks is set, and not set to say that it is off."""
    return any(name in marks and marks[name].lower() not in _OFF for name in names)


class Styles:
    """A file's styles by their ids; without a part that tells of them there is none."""

    def __init__(self, part: ElementTree.Element | None) -> None:
        self._own: dict[str, dict[str, str]] = {}
        self._based: dict[str, str] = {}
        for style in part if part is not None else ():
            id = next(
                (value for key, value in style.attrib.items() if key.rpartition("}")[2] == "styleId"), ""
            )
            if name_of(style) != "style" or not id:
                continue
            self._own[id] = {}
            for each in style:
                if name_of(each) == "rPr":
                    self._own[id] = marks_in(each)
                elif name_of(each) == "basedOn":
                    self._based[id] = value_of(each)

    def marks(self, id: str) -> dict[str, str]:
        """What a style says, with what it takes from those on which it is based."""
        line: list[str] = []
        while id in self._own and id not in line and len(line) < _DEEPEST:
            line.append(id)
            id = self._based.get(id, "")
        found: dict[str, str] = {}
        for each in reversed(line):
            found.update(self._own[each])
        return found
