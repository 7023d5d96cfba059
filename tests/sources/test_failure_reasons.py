import pytest

from scanner.sources.failure_reasons import too_many_bytes, too_many_pages, too_many_pixels


@pytest.mark.parametrize(
    ("max_pixels", "limit"),
    [(150_000_000, "150 million"), (500_000, "0.5 million"), (1_250_000, "1.25 million"), (2_000, "0.002 million")],
)
def test_a_limit_of_pixels_is_not_rounded_to_nothing(max_pixels: int, limit: str) -> None:
    assert too_many_pixels(max_pixels, (2000, 1000)) == (
        f"has 2000 x 1000 pixels, more than the {limit} that are read; scan it at a lower resolution"
    )
    assert f"more than the {limit} pixels" in too_many_pixels(max_pixels)


@pytest.mark.parametrize(("max_bytes", "limit"), [(2**30, "1024"), (2**20, "1"), (2**19, "0.5"), (1100 * 1024, "1.07")])
def test_a_limit_of_bytes_is_not_rounded_to_nothing(max_bytes: int, limit: str) -> None:
    assert too_many_bytes(max_bytes) == f"is larger than {limit} MiB; split it into smaller files"


def test_one_page_is_not_many() -> None:
    assert [too_many_pages(count) for count in (1, 2)] == [
        "is one of more than 1 page; split the file",
        "is one of more than 2 pages; split the file",
    ]
