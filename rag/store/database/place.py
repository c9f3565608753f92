"""Where an archive lies: a file, or a PostgreSQL database, whose address never shows what is secret in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from rag.errors import SettingsError

# Patterns as text: they are compiled where there is an address, and most installations have none.
_SCHEME = r"postgres(?:ql)?://"
_HOST = r"(?:\[[0-9A-Fa-f:.%]+\]|[\w.%-]*)(?::\d{1,5})?"
"""A host with or without a port. libpq allows several, with commas."""
_PASSWORD = r"[?&](?:ssl)?password=([^&]*)"
"""A password among the options of an address."""


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL database, by its address (https://www.postgresql.org/docs/current/libpq-connect.html).

    It prints without its password and its options. Raises SettingsError for what is no address.
    """

    url: str = field(repr=False)

    def __post_init__(self) -> None:
        _, hosts, rest = self._parts()
        # An `@` behind the host is a password with a sign that must be escaped: half of it would be taken
        # for something that may be shown.
        sound = re.match(_SCHEME, self.url) and re.fullmatch(f"{_HOST}(?:,{_HOST})*", hosts)
        if not sound or "@" in rest:
            raise SettingsError(
                "the address of the database is none of PostgreSQL's",
                "it looks like postgresql://user:password@host:5432/database, and signs such as @ / ? # in a "
                "password are written %40 %2F %3F %23",
            )

    def __str__(self) -> str:
        credentials, hosts, rest = self._parts()
        user = credentials.partition(":")[0]
        return f"postgresql://{user + '@' if user else ''}{hosts}{rest.partition('?')[0]}"

    def hidden(self, text: str) -> str:
        """The text without the address and the passwords in it."""
        credentials, _, rest = self._parts()
        secrets = [credentials.partition(":")[2], *re.findall(_PASSWORD, rest)]
        for each in (self.url, *secrets, *map(unquote, secrets)):
            text = text.replace(each, "…") if each else text
        return text

    def _parts(self) -> tuple[str, str, str]:
        """User and password, hosts, and what stands behind them."""
        behind = self.url.partition("://")[2]
        place = re.match(r"[^/?]*", behind)
        authority = place.group() if place else ""
        credentials, _, hosts = authority.rpartition("@")
        return credentials, hosts, behind[len(authority) :]


Place = Path | Server
"""Where an archive lies."""


def place_of(name: str) -> Place:
    """The place that a user names: an address of PostgreSQL's, or a file. Raises SettingsError."""
    return Server(name) if re.match(_SCHEME, name) else Path(name).expanduser()
