"""What may talk to the web page: this machine's browser, showing this page.

A page elsewhere on the web can make a browser send requests to ``localhost``.
Two checks stop that: the ``Host`` header must name this server (against DNS
rebinding), and a POST must come from our own page (against cross-site request
forgery: OWASP, "Cross-Site Request Forgery Prevention Cheat Sheet").
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def is_allowed_host(host_header: str, server_host: str) -> bool:
    """Whether a ``Host`` header can come from someone who meant this server.

    Args:
        host_header: value of the ``Host`` header, with or without a port.
        server_host: name or address the server listens on.

    Returns:
        For a server on the loopback, True only for the names of the loopback.  Otherwise
        True for these, for ``server_host`` and for any plain address: DNS rebinding needs a name.
    """
    name = _host_name(host_header)
    if name is None:
        return False
    if name in _LOOPBACK_NAMES:
        return True
    if is_loopback(server_host):
        return False
    return name == server_host.lower() or _parse_address(name) is not None


def is_same_origin_post(host_header: str, origin: str | None, fetch_site: str | None) -> bool:
    """Whether a POST comes from our own page, or from no page at all (as a command line tool's does).

    Args:
        host_header: the ``Host`` header.
        origin: the ``Origin`` header, None if absent; browsers send one with every POST, "null" where they hide it.
        fetch_site: the ``Sec-Fetch-Site`` header, None if absent.
    """
    if fetch_site not in {None, "same-origin", "none"}:
        return False
    return origin is None or urlsplit(origin).netloc.lower() == host_header.lower()


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on ``host``."""
    address = _parse_address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def _host_name(header: str) -> str | None:
    try:
        parts = urlsplit(f"//{header}")
        _ = parts.port  # raises if it is not a number
    except ValueError:
        return None
    if parts.netloc != header or "@" in header:
        return None
    return parts.hostname


def _parse_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
