from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.batch import kept_texts
from scanner.batch.kept_texts import KeptTexts, open_kept_texts
from scanner.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

names = st.sampled_from("abcd")


def keep(texts: KeptTexts, name: str, *parts: str) -> None:
    texts.begin(name)
    for part in parts:
        texts.add(part)


def test_texts_come_in_the_order_asked_for() -> None:
    with open_kept_texts(None) as texts:
        keep(texts, "a", "one ", "two ")
        keep(texts, "b")
        keep(texts, "c", "three ")
        assert "".join(texts.read("abc")) == "one two three "
        assert "".join(texts.read("ca")) == "three one two "
        assert list(texts.read("b")) == []
        keep(texts, "a", "ONE ")
        assert "".join(texts.read("abc")) == "ONE three "


def test_what_stands_together_is_read_together() -> None:
    with open_kept_texts(None) as texts:
        for name in "abcd":
            keep(texts, name, name)
        assert list(texts.read("abd")) == ["ab", "d"]


def test_a_file_that_is_mostly_waste_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_texts, "_BLOCK_BYTES", 10)
    with open_kept_texts(None) as texts:
        keep(texts, "a", "1234567890")
        keep(texts, "b", "1234567890")
        assert not texts.is_mostly_waste("ab")
        # Thirty bytes, of which ten are used: ten more than twice as many.
        keep(texts, "a", "1234567890")
        assert not texts.is_mostly_waste("a")
        keep(texts, "a", "123456789")
        assert texts.is_mostly_waste("a")
        assert not texts.is_mostly_waste("ab")
        texts.clear()
        assert not texts.is_mostly_waste("ab")
        keep(texts, "b", "2")
        assert "".join(texts.read("b")) == "2"


@given(
    st.lists(st.tuples(names, st.lists(st.text(max_size=5), max_size=3)), max_size=8),
    st.lists(names, max_size=6),
    st.integers(1, 5),
)
def test_any_texts_come_back(kept: list[tuple[str, list[str]]], asked: list[str], block: int) -> None:
    last = {name: "".join(parts) for name, parts in kept}
    asked = [name for name in asked if name in last]
    with pytest.MonkeyPatch.context() as patch, open_kept_texts(None) as texts:
        patch.setattr(kept_texts, "_BLOCK_BYTES", block)
        for name, parts in kept:
            keep(texts, name, *parts)
        text = "".join(texts.read(asked))
    assert text == "".join(last[name] for name in asked).encode("utf-8", "backslashreplace").decode()


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    with open_kept_texts(tmp_path) as texts:
        keep(texts, "a", "one")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="none: a temporary file cannot be created there"),
        open_kept_texts(tmp_path / "none"),
    ):
        pass


class FullDisk:
    def __init__(self, written: int) -> None:
        self.written = written

    def seek(self, position: int, whence: int = 0) -> int:
        return 0

    def write(self, data: bytes) -> int:
        if not self.written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.written


@pytest.mark.parametrize("written", [0, 2])
def test_a_full_disk_is_told(written: int) -> None:
    texts = KeptTexts(FullDisk(written))  # type: ignore[arg-type]  # has what is used of a file
    texts.begin("a")
    with pytest.raises(OutputError, match=r"No space left on device.*free some space"):
        texts.add("one")
