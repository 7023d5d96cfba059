from __future__ import annotations

from scanner.evaluation.comparison import Evaluation, compare_with_truth
from scanner.evaluation.ground_truth import PageTruth
from scanner.evaluation.report import format_report
from scanner.results.csv_tables import ResultRow
from scanner.types import Box


def row(file: str, number: int, text: str, review: str = "") -> ResultRow:
    return ResultRow(file, 1, number, 0, number, 1, "", "", text, 0.9, review, Box(0, 0, 9, 9))


def rows(file: str, *texts: str) -> list[ResultRow]:
    return [row(file, i, text) for i, text in enumerate(texts, start=1)]


def truth(file: str, *numbers: str | None) -> PageTruth:
    return PageTruth(file, 1, (numbers,) if numbers else ())


def test_report_by_hand() -> None:
    evaluation = compare_with_truth(
        [row("a.png", 1, "34"), row("a.png", 2, "12"), row("a.png", 3, "346", "unsure"), *rows("new.png", "1")],
        [truth("a.png", "12", "34", "345"), truth("b.png", "08", None)],
    )
    assert format_report(evaluation) == (
        "Pages                2\n"
        "Numbers exact        2 of      4   50.0 %, 1 of them out of order\n"
        "        wrong        1 of      4   25.0 %\n"
        "        missed       1 of      4   25.0 %\n"
        "        false        0   0.00 per page\n"
        "        undecided    1   not counted: a person could not read them\n"
        "Digits  right        6 of      9   66.7 %\n"
        "\n"
        "Readings            exact   wrong   false  unread\n"
        "not flagged             2       0       0       0\n"
        "flagged for review      0       1       0       0\n"
        "Flagged              1 of      3   33.3 % of all readings\n"
        "Errors left          0 of      2    0.0 % of those not flagged\n"
        "\n"
        "If only the most confident of 3 readings are accepted\n"
        "  errors allowed       0.5 %     1 %     2 %     5 %\n"
        "  share accepted       0.0 %   0.0 %   0.0 %   0.0 %\n"
        "  share accepted        50 %    60 %    70 %    80 %    90 %    95 %   100 %\n"
        "  errors among them  33.33 % 33.33 % 33.33 % 33.33 % 33.33 % 33.33 % 33.33 %\n"
        "\n"
        "Confidence, by tenths           errors\n"
        "    from      to  readings predicted observed  points\n"
        "  0.9000  0.9000         1   10.00 %  33.33 %  +23.33\n"
        "  0.9000  0.9000         1   10.00 %  33.33 %  +23.33\n"
        "  0.9000  0.9000         1   10.00 %  33.33 %  +23.33\n"
        "  largest gap 23.33 points, mean 23.33\n"
        "\n"
        "Digits: true ones in the rows, read ones in the columns\n"
        "            0     1     2     3     4     5     6     7     8     9  unread\n"
        "      0     .     .     .     .     .     .     .     .     .     .       1\n"
        "      1     .     1     .     .     .     .     .     .     .     .       .\n"
        "      2     .     .     1     .     .     .     .     .     .     .       .\n"
        "      3     .     .     .     2     .     .     .     .     .     .       .\n"
        "      4     .     .     .     .     2     .     .     .     .     .       .\n"
        "      5     .     .     .     .     .     .     1     .     .     .       .\n"
        "      6     .     .     .     .     .     .     .     .     .     .       .\n"
        "      7     .     .     .     .     .     .     .     .     .     .       .\n"
        "      8     .     .     .     .     .     .     .     .     .     .       1\n"
        "      9     .     .     .     .     .     .     .     .     .     .       .\n"
        "  extra     .     .     .     .     .     .     .     .     .     .\n"
        "\n"
        "Worst pages (2 of 2 with errors)\n"
        "  exact     of   wrong  missed   false  page\n"
        "      2      3       1       0       0  a.png\n"
        "      0      1       0       1       0  b.png\n"
        "\n"
        "Not in the results, all their numbers missed (1)\n"
        "  b.png\n"
        "\n"
        "Not in truth, left out (1)\n"
        "  new.png\n"
    )


def test_report_lists_only_the_worst_pages_and_says_how_many_there_are() -> None:
    pages = [truth(f"{i:02}.png", *["1"] * (i + 1)) for i in range(12)]
    report = format_report(compare_with_truth([row(page.file, 1, "9") for page in pages], pages))
    assert "Worst pages (10 of 12 with errors)\n" in report
    assert report.index("11.png") < report.index("10.png")
    assert "01.png" not in report


def test_report_of_nothing_divides_by_nothing() -> None:
    report = format_report(Evaluation(()))
    assert "Numbers exact        0 of      0      - %\n" in report
    assert "Worst pages" not in report


def test_rows_of_tables_have_a_line() -> None:
    read = [ResultRow("a.png", 1, i, 1, i + 1, 2, "", "", str(i), 0.9, "", Box(0, 0, 9, 9)) for i in (1, 2, 3)]
    report = format_report(compare_with_truth(read, [truth("a.png", "1", "2", "3")]))
    assert "In their row         3 of      3  100.0 % read in tables\n" in report
    assert "In their row" not in format_report(compare_with_truth(rows("a.png", "1"), [truth("a.png", "1")]))
