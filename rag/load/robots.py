"""Parse a site's robots.txt (RFC 9309). Pure functions.

The standard library's parser does not support `*` and `$` within a path, which most sites use.
"""

from __future__ import annotations

from dataclasses import dataclass

LIMIT = 512_000
"""Bytes of a robots.txt that are read; the RFC asks for at least 500 KiB."""
LONGEST_DELAY = 30.0
"""Seconds between two requests, at most, even if a site asks for more."""


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one site for us, as (pattern, whether it allows), and the seconds between two requests."""

    rules: tuple[tuple[str, bool], ...] = ()
    delay: float | None = None

    def allows(self, target: str) -> bool:
        """Whether a path (with its query) may be fetched. The longest pattern that fits decides; of two that
        are equally long, the one that allows."""
        fitting = [(len(pattern), allowed) for pattern, allowed in self.rules if _fits(pattern, target)]
        return max(fitting)[1] if fitting else True


FORBIDDEN = Robots((("/", False),))
"""The rules of a server that fails to return its robots.txt (RFC 9309, 2.3.1.4): nothing may be fetched."""


def parse(text: str, agent: str) -> Robots:
    """The rules for `agent`, our product token; if there are none, the rules for everyone."""
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
    """Whether a pattern fits: `*` stands for any characters, and `$` at its end for the end of the path.

    Without a regular expression, since a malicious pattern could keep one busy for ever.
    """
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
