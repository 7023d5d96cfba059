"""One run of the review: a stack, the file of its corrections, and the person who decides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

from scanner.corrections.correction import MAX_TEXT_LENGTH, Correction, Verdict, new_id, timestamp
from scanner.corrections.corrections_file import CorrectionsFile, corrections_path
from scanner.review.queue import WorkLeft, review_order, work_left
from scanner.review.stack import load_stack
from scanner.text_comparison import comparable_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scanner.review.review_item import ReviewItem
    from scanner.review.stack import ReviewStack
    from scanner.types import Box

_NEEDS_TEXT = frozenset({Verdict.CORRECTED, Verdict.ADDED})
_KEEPS_TEXT = frozenset({Verdict.CONFIRMED, Verdict.MOVED, Verdict.SKIPPED})


class DecidedMeanwhileError(Exception):
    """Somebody else decided a number after it was shown; ``str(error)`` is a line for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person says about a number."""

    verdict: Verdict
    item: str = ""
    """Name of the number; empty if it is added."""
    seen: str = ""
    """Name of the correction that stood when the person looked; empty if none did."""
    text: str = ""
    """What stands there, for verdicts that say so."""
    page: int = -1
    """Index of the page, if the number is added."""
    box: Box | None = None
    """Where it stands, if it is added or moved."""
    blind: bool = False
    """Whether the person does not see what was read."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed in the stack since somebody last asked."""

    number: int
    """Number of changes in all; given when asking the next time."""
    items: tuple[ReviewItem, ...]
    """The numbers that are decided otherwise now."""
    left: WorkLeft


