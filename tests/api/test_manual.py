"""The examples of docs/python.md, run from top to bottom."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image as PilImage

from scanner.pipeline import run_stages

if TYPE_CHECKING:
    from scanner.options import ScanOptions
    from scanner.pipeline import StageOutputs
    from scanner.reading_models import Models
    from scanner.types import Image

ROOT = Path(__file__).parents[2]
MANUAL = (ROOT / "docs" / "python.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```\n", MANUAL, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the manual names."""
    samples = tmp_path / "samples"
    shutil.copytree(ROOT / "samples", samples)
    shutil.copytree(ROOT / "docs" / "sample-form", tmp_path / "sample-form")
    first, second = (PilImage.open(samples / name).convert("L") for name in ("amounts.png", "ruled_log.png"))
    first.save(tmp_path / "batch.pdf", save_all=True, append_images=[second], resolution=150)
    (tmp_path / "scans").mkdir()
    for name in ("amounts.png", "ruled_log.png"):
        shutil.copy(samples / name, tmp_path / "scans")
    (tmp_path / "scans" / "broken.png").write_bytes((samples / "ruled_log.png").read_bytes()[:9000])
    return tmp_path


@pytest.fixture
def _each_image_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remember what was read in this process: the examples read the same pages again and again."""
    # The models are kept as well: others must not come to have the same id.
    known: dict[tuple[Any, ...], tuple[Models, StageOutputs]] = {}

    def read_once(image: Image, models: Models, options: ScanOptions) -> StageOutputs:
        key = (image.tobytes(), image.shape, id(models), options)
        if key not in known:
            known[key] = (models, run_stages(image, models, options))
        return known[key][1]

    monkeypatch.setattr("scanner.batch.failure_isolation.run_stages", read_once)


def test_every_example_has_its_output() -> None:
    assert len(EXAMPLES) == MANUAL.count("```python\n") > 5


@pytest.mark.usefixtures("_each_image_is_read_once")
def test_the_examples_print_what_the_manual_says(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    for code, expected in EXAMPLES:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "docs/python.md", "exec"), names)
        assert printed.getvalue() == expected, code
