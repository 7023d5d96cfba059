from __future__ import annotations

import socket
import threading
import urllib.request

import pytest

pytest.importorskip("flask", reason="the web page needs Flask")

from flask import Flask

from scanner.errors import DigitscanError
from scanner.web.server import open_server, page_url


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    app.add_url_rule("/", "page", lambda: "hello")
    return app


def test_it_answers_on_a_free_port_and_logs_nothing(app: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    server = open_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with urllib.request.urlopen(page_url("127.0.0.1", server.port), timeout=30) as answer:
            assert answer.read() == b"hello"
    finally:
        server.shutdown()
        thread.join(30)
    assert capfd.readouterr() == ("", "")


def test_a_port_in_use_is_an_error_in_one_line(app: Flask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DigitscanError, match=rf"^cannot serve at 127\.0\.0\.1 port {port}: .*; choose another"):
            open_server("127.0.0.1", port, app)


@pytest.mark.parametrize(("host", "port"), [("no.such.host.invalid", 0), ("192.0.2.1", 0)])
def test_an_address_that_cannot_be_listened_on_is_an_error(app: Flask, host: str, port: int) -> None:
    with pytest.raises(DigitscanError, match="cannot serve at"):
        open_server(host, port, app)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_out_of_range_is_an_error(app: Flask, port: int) -> None:
    with pytest.raises(DigitscanError, match=f"port {port} is not between 0 and 65535"):
        open_server("127.0.0.1", port, app)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80/"),
        ("::1", "http://[::1]:80/"),
        ("0.0.0.0", "http://127.0.0.1:80/"),
        ("::", "http://[::1]:80/"),
        ("scanner.lan", "http://scanner.lan:80/"),
    ],
)
def test_the_address_can_be_opened(host: str, url: str) -> None:
    assert page_url(host, 80) == url
