"""The real window on a virtual screen, driven by real pointer and key events."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import cv2
import pytest

pytest.importorskip("tkinter", reason="the pad needs Tkinter")
for program in ("Xvfb", "xdotool"):
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed", allow_module_level=True)

T = TypeVar("T")
Stroke = list[tuple[int, int]]

TIMEOUT = 60  # seconds; the machine may be busy

# Points on the canvas, one list per stroke.
SEVEN = [[(100, 80), (250, 80), (220, 160), (170, 300)]]
STEM, BAR = [[(250, 80), (170, 300)]], [[(100, 80), (250, 80)]]  # a seven in two strokes
ONE = [[(180, 70), (180, 290)]]
ZERO = [[(180, 70), (120, 110), (105, 180), (120, 250), (180, 290), (240, 250), (255, 180), (240, 110), (180, 70)]]

OPEN = "import sys; from pathlib import Path; from scanner.pad import run_pad; run_pad('cnn', Path(sys.argv[1]))"


class Screen:
    """A virtual screen and the pad on it."""

    def __init__(self, display: str, save_to: Path) -> None:
        self.environment = {**os.environ, "DISPLAY": display}
        self.process = subprocess.Popen([sys.executable, "-c", OPEN, str(save_to)], env=self.environment)
        self.window = self.until(lambda: self.xdotool("search", "--name", "^digitscan pad").split()[-1:])[0]

    def xdotool(self, *words: object) -> str:
        command = ["xdotool", *map(str, words)]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=TIMEOUT).stdout

    def until(self, true: Callable[[], T]) -> T:
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            assert self.process.poll() is None, "the pad has ended"
            if value := true():
                return value
            time.sleep(0.05)
        pytest.fail(f"timed out; the title is {self.title!r}")

    @property
    def title(self) -> str:
        return self.xdotool("getwindowname", self.window).strip()

    def draw(self, strokes: list[Stroke]) -> None:
        for stroke in strokes:
            self.pointer(*stroke[0])
            self.xdotool("mousedown", 1)
            for (x0, y0), (x1, y1) in pairwise(stroke):
                for step in range(1, 9):
                    self.pointer(x0 + (x1 - x0) * step // 8, y0 + (y1 - y0) * step // 8)
            self.xdotool("mouseup", 1)

    def pointer(self, x: int, y: int) -> None:
        # The canvas begins 17 pixels inside the window: its padding and its border.
        self.xdotool("mousemove", "--window", self.window, x + 17, y + 17)

    def key(self, name: str) -> None:
        self.xdotool("key", name)

    def until_read(self, digit: int) -> None:
        self.until(lambda: re.fullmatch(rf"digitscan pad - {digit} \([\d.]+%\)", self.title))

    def until_empty(self) -> None:
        self.until(lambda: self.title == "digitscan pad")


@pytest.fixture
def display() -> Iterator[str]:
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "900x700x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as answer:
        number = answer.readline().strip()
    if not number:
        server.wait(TIMEOUT)
        pytest.skip("Xvfb finds no display to serve")
    yield f":{number}"
    server.terminate()
    server.wait(TIMEOUT)


@pytest.fixture
def pad(display: str, tmp_path: Path) -> Iterator[Screen]:
    screen = Screen(display, tmp_path / "drawn")
    screen.until_empty()
    yield screen
    screen.process.terminate()
    screen.process.wait(TIMEOUT)


def test_a_drawing_is_read_undone_cleared_and_saved(pad: Screen, tmp_path: Path) -> None:
    pad.draw(SEVEN)
    pad.until_read(7)

    pad.key("ctrl+z")
    pad.until_empty()

    pad.draw(ZERO)
    pad.until_read(0)
    pad.key("Escape")
    pad.until_empty()

    pad.draw(ONE)
    pad.until_read(1)
    pad.key("1")
    pad.until_empty()
    saved = [path.relative_to(tmp_path).as_posix() for path in Path(tmp_path).rglob("*.png")]
    assert saved == ["drawn/1/0001.png"]
    picture = cv2.imread(str(tmp_path / saved[0]), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    assert picture[180, 180] == 0
    assert picture[180, 100] == 255

    # An empty drawing is not saved.
    pad.key("2")
    pad.draw(ONE)
    pad.until_read(1)
    assert not (tmp_path / "drawn" / "2").exists()


def test_the_keys_are_shown(display: str, tmp_path: Path) -> None:
    program = """
import sys, tkinter
from pathlib import Path
from scanner.pad.window import PadWindow
from scanner.recognition.digit_classifier import load_classifier

def texts(widget):
    own = [str(widget.cget("text"))] if "text" in widget.keys() else []
    return own + [text for child in widget.winfo_children() for text in texts(child)]

root = tkinter.Tk()
PadWindow(root, load_classifier("cnn"), Path(sys.argv[1]))
print("|".join(texts(root)))
root.destroy()
"""
    environment = {**os.environ, "DISPLAY": display}
    command = [sys.executable, "-c", program, str(tmp_path)]
    shown = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=TIMEOUT, check=True).stdout
    assert {"Undo (Ctrl-Z)", "Clear (Esc)", "Save (0-9)", *"0123456789"} <= set(shown.strip().split("|"))


def test_undo_takes_one_stroke_of_two(pad: Screen) -> None:
    pad.draw(STEM)
    pad.until_read(1)
    pad.draw(BAR)
    pad.until_read(7)
    pad.key("ctrl+z")
    pad.until_read(1)
