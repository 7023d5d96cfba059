from __future__ import annotations

import sys

import pytest

from scanner.errors import NotInstalledError
from scanner.web import serve


def test_without_flask_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flask", None)
    for module in ("scanner.web.app", "scanner.web.server"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(NotInstalledError, match=r"install digitscan\[web\]"):
        serve(port=0)
