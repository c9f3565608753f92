"""Web addresses: which can be fetched at all, and which numbers a name may lead to."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from rag.errors import InputError

PORTS = {"http": 80, "https": 443}
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
"""What the registries of special-purpose addresses (IANA, RFC 6890) keep from the public internet, and what
was kept from it once. A list of our own: Python's grows with its versions."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_UNFIT = re.compile(r"[\x00-\x20\x7f\\]")
_TRACKING = re.compile(
    r"(?i)(?:utm\w*|fbclid|gclid|dclid|msclkid|igshid|igsh|mc_cid|mc_eid|_ga|ref|ref_src|source|from|cmpid|ocid|amp)(?:=|\Z)"
)
# What a path and a query may hold beside letters and digits (RFC 3986), and what is already escaped.
_KEPT = "/:?#[]@!$&'()*+,;=%~-._"


@dataclass(frozen=True, slots=True)
class Address:
    """A web address taken apart. `host` is as it is sent: ASCII, without brackets."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> str:
        """Scheme, host and port, as they are written."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    def __str__(self) -> str:
        return self.origin + self.target


def is_web(place: str) -> bool:
    """Whether a place is meant as an address of the web or of another protocol, and not as a file."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]{1,20}:/*[^/\\]", place) is not None and "://" in place[:24]


def address(url: str) -> Address:
    """Raises InputError where it is not plainly an http or https address."""
    url = url.strip()
    if _UNFIT.search(url):
        raise InputError("the address holds a space, a backslash or a control character")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise InputError(f"this is no web address ({error})") from error
    scheme = parts.scheme.lower()
    if scheme not in PORTS:
        raise InputError(f"only http and https addresses are fetched, and this is {scheme or 'neither'}")
    if parts.username is not None or parts.password is not None:
        raise InputError("an address with a user name or password in it is not fetched")
    if not host or port == 0:
        raise InputError("the address has no host")
    if ":" not in host:
        try:
            # The dot at the end names the root: the same host, however it is spelled.
            host = host.encode("idna").decode("ascii").removesuffix(".")
        except UnicodeError as error:
            raise InputError("the address has no valid host name") from error
    path = quote(parts.path or "/", safe=_KEPT)
    query = f"?{quote(parts.query, safe=_KEPT)}" if parts.query else ""
    return Address(scheme, host, port or PORTS[scheme], path + query)


def joined(base: str, link: str) -> str:
    """A link as the page at `base` means it, without the place within the page. InputError as above."""
    try:
        scheme, host, path, query, _ = urlsplit(urljoin(base, link.strip()))
        return urlunsplit((scheme, host, path, query, ""))
    except ValueError as error:
        raise InputError(f"this is no web address ({error})") from error


def site(url: str) -> str:
    """The host without the prefixes by which a site has several; the address itself where it has none."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return url
    return re.sub(r"^(?:www|m|amp|mobile)\.", "", host)


def same_page(one: str, other: str) -> bool:
    """Whether two addresses differ only in what never tells pages apart: the protocol, the place within the
    page, a slash at the end, and what a campaign or a share has added."""
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
    """Whether an IP address belongs to the public internet: not loopback, private, link-local,
    multicast, reserved or shared, also where IPv6 wraps an IPv4 address (RFC 4291, 6052, 3056, 4380)."""
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
