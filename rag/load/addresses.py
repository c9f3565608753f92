"""Web addresses: which ones can be fetched, and which IP addresses a host name may resolve to."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from rag.errors import InputError

PORTS = {"http": 80, "https": 443}
"""The protocols that are fetched, with their usual ports."""
_CLOSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"),
        *("192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4"),
        *("::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001:db8::/32", "2002::/16"),
        *("2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
    )
)
"""Networks that IANA's registries of special-purpose addresses (RFC 6890) exclude, or once excluded, from the
public internet. The list is our own because Python's differs from version to version."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv6 addresses that contain an IPv4 address for translation (RFC 6052)."""
_COMPATIBLE = ipaddress.IPv6Network("::/96")
"""The obsolete IPv6 form of an IPv4 address (RFC 4291, 2.5.5.1)."""
_UNFIT = re.compile(r"[\x00-\x20\x7f\\]")
"""Characters that no address may contain unescaped: programs disagree about what they mean."""
_TRACKING = re.compile(
    r"(?i)(?:utm\w*|fbclid|gclid|dclid|msclkid|igshid|igsh|mc_cid|mc_eid|_ga|ref|ref_src|source|from|cmpid|ocid|amp)(?:=|\Z)"
)
"""Query parameters that campaigns and share buttons add; they do not tell pages apart."""
_KEPT = "/:?#[]@!$&'()*+,;=%~-._"
"""Characters that are not escaped in a path or query: those that RFC 3986 allows beside letters and digits,
and `%`, since what is escaped already stays as it is."""


@dataclass(frozen=True, slots=True)
class Address:
    """A web address in its parts. `host` is ASCII and has no brackets, as a resolver wants it."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> str:
        """Scheme, host and port as a URL writes them; the scheme's usual port is omitted."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    def __str__(self) -> str:
        return self.origin + self.target


def is_web(place: str) -> bool:
    """Whether `place` looks like an address (of the web or of another protocol) and not like a file."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]{1,20}:/*[^/\\]", place) is not None and "://" in place[:24]


def address(url: str) -> Address:
    """Parse an http or https address. Raises InputError if it is anything else, or if it has a user name or
    a password."""
    url = url.strip()
    if _UNFIT.search(url):
        raise InputError("the address contains a space, a backslash or a control character")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise InputError(f"this is not a web address ({error})") from error
    scheme = parts.scheme.lower()
    if scheme not in PORTS:
        raise InputError(f"only http and https addresses are fetched, and this is {scheme or 'neither'}")
    if parts.username is not None or parts.password is not None:
        raise InputError("an address with a user name or password in it is not fetched")
    if not host or port == 0:
        raise InputError("the address has no host")
    if ":" not in host:
        try:
            # A dot at the end stands for the root of all names; the host is the same with and without it.
            host = host.encode("idna").decode("ascii").removesuffix(".")
        except UnicodeError as error:
            raise InputError("the address has no valid host name") from error
    path = quote(parts.path or "/", safe=_KEPT)
    query = f"?{quote(parts.query, safe=_KEPT)}" if parts.query else ""
    return Address(scheme, host, port or PORTS[scheme], path + query)


def joined(base: str, link: str) -> str:
    """The absolute address of a link on the page at `base`, without a fragment (`#…`). Raises InputError."""
    try:
        scheme, host, path, query, _ = urlsplit(urljoin(base, link.strip()))
        return urlunsplit((scheme, host, path, query, ""))
    except ValueError as error:
        raise InputError(f"this is not a web address ({error})") from error


def site(url: str) -> str:
    """The host of an address without `www.`, `m.`, `amp.` or `mobile.`; the address itself if it has no
    valid host."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return url
    return re.sub(r"^(?:www|m|amp|mobile)\.", "", host)


def same_page(one: str, other: str) -> bool:
    """Whether two addresses name the same page: they differ at most in protocol, fragment, a slash at the
    end, the order of the query's parameters, and parameters that campaigns and share buttons add."""
    try:
        parts = [urlsplit(each) for each in (one, other)]
    except ValueError:
        return one == other
    first, second = (
        (
            site(url),
            each.path.rstrip("/"),
            sorted(p for p in each.query.split("&") if p and not _TRACKING.match(p)),
        )
        for url, each in zip((one, other), parts, strict=True)
    )
    return first == second


def is_public(number: str) -> bool:
    """Whether an IP address belongs to the public internet: it is not loopback, private, link-local,
    multicast, reserved or shared. If an IPv6 address contains an IPv4 address (RFC 4291, 6052, 3056, 4380),
    that one must be public too."""
    try:
        ip = ipaddress.ip_address(number.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        inner = ip.sixtofour or (ip.teredo and ip.teredo[1])
        if inner is None and (ip in _NAT64 or ip in _COMPATIBLE):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None and not is_public(str(inner)):
            return False
    if any(ip.version == network.version and ip in network for network in _CLOSED):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback)
