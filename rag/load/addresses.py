"""Web addresses: which can be fetched at all, and which numbers a name may lead to."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from rag.errors import InputError

PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_UNFIT = re.compile(r"[\x00-\x20\x7f\\]")
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
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback)
