from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scanner.weights import models_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    Run = Callable[..., Result]


def test_it_passes_on_its_options_and_prints_the_address(succeed: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Any, ...]] = []

    def edit(form: Path, page: str | None, port: int, on_ready: Callable[[str], None], models: Path | None) -> None:
        calls.append((form, page, port, models))
        on_ready("http://127.0.0.1:1/form/x/")

    monkeypatch.setattr("scanner.web.edit_form", edit)
    assert "http://127.0.0.1:1/form/x/" in succeed("form", "edit", "form.toml").stdout
    succeed("form", "edit", "form.toml", "a.pdf#2", "--port", "8001", "--models", models_folder())
    assert calls == [(Path("form.toml"), None, 0, None), (Path("form.toml"), "a.pdf#2", 8001, models_folder())]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("none.toml",), 8, "to begin it, give a page as well"),
        (("none.toml", "none.png"), 4, "does not exist"),
        (("broken.toml",), 8, "broken.toml"),
        (("form.txt",), 2, "form.txt"),
    ],
)
def test_what_cannot_be_edited_is_an_error(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, words: str
) -> None:
    pytest.importorskip("flask", reason="the web page needs Flask")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.toml").write_text("name = 1")
    result = run("form", "edit", *arguments)
    assert result.exit_code == code, result.output
    assert words in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["broken.toml"]