class ReviewSession:
    """Decisions about the numbers of a stack, each on the disk before it counts; may be used by several threads."""

    def __init__(self, stack: ReviewStack, file: CorrectionsFile, by: str) -> None:
        """Begin with what was decided before.

        Args:
            stack: the numbers.
            file: their corrections; nothing of it was read yet.
            by: name of the person.

        Raises:
            DataError: if the file is no file of corrections.
        """
        self.stack, self.by = stack, by
        self._file = file
        self._lock = Lock()
        self._lots: list[tuple[str, ...]] = []
        """Names of the corrections that were made in one go, and are undone in one go."""
        self._changed: list[str] = []
        self._read_new()

    @property
    def changes_so_far(self) -> int:
        """Number of changes in all."""
        return len(self._changed)

    def order(self) -> list[ReviewItem]:
        """All numbers, in the order in which they are looked through."""
        with self._lock:
            return review_order(item for item in self.stack.items.values() if not item.is_gone)

    def changes(self, since: int) -> Changes:
        """What was decided, here or elsewhere, after so many changes.

        Raises:
            DataError: if somebody has written what is no correction.
        """
        with self._lock:
            self._read_new()
            return self._changes(since)

    def decide(self, decisions: Sequence[Decision], since: int) -> Changes:
        """Keep what a person says; returns when it is on the disk.

        Args:
            decisions: what is decided in one go, and undone in one go.
            since: as for ``changes``.

        Raises:
            ValueError: if a decision is about no number, or says nothing that can be; nothing is kept.
            DecidedMeanwhileError: if somebody else has decided one of the numbers meanwhile; nothing is kept.
            OutputError: if it cannot be written.
        """
        with self._lock:
            corrections = self._kept(decisions)
            # They come back from the file, in the order in which they stand there among those of others.
            self._read_new()
            self._lots.append(tuple(each.id for each in corrections))
            return self._changes(since)

    def undo(self, since: int) -> tuple[str, Changes]:
        """Take back what this person decided last, and if that was undone before, what was decided before that.

        Returns:
            The name of the number, empty if there is nothing to undo; and the changes.

        Raises:
            OutputError: if it cannot be written.
        """
        with self._lock:
            self._read_new()
            latest = self.stack.latest_of(self.by)
            if latest is None:
                return "", self._changes(since)
            lot = next((lot for lot in self._lots if latest.id in lot), (latest.id,))
            made = [each for each in self.stack.corrections() if each.id in lot]
            self._file.append([self._undoing(each) for each in reversed(made)])
            self._read_new()
            return self.stack.item_name_of(latest), self._changes(since)

    def _kept(self, decisions: Sequence[Decision]) -> list[Correction]:
        """The corrections of decisions, once they are on the disk."""
        # Another program may decide the same number between reading the file and writing to it.
        while True:
            self._read_new()
            corrections = list(map(self._correction_of, decisions))
            if self._file.append_if_unchanged(corrections):
                return corrections

    def _read_new(self) -> None:
        self._changed += self.stack.apply(self._file.read_new())

    def _changes(self, since: int) -> Changes:
        names = dict.fromkeys(self._changed[max(0, since) :])
        items = tuple(self.stack.items[name] for name in names)
        return Changes(len(self._changed), items, work_left(self.stack.items.values()))

    def _correction_of(self, decision: Decision) -> Correction:
        text = _checked_text(decision)
        if decision.verdict is Verdict.ADDED:
            return self._said(decision.page, self._checked_box(decision.page, decision.box), Verdict.ADDED, text)
        item = self.stack.items.get(decision.item)
        if item is None:
            raise ValueError("there is no such number; load the page again")
        standing = "" if item.decision is None else item.decision.id
        if standing != decision.seen:
            raise DecidedMeanwhileError(_meanwhile(item))
        if decision.blind:
            return self._typed_blind(item, decision.verdict, text)
        if decision.verdict is Verdict.MOVED:
            box = self._checked_box(item.page, decision.box)
            return self._about(item, Verdict.MOVED, item.text, box)
        return self._decided(item, decision.verdict, text)

    def _decided(self, item: ReviewItem, verdict: Verdict, text: str) -> Correction:
        moved = None if item.decision is None else item.decision.moved_to
        if verdict in _KEEPS_TEXT:
            text = item.text
        if verdict is Verdict.CONFIRMED and item.verdict in {Verdict.UNREADABLE, Verdict.NO_NUMBER}:
            # Whoever confirms what another person, or the same one before, has said.
            return self._about(item, item.verdict, "", moved)
        if verdict is Verdict.CONFIRMED and not text and not item.is_empty:
            raise ValueError("nothing was read here that could be confirmed; type what stands there")
        if verdict is Verdict.CONFIRMED and not text:
            verdict = Verdict.NO_NUMBER
        elif verdict is Verdict.CONFIRMED and text != item.read:
            # Whoever confirms what another person typed says that it stands there.
            verdict = Verdict.CORRECTED
        return self._about(item, verdict, text, moved)

    def _typed_blind(self, item: ReviewItem, verdict: Verdict, text: str) -> Correction:
        """What a person says who does not see what was read: it is confirmed if the same was typed."""
        if verdict in {Verdict.CONFIRMED, Verdict.MOVED}:
            raise ValueError("type what stands there; what was read is not shown before")
        if verdict is Verdict.SKIPPED:
            return self._about(item, verdict, item.text, None)
        separators = self.stack.separators
        if text and comparable_text(text, separators) == comparable_text(item.read, separators):
            verdict, text = Verdict.CONFIRMED, item.read
        return replace(self._about(item, verdict, text, None), blind=True)

    def _about(self, item: ReviewItem, verdict: Verdict, text: str, moved_to: Box | None) -> Correction:
        said = self._said(item.page, item.box, verdict)
        return replace(
            said,
            field=item.field,
            read=item.read,
            text=text if verdict not in {Verdict.UNREADABLE, Verdict.NO_NUMBER} else "",
            moved_to=moved_to,
        )

    def _said(self, page_index: int, box: Box, verdict: Verdict, text: str = "") -> Correction:
        """What is said now, by this person, of a place where nothing was read."""
        page = self.stack.pages[page_index]
        return Correction(
            id=new_id(),
            at=timestamp(),
            by=self.by,
            file=page.file,
            page=page.page_number,
            sha256=page.sha256,
            box=box,
            read="",
            verdict=verdict,
            text=text,
        )

    def _undoing(self, correction: Correction) -> Correction:
        return replace(
            correction,
            id=new_id(),
            at=timestamp(),
            by=self.by,
            verdict=Verdict.UNDONE,
            text="",
            moved_to=None,
            undoes=correction.id,
            blind=False,
        )

    def _checked_box(self, page_index: int, box: Box | None) -> Box:
        if box is None or not 0 <= page_index < len(self.stack.pages):
            raise ValueError("a number is added or moved by a box on a page")
        page = self.stack.pages[page_index]
        if box.x < 0 or box.y < 0 or box.right > page.width or box.bottom > page.height:
            raise ValueError("the box is not on the page; draw it again")
        return box


def open_session(results: Path, by: str) -> ReviewSession:
    """Open the review of a file of results.

    Args:
        results: the table of results, beside which the saved state is, and the corrections are kept.
        by: name of the person who decides.

    Raises:
        DataError: if there is no saved state, a scan is writing it, or the corrections are none.
        NothingToReadError: if the batch has no page.
        OutputError: if the state is damaged or of another program.
    """
    return ReviewSession(load_stack(results), CorrectionsFile(corrections_path(results)), by)


def _checked_text(decision: Decision) -> str:
    text = decision.text.strip()
    if len(text) > MAX_TEXT_LENGTH or not text.isprintable():
        raise ValueError(f"a number has at most {MAX_TEXT_LENGTH} characters on one line")
    if decision.verdict in _NEEDS_TEXT and not text:
        raise ValueError("type what stands there")
    if decision.verdict is Verdict.UNDONE:
        raise ValueError("what was decided is taken back by undoing it")
    return text


def _meanwhile(item: ReviewItem) -> str:
    decision = item.decision
    if decision is None:
        return "what was decided here was taken back meanwhile; look again"
    who = f"{decision.by} has" if decision.by else "somebody has"
    what = f"“{decision.text}”" if decision.text else decision.verdict.value
    return f"{who} decided this number meanwhile: {what}; look again"
