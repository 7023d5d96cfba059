"""The window of the pad, which holds the current drawing and shows the digit read in it."""

from __future__ import annotations

import tkinter as tk
from functools import partial
from tkinter import font, ttk
from typing import TYPE_CHECKING

from scanner.decision.review import percent_text
from scanner.errors import NoDisplayError, OutputError
from scanner.pad.drawing import Drawing, read_drawing
from scanner.pad.labelled_drawings import save_drawing
from scanner.reading_models import load_digit_classifier

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scanner.recognition.digit_classifier import Classifier
    from scanner.types import DigitReading

TITLE = "digitscan pad"

# Sizes in pixels.
_CANVAS_SIDE = 360
_BAR_AREA_WIDTH = 250
_BAR_PITCH = 22
_BAR_HEIGHT = 12
_BAR_LEFT = 22  # leaves room for the digit on the left
_BAR_RIGHT = _BAR_AREA_WIDTH - 58  # leaves room for "100%" on the right
_GAP = 12
_STATUS_WRAP_WIDTH = _CANVAS_SIDE + _BAR_AREA_WIDTH  # a long path does not widen the window

_WINDOW_COLOUR = "#f3f4f6"
_PAPER_COLOUR = "#ffffff"
_INK_COLOUR = "#16181d"
_MUTED_TEXT_COLOUR = "#6b7280"
_BORDER_COLOUR = "#d3d7de"
_BAR_TRACK_COLOUR = "#e3e6eb"
_BEST_BAR_COLOUR = "#1f6feb"
_OTHER_BAR_COLOUR = "#9db8e6"
_NO_DIGIT_BAR_COLOUR = "#b9bec7"


def open_pad(classifier_name: str, save_to: Path, models: Path | None) -> None:
    """Open the window and run it until it is closed; see :func:`scanner.pad.run_pad`."""
    try:
        root = tk.Tk(className="digitscan-pad")
    except tk.TclError as error:
        raise NoDisplayError("the pad needs a display to open its window, and there is none") from error
    try:
        PadWindow(root, load_digit_classifier(classifier_name, models), save_to)
    except BaseException:
        root.destroy()
        raise
    root.mainloop()


