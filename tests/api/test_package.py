"""What ``import scanner`` offers, and what it costs."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import scanner
from scanner import errors

ROOT = Path(__file__).parents[2]
HEAVY = {"cv2", "distributed", "numpy", "pebble", "PIL", "pypdfium2", "scipy", "sklearn", "skops", "sqlite3", "tqdm"}


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"},
        text=True,
    )
    return done.stdout


def loaded_after(code: str) -> set[str]:
    """The modules that are loaded after some code ran, and not before."""
    shown = run_python(f"import sys; before = set(sys.modules)\n{code}\nprint(*sorted(set(sys.modules) - before))")
    return set(shown.split())


def test_importing_the_package_loads_nothing_else() -> None:
    assert loaded_after("import scanner; scanner.__version__; dir(scanner)") == {"scanner"}


def test_no_name_loads_anything_heavy_before_the_first_read() -> None:
    loaded = loaded_after("import scanner\nfor name in scanner.__all__: getattr(scanner, name)")
    assert "scanner.api.reading" in loaded
    assert not {name.partition(".")[0] for name in loaded} & HEAVY


def test_all_names_exist_and_are_listed() -> None:
    assert dir(scanner) == sorted(scanner.__all__)
    for name in scanner.__all__:
        value = getattr(scanner, name)
        assert name == "__version__" or value.__name__ == name
        assert name == "__version__" or value.__doc__


def test_all_errors_of_the_library_are_offered() -> None:
    kinds = {name for name, value in vars(errors).items() if isinstance(value, type)}
    assert kinds == {name for name in scanner.__all__ if name.endswith("Error")}


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse((ROOT / "scanner" / "__init__.py").read_text("utf-8"))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for name in node.names}
    assert imported - {"import_module"} == set(scanner.__all__) - {"__version__"}


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'scanner' has no attribute 'reed'"):
        _ = scanner.reed  # type: ignore[attr-defined]  # misspelt


def test_modules_can_still_be_imported_by_name() -> None:
    assert run_python("from scanner import errors, read; import scanner.pipeline; print(read.__name__)") == "read\n"
