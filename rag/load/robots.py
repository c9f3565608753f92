"""What a site's robots.txt asks of us (RFC 9309). Pure.

The standard library's parser knows no `*` and `$` within a path, which most sites use.
"""

from __future__ import annotations

from dataclasses import dataclass

LIMIT = 512_000
"""Bytes of a robots.txt that are read; the RFC asks for 500 KiB at least."""
LONGEST_DELAY = 30.0
"""Seconds between two requests that a site may ask for."""


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one site for us: (pattern, allowed), and the seconds between two requests."""

    rules: tuple[tuple[str, bool], ...] = ()
    delay: float | None = None

    def allows(self, target: str) -> bool:
        """Whether a path with its query may be fetched: the longest pattern decides, and allows if two do."""
        fitting = [(len(pattern), allowed) for pattern, allowed in self.rules if _fits(pattern, target)]
        return max(fitting)[1] if fitting else True


FORBIDDEN = Robots((("/", False),))
"""What a server that cannot say its rules is taken to mean (RFC 9309, 2.3.1.4)."""


def parse(text: str, agent: str) -> Robots:
    """The rules for `agent`'s product token, else those for everyone."""
    groups: dict[str, tuple[list[tuple[str, bool]], list[float]]] = {}
    current: list[str] = []
    naming = False
    for line in text.removeprefix("\ufeff").splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not colon:
            continue
        if key == "user-agent":
            current = [*current, value.lower()] if naming else [value.lower()]
            groups.setdefault(value.lower(), ([], []))
            naming = True
            continue
        naming = False
        for name in current:
            if key in {"allow", "disallow"} and value:
                groups[name][0].append((value, key == "allow"))
            elif key == "crawl-delay" and value.replace(".", "", 1).isdecimal():
                groups[name][1].append(min(float(value), LONGEST_DELAY))
    rules, delays = groups.get(agent.lower()) or groups.get("*") or ([], [])
    return Robots(tuple(rules), max(delays, default=None))


def _fits(pattern: str, target: str) -> bool:
    """`*` is any characters, `$` at the end is the end. No regular expression: patterns are a stranger's."""
    whole = pattern.endswith("$")
    first, *parts = pattern.removesuffix("$").split("*")
    if not target.startswith(first):
        return False
    at = len(first)
    for number, part in enumerate(parts):
        if whole and number == len(parts) - 1:
            return len(target) - len(part) >= at and target.endswith(part)
        found = target.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return not whole or at == len(target)