class PadWindow:
    """The window: a canvas, the digit read on it, and buttons to undo, clear and save."""

    def __init__(self, root: tk.Tk, classifier: Classifier, save_to: Path) -> None:
        self._root = root
        self._classifier = classifier
        self._save_to = save_to
        self._drawing = Drawing(_CANVAS_SIDE, _CANVAS_SIDE)
        self._pen_is_down = False
        self._refresh_is_due = False

        root.configure(background=_WINDOW_COLOUR)
        root.resizable(width=False, height=False)
        _set_style(root)
        outer = ttk.Frame(root, padding=_GAP * 4 // 3)
        outer.grid()

        self._canvas = self._build_canvas(outer)
        self._canvas.grid(row=0, column=0)
        side = ttk.Frame(outer, padding=(_GAP * 2, 0, 0, 0))
        side.grid(row=0, column=1, sticky="ns")
        self._answer = ttk.Label(side, style="Answer.TLabel", anchor="center")
        self._answer.grid(row=0, column=0, sticky="ew")
        self._confidence = ttk.Label(side, style="Quiet.TLabel", anchor="center")
        self._confidence.grid(row=1, column=0, sticky="ew", pady=(0, _GAP))
        self._bars = ProbabilityBars(side)
        self._bars.canvas.grid(row=2, column=0)

        controls = ttk.Frame(outer, padding=(0, _GAP, 0, 0))
        controls.grid(row=1, column=0, columnspan=2, sticky="ew")
        self._needs_ink = self._build_controls(controls)
        self._status = ttk.Label(
            outer, style="Quiet.TLabel", text="Draw a digit with the mouse or a pen.", wraplength=_STATUS_WRAP_WIDTH
        )
        self._status.grid(row=2, column=0, columnspan=2, sticky="w", pady=(_GAP, 0))

        self._bind_keys()
        self._refresh()

    def _build_canvas(self, parent: ttk.Frame) -> tk.Canvas:
        canvas = tk.Canvas(
            parent,
            width=_CANVAS_SIDE,
            height=_CANVAS_SIDE,
            background=_PAPER_COLOUR,
            highlightthickness=1,
            highlightbackground=_BORDER_COLOUR,
            cursor="pencil",
        )
        canvas.bind("<ButtonPress-1>", self._on_press)
        canvas.bind("<B1-Motion>", self._on_move)
        canvas.bind("<ButtonRelease-1>", self._on_release)
        return canvas

    def _build_controls(self, parent: ttk.Frame) -> list[ttk.Button]:
        """Place the buttons and return them; all of them need a drawing."""
        undo_key = "\N{PLACE OF INTEREST SIGN}Z" if _window_system(self._root) == "aqua" else "Ctrl-Z"
        undo = ttk.Button(parent, text=f"Undo ({undo_key})", width=0, command=self._undo)
        clear = ttk.Button(parent, text="Clear (Esc)", width=0, command=self._clear)
        undo.pack(side="left", padx=(0, _GAP // 2))
        clear.pack(side="left")
        labels = []
        for label in reversed(range(10)):
            button = ttk.Button(parent, text=str(label), style="Label.TButton", command=partial(self._save, label))
            button.pack(side="right", padx=(2, 0))
            labels.append(button)
        ttk.Label(parent, text="Save (0-9)", style="Quiet.TLabel").pack(side="right", padx=(0, _GAP // 2))
        return [undo, clear, *labels]

    def _bind_keys(self) -> None:
        keys: dict[str, Callable[[], None]] = {"<Control-z>": self._undo, "<Escape>": self._clear}
        if _window_system(self._root) == "aqua":
            keys["<Command-z>"] = self._undo
        for label in range(10):
            keys[f"<Key-{label}>"] = keys[f"<KP_{label}>"] = partial(self._save, label)
        for key, action in keys.items():
            self._root.bind(key, _without_event(action))

    def _on_press(self, event: tk.Event[tk.Canvas]) -> None:
        self._pen_is_down = True
        self._set_drawing(self._drawing.begin_stroke(event.x, event.y))

    def _on_move(self, event: tk.Event[tk.Canvas]) -> None:
        # After an undo or clear in the middle of a stroke, the rest of the stroke is ignored.
        if self._pen_is_down:
            self._set_drawing(self._drawing.extend_stroke(event.x, event.y))

    def _on_release(self, _: tk.Event[tk.Canvas]) -> None:
        self._pen_is_down = False

    def _undo(self) -> None:
        self._pen_is_down = False
        self._set_drawing(self._drawing.without_last_stroke())

    def _clear(self) -> None:
        self._pen_is_down = False
        self._set_drawing(self._drawing.cleared())

    def _save(self, label: int) -> None:
        if not self._drawing.strokes:
            return
        try:
            path = save_drawing(self._drawing, label, self._save_to)
        except OutputError as error:
            self._status.configure(text=str(error))
            return
        self._clear()
        self._status.configure(text=f"Saved {path}")

    def _set_drawing(self, drawing: Drawing) -> None:
        self._show_strokes(before=self._drawing, after=drawing)
        self._drawing = drawing
        # Idle callbacks run once all pen events are handled: however slow the classifier, it reads the newest
        # drawing and never a backlog of old ones.
        if not self._refresh_is_due:
            self._refresh_is_due = True
            self._root.after_idle(self._refresh)

    def _show_strokes(self, before: Drawing, after: Drawing) -> None:
        for removed in range(len(after.strokes), len(before.strokes)):
            self._canvas.delete(_stroke_tag(removed))
        if not after.strokes or len(after.strokes) < len(before.strokes):
            return
        stroke = after.strokes[-1]
        start, end = stroke[-2:] if len(stroke) > 1 else (stroke[0], stroke[0])
        self._canvas.create_line(
            *start,
            *end,
            width=after.pen_width,
            capstyle="round",
            fill=_INK_COLOUR,
            tags=_stroke_tag(len(after.strokes) - 1),
        )

    def _refresh(self) -> None:
        self._refresh_is_due = False
        reading = read_drawing(self._drawing, self._classifier)
        text = _title_text(reading)
        self._root.title(f"{TITLE} - {text}" if text else TITLE)
        if reading is None:
            self._answer.configure(text="", foreground=_INK_COLOUR)
            self._confidence.configure(text="")
        elif reading.is_digit:
            self._answer.configure(text=str(reading.digit), foreground=_INK_COLOUR)
            self._confidence.configure(text=f"{percent_text(reading.confidence)} sure")
        else:
            self._answer.configure(text="?", foreground=_MUTED_TEXT_COLOUR)
            self._confidence.configure(text="not a digit")
        self._bars.show(reading)
        for button in self._needs_ink:
            button.state(["!disabled" if self._drawing.strokes else "disabled"])


class ProbabilityBars:
    """Ten bars with the probability of each digit."""

    def __init__(self, parent: ttk.Frame) -> None:
        self.canvas = tk.Canvas(
            parent, width=_BAR_AREA_WIDTH, height=10 * _BAR_PITCH, background=_WINDOW_COLOUR, highlightthickness=0
        )
        self._fills: list[int] = []
        self._percents: list[int] = []
        for digit in range(10):
            top = digit * _BAR_PITCH + (_BAR_PITCH - _BAR_HEIGHT) // 2
            middle = top + _BAR_HEIGHT / 2
            bottom = top + _BAR_HEIGHT
            self.canvas.create_text(4, middle, text=str(digit), anchor="w", font="TkDefaultFont", fill=_INK_COLOUR)
            self.canvas.create_rectangle(_BAR_LEFT, top, _BAR_RIGHT, bottom, fill=_BAR_TRACK_COLOUR, width=0)
            self._fills.append(self.canvas.create_rectangle(_BAR_LEFT, top, _BAR_LEFT, bottom, width=0))
            self._percents.append(
                self.canvas.create_text(
                    _BAR_AREA_WIDTH - 2, middle, anchor="e", font="TkDefaultFont", fill=_MUTED_TEXT_COLOUR
                )
            )

    def show(self, reading: DigitReading | None) -> None:
        """Show a reading, or empty bars for None."""
        for digit, (fill, percent) in enumerate(zip(self._fills, self._percents, strict=True)):
            probability = reading.probabilities[digit] if reading else 0.0
            left, top, _, bottom = self.canvas.coords(fill)
            length = probability * (_BAR_RIGHT - _BAR_LEFT)
            self.canvas.coords(fill, left, top, left + length, bottom)
            # Tk draws a rectangle of width 0 as a line.
            state = "normal" if length >= 0.5 else "hidden"
            self.canvas.itemconfigure(fill, fill=_bar_colour(reading, digit), state=state)
            self.canvas.itemconfigure(percent, text=percent_text(probability) if reading else "")


def _bar_colour(reading: DigitReading | None, digit: int) -> str:
    if reading is None or not reading.is_digit:
        return _NO_DIGIT_BAR_COLOUR
    return _BEST_BAR_COLOUR if digit == reading.digit else _OTHER_BAR_COLOUR


def _title_text(reading: DigitReading | None) -> str:
    """What the title of the window says of a reading."""
    if reading is None:
        return ""
    return f"{reading.digit} ({percent_text(reading.confidence)})" if reading.is_digit else "?"


def _stroke_tag(stroke: int) -> str:
    return f"stroke{stroke}"


def _without_event(action: Callable[[], None]) -> Callable[[tk.Event[tk.Misc]], None]:
    return lambda _event: action()


def _window_system(root: tk.Tk) -> str:
    """Return ``"x11"``, ``"win32"`` or ``"aqua"``."""
    return str(root.tk.call("tk", "windowingsystem"))


def _set_style(root: tk.Tk) -> None:
    style = ttk.Style(root)
    if _window_system(root) == "x11":
        # X11 has no native theme; of Tk's own, clam is the cleanest.
        style.theme_use("clam")
    style.configure(".", background=_WINDOW_COLOUR, foreground=_INK_COLOUR)
    style.configure("Quiet.TLabel", foreground=_MUTED_TEXT_COLOUR)
    style.configure(
        "TButton",
        bordercolor=_BORDER_COLOUR,
        lightcolor=_PAPER_COLOUR,
        darkcolor=_PAPER_COLOUR,
        background=_PAPER_COLOUR,
    )
    style.map(
        "TButton", background=[("disabled", _WINDOW_COLOUR), ("pressed", _BORDER_COLOUR), ("active", _BAR_TRACK_COLOUR)]
    )
    style.configure("Label.TButton", width=2, padding=(2, 4))
    style.configure("Answer.TLabel", font=(font.nametofont("TkDefaultFont").actual("family"), 64, "bold"))
