from __future__ import annotations

import subprocess
import sys

import pytest

from scanner.stress.program import events, finished, strays


def test_a_run_that_fails_is_an_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.exit('no such thing')"], stderr=subprocess.PIPE, text=True
    )
    with pytest.raises(RuntimeError, match="ended with 1: no such thing"):
        finished(process)


def test_a_line_cut_short_is_no_event() -> None:
    lines = ['{"event": "page"}', "TIFFReadDirectory: what", '{"event": "pa']
    assert events(lines) == [{"event": "page"}]
    assert strays(lines) == lines[1:]
