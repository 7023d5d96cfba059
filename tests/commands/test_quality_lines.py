from scanner.commands.quality_lines import MAX_LINES, scan_quality_lines
from scanner.types import Finding, PageResult

FAINT = Finding("faint", "ink 12% darker than paper", "scan darker")
CUT = Finding("cut_off", "8 characters cut off at the left", "place the page so that all of it is scanned")


def bad(file: str, page: int = 1, *findings: Finding) -> PageResult:
    return PageResult(file, page, 9, 9, scan_quality=findings or (FAINT,))


def good(file: str, page: int = 1) -> PageResult:
    return PageResult(file, page, 9, 9)


def test_good_pages_and_those_not_read_have_no_line() -> None:
    assert scan_quality_lines([]) == []
    assert scan_quality_lines([good("a.png"), PageResult("b.png", 0, 0, 0, error="b.png: is empty")]) == []


def test_a_page_is_one_line_with_measurements_and_advice() -> None:
    assert scan_quality_lines([good("a.png"), bad("b.png", 1, FAINT, CUT)]) == [
        "b.png: faint (ink 12% darker than paper) - scan darker; "
        "cut off (8 characters cut off at the left) - place the page so that all of it is scanned"
    ]


def test_a_page_among_others_in_its_file_has_its_number() -> None:
    lines = scan_quality_lines(iter([bad("a.pdf", 1), good("a.pdf", 2), bad("b.pdf", 2), bad("c.pdf", 1)]))
    assert [line.split(":")[0] for line in lines] == ["a.pdf, page 1", "b.pdf, page 2", "c.pdf"]


def test_of_many_pages_the_first_are_listed_and_the_others_counted() -> None:
    lines = scan_quality_lines([bad(f"{n}.png") for n in range(MAX_LINES + 34)])
    assert len(lines) == MAX_LINES + 1
    assert lines[MAX_LINES - 1].startswith(f"{MAX_LINES - 1}.png: ")
    assert lines[-1] == "... and 34 more pages; the JSON (--json) lists them all"


def test_a_single_further_page_is_listed_instead_of_counted() -> None:
    lines = scan_quality_lines([bad(f"{n}.png") for n in range(MAX_LINES + 1)])
    assert lines[-1].startswith(f"{MAX_LINES}.png: ")


def test_the_last_listed_page_of_a_long_file_has_its_number() -> None:
    pages = [bad(f"{n}.png") for n in range(MAX_LINES - 1)] + [bad("z.pdf", page) for page in range(1, 9)]
    lines = scan_quality_lines(pages)
    assert lines[MAX_LINES - 1].startswith("z.pdf, page 1: ")
    assert lines[-1].startswith("... and 7 more pages")
