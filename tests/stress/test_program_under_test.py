from __future__ import annotations

import subprocess
import sys

import pytest

from scanner.stress.program_under_test import find_stray_lines, parse_events, wait_for_success


def test_a_batch_that_fails_is_an_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.exit('no such thing')"], stderr=subprocess.PIPE, text=True
    )
    with pytest.raises(RuntimeError, match="ended with exit code 1: no such thing"):
        wait_for_success(process)


def test_a_line_cut_short_is_no_event() -> None:
    lines = ['{"event": "page"}', "TIFFReadDirectory: what", '{"event": "pa']
    assert parse_events(lines) == [{"event": "page"}]
    assert find_stray_lines(lines) == lines[1:]
