from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.errors import NotInstalledError
from scanner.pad import run_pad

OPEN = """
import sys
from pathlib import Path
from scanner.errors import NoDisplayError
from scanner.pad import run_pad
try:
    run_pad("cnn", Path(sys.argv[1]))
except NoDisplayError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="there is always a display here")
def test_without_a_display_the_error_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("tkinter", reason="the pad needs Tkinter")
    without_display = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    done = subprocess.run(
        [sys.executable, "-c", OPEN, str(tmp_path)], env=without_display, capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    assert done.stdout == "the pad needs a display to open its window, and there is none\n"


def test_without_tkinter_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "tkinter", None)
    monkeypatch.delitem(sys.modules, "scanner.pad.window", raising=False)
    with pytest.raises(NotInstalledError, match="install the package python3-tk"):
        run_pad("cnn", tmp_path)
