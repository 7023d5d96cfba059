"""Addresses of the schedulers of Dask clusters."""

from __future__ import annotations

from urllib.parse import urlsplit

LOCAL_CLUSTER = "local"
"""Address that stands for a cluster of processes on this machine, which is then started."""
_SCHEMES = ("tcp", "tls")


def is_scheduler_address(address: str) -> bool:
    """Whether a text is an address such as ``tcp://host:8786``; whether something answers there is not looked at."""
    try:
        parts = urlsplit(address)
        # The parts of a host name are not empty and have at most 63 characters.
        host = (parts.hostname or "").encode("idna")
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in _SCHEMES and bool(host) and bool(port) and address == f"{parts.scheme}://{parts.netloc}"
