from __future__ import annotations

import pytest

from scanner.web.guard import is_allowed_host, is_loopback, is_same_origin_post


@pytest.mark.parametrize(
    "header", ["localhost", "localhost:8000", "LOCALHOST:1", "127.0.0.1:8000", "[::1]", "[::1]:8000"]
)
@pytest.mark.parametrize("server_host", ["127.0.0.1", "localhost", "::1", "0.0.0.0", "scanner.lan"])
def test_loopback_names_are_always_allowed(header: str, server_host: str) -> None:
    assert is_allowed_host(header, server_host)


@pytest.mark.parametrize(
    "header",
    [
        *("", "evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example:8000"),
        *("192.168.1.7:8000", "localhost:port", "localhost@evil.example", "evil@localhost", "localhost/", "::1"),
        *("[::1", "localhost:8000/x", " localhost"),
    ],
)
def test_a_server_on_the_loopback_allows_no_other_name(header: str) -> None:
    assert not is_allowed_host(header, "127.0.0.1")


def test_a_server_on_the_network_allows_addresses_and_its_own_name() -> None:
    assert is_allowed_host("192.168.1.7:8000", "0.0.0.0")
    assert is_allowed_host("[fe80::1]:8000", "::")
    assert is_allowed_host("Scanner.lan:8000", "scanner.lan")
    assert not is_allowed_host("evil.example:8000", "0.0.0.0")


@pytest.mark.parametrize(
    ("origin", "fetch_site", "allowed"),
    [
        (None, None, True),
        ("http://localhost:8000", None, True),
        ("http://localhost:8000", "same-origin", True),
        (None, "none", True),
        ("http://localhost:8001", None, False),
        ("https://evil.example", None, False),
        ("null", None, False),
        (None, "cross-site", False),
        (None, "same-site", False),
        ("http://localhost:8000", "cross-site", False),
    ],
)
def test_a_post_is_from_the_same_origin_or_from_no_page(
    origin: str | None, fetch_site: str | None, allowed: bool
) -> None:
    assert is_same_origin_post("localhost:8000", origin, fetch_site) is allowed


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("Localhost", True),
        ("0.0.0.0", False),
        ("a.lan", False),
    ],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
