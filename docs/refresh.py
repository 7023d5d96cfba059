"""Redraw the pictures and run the examples of the manual again: ``.venv/bin/python docs/refresh.py``.

What the program writes and draws changes with it.  Each block of a page marked ``console`` is run from top to bottom in
a folder of its own, beside copies of the samples and the sample form, and what it prints replaces what stands there; a
comment ``<!-- run: COMMAND -->`` right before a block prepares it unseen.  Look at ``git diff docs`` afterwards.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_BLOCK = re.compile(r"(?:<!-- run: (?P<prepare>[^\n]*) -->\n)?```console\n(?P<text>.*?)```\n", re.DOTALL)
_MARK = "-- next command --"
_GREYS, _COLOURS = 32, 64
"""Of a picture: enough for paper, ink and the colours of a legend."""
_PHOTOGRAPHED_COLOURS = 128
"""Of a photographed window: it shows scans as well."""
_DECIDED = 4
"""Numbers that are confirmed before the page on which they are is photographed."""
_LONGEST_WAIT = 30
"""Seconds for a page to show what it is to show."""
_MIN_COLOUR_SPREAD = 24
"""From its least to its greatest channel: less is grey."""

STAGES = {
    "background": ("ruled_log.png", "02", (0, 0, 1240, 460)),
    "ink": ("ruled_log.png", "03", (0, 0, 1240, 460)),
    "rectified": ("ruled_log.png", "04", (0, 0, 2400, 620)),
    "page-network": ("ruled_log.png", "05", (0, 0, 1240, 500)),
    "rules": ("ruled_log.png", "06", (0, 0, 1240, 460)),
    "ink-without-rules": ("ruled_log.png", "07", (0, 0, 1240, 460)),
    "structure": ("ruled_log.png", "08", (0, 0, 1240, 460)),
    "components": ("ruled_log.png", "09", (0, 0, 1240, 460)),
    "text-lines": ("ruled_log.png", "10", (0, 0, 1240, 460)),
    "cuts": ("faint_scan.png", "11", (0, 0, 1800, 905)),
    "lines": ("free_sums.jpg", "13", (0, 0, 1800, 560)),
    "numbers": ("ruled_log.png", "14", (0, 0, 1240, 460)),
}
"""Name in ``docs/stages``, sample, number of the stage's picture, and the part of it that is shown."""


def run_shell(command: str, folder: Path) -> str:
    """Run a command as the manual's reader would, and give back what it printed, errors included."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(  # noqa: S602 - the commands of the manual
        command, shell=True, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.stdout.decode()


def run_block(text: str, folder: Path) -> str:
    """A console block with what its commands print now; they run in one shell."""
    commands = [line[2:] for line in text.splitlines() if line.startswith("$ ")]
    script = "\n".join(f"echo '{_MARK}'; {command}" for command in commands)
    printed = run_shell(script, folder)
    if "Traceback (most recent call last)" in printed or "bug in this program" in printed:
        sys.exit(f"the program does not work: {printed}")
    outputs = printed.split(f"{_MARK}\n")[1:]
    return "".join(f"$ {command}\n{output}" for command, output in zip(commands, outputs, strict=True))


def refresh_page(path: Path) -> None:
    """Run the examples of a page again."""
    text = path.read_text("utf-8")
    if "```console" not in text:
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "samples", folder / "samples")
        shutil.copytree(ROOT / "docs" / "sample-form", folder / "sample-form")

        def rerun(block: re.Match[str]) -> str:
            if block["prepare"]:
                run_shell(block["prepare"], folder)
            return block[0].replace(block["text"], run_block(block["text"], folder))

        path.write_text(_BLOCK.sub(rerun, text), "utf-8")


def save_small(picture: Image.Image, path: Path) -> None:
    """Save a picture with a palette of greys and of its most frequent colours, which Pillow's own would lose."""
    counts = picture.getcolors(picture.width * picture.height) or []
    coloured = sorted((count, colour) for count, colour in counts if max(colour) - min(colour) >= _MIN_COLOUR_SPREAD)
    greys = [(level, level, level) for level in (round(i * 255 / (_GREYS - 1)) for i in range(_GREYS))]
    palette = Image.new("P", (1, 1))
    palette.putpalette([each for colour in greys + [c for _, c in coloured[-_COLOURS:]] for each in colour])
    picture.quantize(palette=palette, dither=Image.Dither.NONE).save(path, optimize=True)


def redraw() -> None:
    """Draw the annotated page and the stages again."""
    docs = ROOT / "docs"
    (docs / "stages").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "samples", folder / "samples")
        run_shell("digitscan scan samples --out r.csv --annotate annotated --annotate-as png --debug debug", folder)
        with Image.open(folder / "annotated" / "faint_scan.png.p1.png") as drawn:
            save_small(drawn.convert("RGB"), docs / "annotated.png")
        for stage, (sample, number, part) in STAGES.items():
            (picture,) = (folder / "debug" / f"{sample}.p1").glob(f"{number}_*.png")
            with Image.open(picture) as drawn:
                shown = drawn.convert("RGB").crop((*part[:2], min(part[2], drawn.width), min(part[3], drawn.height)))
            shown.thumbnail((1240, 1240))
            save_small(shown, docs / "stages" / f"{stage}.png")


def photograph_review() -> None:
    """Photograph the page on which numbers are looked through: one number, and the wall."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "samples", folder / "samples")
        run_shell("digitscan scan samples --out results.csv", folder)
        command = [
            str(Path(sys.executable).parent / "digitscan"),
            "review",
            "results.csv",
            "--by",
            "Ada",
            "--no-browser",
        ]
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - ours
            assert server.stdout is not None
            try:
                _photograph_review(server.stdout.readline().split()[1], folder)
            finally:
                server.kill()
        for drawn, picture in (("number.png", "review.png"), ("wall.png", "review_wall.png")):
            with Image.open(folder / drawn) as photograph:
                few = photograph.convert("RGB").quantize(_PHOTOGRAPHED_COLOURS, dither=Image.Dither.NONE)
                few.save(ROOT / "docs" / picture, optimize=True)


def _photograph_review(address: str, folder: Path) -> None:
    from selenium import webdriver
    from selenium.webdriver.common.by import By

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for flag in ("--headless=new", "--no-sandbox", "--window-size=1240,860"):
        options.add_argument(flag)
    with webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver") or "")) as page:
        page.implicitly_wait(_LONGEST_WAIT)
        page.get(address)
        for _ in range(_DECIDED):
            page.find_element(By.CSS_SELECTOR, "#picture:not([hidden])")
            page.find_element(By.ID, "confirm").click()
        # One whose readers do not agree, and in which something is typed, shows most of the page.
        while not page.execute_script("return document.querySelector('#alternatives li') !== null"):
            page.find_element(By.ID, "next").click()
        time.sleep(1)
        page.save_screenshot(str(folder / "number.png"))
        page.find_element(By.ID, "view-wall").click()
        page.find_element(By.CSS_SELECTOR, ".tile:nth-child(5) img")
        page.find_element(By.CSS_SELECTOR, ".tile:nth-child(3)").click()
        time.sleep(1)
        page.save_screenshot(str(folder / "wall.png"))


if __name__ == "__main__":
    redraw()
    photograph_review()
    for page in PAGES:
        refresh_page(page)
