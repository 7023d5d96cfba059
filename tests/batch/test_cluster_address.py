import pytest

from scanner.batch.cluster_address import is_scheduler_address


@pytest.mark.parametrize(
    "address",
    ["tcp://host:8786", "tcp://127.0.0.1:1", "tls://a.example.org:65535", "tcp://[::1]:8786", "tcp://b\u00fcro:1"],
)
def test_addresses_with_scheme_host_and_port_are_those_of_schedulers(address: str) -> None:
    assert is_scheduler_address(address)


@pytest.mark.parametrize(
    "address",
    [
        *("", "local", "localhost", "127.0.0.1", "bogus", "host:8786", "scheduler.json", "a b:1"),
        *("tcp://", "tcp://host", "tcp://:8786", "tcp://host:x", "tcp://host:0", "tcp://host:99999", "tcp://[::1"),
        *("foo://host:1", "inproc://1/2/3", "http://host:8787", "tcp://host:8786/status", "tcp://a..b:1"),
        "tcp://" + "a" * 300 + ":1",
    ],
)
def test_others_are_not(address: str) -> None:
    assert not is_scheduler_address(address)
