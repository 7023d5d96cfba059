"""Checks that keep other websites from using the server.

Any website can make a browser send requests to ``localhost``.  Two checks stop that: the ``Host`` header must name
this server (against DNS rebinding), and a POST must come from its own page (against cross-site request forgery:
OWASP, "Cross-Site Request Forgery Prevention Cheat Sheet").
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
"""Headers of every answer: the page loads nothing from elsewhere and is shown in no frame."""


def is_allowed_host(host_header: str, server_host: str) -> bool:
    """Whether a ``Host`` header names this server.

    Args:
        host_header: value of the ``Host`` header, with or without port.
        server_host: name or address the server listens on.

    Returns:
        For a server on a loopback address, True for the loopback names only.  Otherwise also True for
        ``server_host`` and for any IP address, because DNS rebinding needs a name.
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
    """Whether a POST comes from the server's own page, or from no page at all, as that of a command-line tool.

    Args:
        host_header: value of the ``Host`` header.
        origin: value of the ``Origin`` header, None if absent; browsers send one with every POST, ``null`` to hide it.
        fetch_site: value of the ``Sec-Fetch-Site`` header, None if absent.
    """
    if fetch_site not in {None, "same-origin", "none"}:
        return False
    return origin is None or urlsplit(origin).netloc.lower() == host_header.lower()


def is_loopback(host: str) -> bool:
    """Whether a server that listens on ``host`` can be reached from this machine only."""
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
