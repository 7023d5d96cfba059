"""The script that leaves out one stage after the other calls the stages by the names that they have."""

import pkgutil
import runpy
from pathlib import Path

import pytest

SCRIPT = runpy.run_path(str(Path(__file__).parent.parent / "docs" / "ablation.py"))


@pytest.mark.parametrize("stage", SCRIPT["WITHOUT"])
def test_what_is_replaced_exists(stage: str) -> None:
    name, replacement = SCRIPT["WITHOUT"][stage]
    replaced = pkgutil.resolve_name(name)
    assert callable(replaced)
    assert replaced is not replacement
