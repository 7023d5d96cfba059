"""ARCHITECTURE names what there is."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
PATHS = sorted(set(re.findall(r"`((?:scanner/)?[a-z_]+/[a-z_]+)(?:\.py)?(?::[^`]*)?`", TEXT)))
CLASSES = sorted(set(re.findall(r"`([A-Z][A-Za-z]+[a-z][A-Za-z]*)`s?", TEXT)))
SOURCES = "".join(path.read_text("utf-8") for path in sorted((ROOT / "scanner").rglob("*.py")))


def test_it_names_some() -> None:
    assert len(PATHS) > 20
    assert len(CLASSES) > 20


@pytest.mark.parametrize("path", PATHS)
def test_every_module_it_names_exists(path: str) -> None:
    inside = ROOT / "scanner" / path.removeprefix("scanner/")
    assert inside.with_suffix(".py").is_file() or inside.is_dir()


@pytest.mark.parametrize("name", CLASSES)
def test_every_value_it_names_is_a_class(name: str) -> None:
    assert re.search(rf"^(?:class {name}\b|{name} = )", SOURCES, re.MULTILINE)
