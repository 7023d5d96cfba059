from scanner.synthesis.page_style import PageStyle


def test_lengths_on_paper_are_converted_to_pixels(page_style: PageStyle) -> None:
    assert page_style.mm_to_pixels(25.4) == 150
