from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scanner.batch.last_outputs import LastOutputs, describe_outputs
from scanner.batch.resumable_state import open_state
from scanner.batch.settings import build_output_paths
from scanner.corrections.calibration_file import calibration_path, read_calibration, write_calibration
from scanner.corrections.correction import Verdict
from scanner.corrections.corrections_file import corrections_path, read_corrections
from scanner.decision.stack_calibration import StackCalibration
from scanner.review.audit_session import AuditLeft, AuditSession, open_audit
from scanner.review.session import Decision, open_session
from scanner.types import Box, Number

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COUNT = 12


@pytest.fixture
def results(make_batch: Callable[..., Path]) -> Path:
    numbers = [
        Number(str(100 + i), 0.95, "", 1, 1, Box(60 + 90 * (i % 6), 40 + 90 * (i // 6), 60, 30), ())
        for i in range(COUNT)
    ]
    return make_batch({"a.png": numbers})


@pytest.fixture
def audit(results: Path) -> AuditSession:
    return audit_of(results, "Anna")


def audit_of(results: Path, by: str, size: int = 4) -> AuditSession:
    return open_audit(results, open_session(results, by), size)


def say(audit: AuditSession, name: str, verdict: Verdict, text: str = "") -> None:
    """Say something of a number as it stands now."""
    standing = audit.session.stack.items[name].decision
    decision = Decision(verdict=verdict, item=name, text=text, seen="" if standing is None else standing.id)
    audit.session.decide(audit.entries([decision]), 0)


def test_what_is_typed_alike_is_confirmed_and_what_differs_is_decided(audit: AuditSession, results: Path) -> None:
    names = audit.sample
    reads = [item.read for item in audit.items()]
    assert audit.left() == AuditLeft(total=4, to_type=4, to_decide=0)
    say(audit, names[0], Verdict.CORRECTED, f"{reads[0][:1]}.{reads[0][1:]}")
    say(audit, names[1], Verdict.CORRECTED, "7")
    say(audit, names[2], Verdict.UNREADABLE)
    assert audit.left() == AuditLeft(total=4, to_type=1, to_decide=2)
    for name in names[1:3]:
        say(audit, name, Verdict.CONFIRMED)
    assert audit.left() == AuditLeft(total=4, to_type=1, to_decide=0)
    kept = read_corrections(corrections_path(results))
    assert [(str(each.verdict), each.text, each.blind) for each in kept] == [
        ("confirmed", reads[0], True),
        ("corrected", "7", True),
        ("unreadable", "", True),
        ("corrected", "7", False),
        ("unreadable", "", False),
    ]


def test_who_does_not_see_the_reading_can_neither_confirm_nor_move_it(audit: AuditSession, results: Path) -> None:
    other = next(name for name in audit.session.stack.items if name not in audit.sample)
    for decision in (
        Decision(verdict=Verdict.CONFIRMED, item=audit.sample[0]),
        Decision(verdict=Verdict.MOVED, item=audit.sample[0], box=Box(1, 1, 9, 9)),
        Decision(verdict=Verdict.ADDED, page=0, box=Box(1, 1, 9, 9), text="7"),
        Decision(verdict=Verdict.CORRECTED, item=other, text="7"),
    ):
        with pytest.raises(ValueError, match="type"):
            audit.session.decide(audit.entries([decision]), 0)
    assert read_corrections(corrections_path(results)) == ()


def test_what_is_skipped_or_undone_is_still_to_be_typed_blind(audit: AuditSession) -> None:
    name = audit.sample[0]
    say(audit, name, Verdict.SKIPPED)
    say(audit, name, Verdict.CORRECTED, "7")
    audit.session.undo(0)
    assert audit.left().to_type == 4
    say(audit, name, Verdict.NO_NUMBER)
    item = audit.session.stack.items[name]
    assert (item.is_audited, audit.is_disputed(item)) == (True, True)


def test_a_second_start_goes_on_with_the_same_sample(audit: AuditSession, results: Path) -> None:
    say(audit, audit.sample[0], Verdict.CORRECTED, "7")
    again = audit_of(results, "Ben")
    assert again.sample == audit.sample
    assert again.left() == AuditLeft(total=4, to_type=3, to_decide=1)
    assert audit_of(results, "Ben", 99).left().total == COUNT


def test_what_was_found_counts_from_then_on(audit: AuditSession, results: Path) -> None:
    assert audit.conclude() == (f"None of {COUNT} unflagged numbers was typed yet.",)
    assert not calibration_path(results).exists()
    for name in audit.sample:
        say(audit, name, Verdict.CORRECTED, "7")
    lines = audit.conclude()
    assert lines[0].startswith(f"4 of {COUNT} unflagged numbers were typed without the reading in sight; 4 were")
    calibration = read_calibration(calibration_path(results))
    assert (calibration.audited, calibration.errors) == (4, 4)
    # Less sure, and flagged, but fitted to what the readers said: again the same.
    again = audit_of(results, "Ben")
    item = again.session.stack.items[again.session.order()[0].id]
    assert (item.confidence_as_read, item.reason) == (0.95, "low confidence")
    assert item.confidence == pytest.approx(calibration.apply(0.95))
    again.conclude()
    assert read_calibration(calibration_path(results)) == calibration
    for _ in audit.sample:
        audit.session.undo(0)
    audit.conclude()
    assert read_calibration(calibration_path(results)).audited == 0


def test_the_share_of_errors_is_that_of_the_scan(results: Path) -> None:
    with open_state(results.with_name("results.csv.state"), "read so") as state:
        last = LastOutputs(build_output_paths(results), (), 0.9, 0.06)
        state.set_last_outputs(describe_outputs(last))
    audit = audit_of(results, "Anna")
    say(audit, audit.sample[0], Verdict.CORRECTED, audit.items()[0].read)
    assert "at most 6 % of the unflagged ones wrong" in audit.conclude()[-2]
    # With what an audit has shown, other numbers have to be looked at, as in the next export.
    write_calibration(calibration_path(results), StackCalibration(shift=-0.5, audited=9, lowest=0.9))
    assert len(audit_of(results, "Anna").sample) == 0
