import pytest

from scanner.datasets import page_sources
from scanner.errors import DataError
from scanner.synthesis import fonts


@pytest.fixture(scope="session")
def families() -> tuple[fonts.FontFamily, ...]:
    try:
        return page_sources.find_training_fonts()
    except DataError as error:
        pytest.skip(str(error))
