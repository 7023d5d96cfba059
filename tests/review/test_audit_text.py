from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.decision.error_rate import Surprise, error_interval
from scanner.review.audit import AuditReport
from scanner.review.audit_advice import AuditAdvice
from scanner.review.audit_text import audit_lines, promise_line

REPORT = AuditReport(
    population=2314,
    audited=200,
    unreadable=0,
    wrong=5,
    disputed=0,
    rate=error_interval(5, 200),
    promised=2.13,
    surprise=Surprise(at_most=0.97, at_least=0.06),
)
ADVICE = AuditAdvice(
    target=0.01, uncalibrated=0.00312, numbers=2400, flagged=812, flagged_before=210, audited=150, wrong=0
)


def test_a_clerk_is_told_what_was_found_and_what_to_do() -> None:
    assert audit_lines(REPORT, ADVICE) == (
        "200 of 2,314 unflagged numbers were typed without the reading in sight; 5 were read wrongly: 2.5 %. Among all "
        "unflagged ones it is between 0.8 % and 5.7 % (95 % interval after Clopper and Pearson).",
        "Errors left among the 2,114 others: about 53, 14 to 128.",
        "By their confidences about 2.1 of these 200 were to be wrong, and 5 are: as far as so many numbers tell, the "
        "confidences hold on this stack.",
        "To leave at most 1 % of the unflagged ones wrong, scan with --max-error 1%: the confidences are adjusted to "
        "this audit, and 812 of 2,400 numbers are flagged then instead of 210. Unadjusted, that would take --max-error "
        "0.31%.",
        "Of the 150 typed ones that stay unflagged then, 0 were read wrongly: too little evidence to show 1 %, which "
        "takes 368 without an error.",
    )


def test_what_does_not_count_or_is_not_decided_is_told() -> None:
    lines = audit_lines(replace(REPORT, unreadable=1, disputed=2), ADVICE)
    assert lines[1:3] == (
        "Of 2 that differ it is not decided yet who is right; they count as wrong.",
        "1 more was unreadable to who typed, and not counted.",
    )
    nothing = replace(REPORT, audited=0, wrong=0, unreadable=3)
    assert audit_lines(nothing, ADVICE) == (
        "None of 2,314 unflagged numbers was typed yet.",
        "3 more were unreadable to who typed, and not counted.",
    )


@pytest.mark.parametrize(
    ("wrong", "chances", "end"),
    [
        (1, Surprise(0.4, 0.9), "1 is: as far as so many numbers tell, the confidences hold on this stack."),
        (
            7,
            Surprise(0.99, 0.02),
            "7 are: on this stack the program is too sure of itself; chance alone gives so many once in 50 audits.",
        ),
        (
            20,
            Surprise(1.0, 1e-9),
            "20 are: on this stack the program is too sure of itself; chance alone gives so many less than once in "
            "1,000 audits.",
        ),
        (
            0,
            Surprise(0.01, 1.0),
            "none are: on this stack the program is right more often than it says; chance alone gives so few once in "
            "100 audits.",
        ),
    ],
)
def test_whether_the_confidences_hold_is_a_sentence(wrong: int, chances: Surprise, end: str) -> None:
    assert promise_line(replace(REPORT, wrong=wrong, surprise=chances)).endswith(f"were to be wrong, and {end}")


def test_the_advice_says_if_it_is_shown_or_cannot_be_followed() -> None:
    shown = replace(ADVICE, audited=400)
    assert audit_lines(REPORT, shown)[-1].endswith("0 were read wrongly: that shows the 1 %.")
    all_flagged = replace(ADVICE, flagged=2400, target=0.005)
    assert audit_lines(REPORT, all_flagged)[-1] == (
        "No number is sure enough to leave at most 0.5 % of the unflagged ones wrong: look at all of them."
    )
