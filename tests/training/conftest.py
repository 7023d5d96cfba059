import pytest

from scanner.errors import DataError
from scanner.synthesis import fonts
from scanner.training import pages


@pytest.fixture(scope="session")
def families() -> tuple[fonts.FontFamily, ...]:
    try:
        return pages.find_training_fonts()
    except DataError as error:
        pytest.skip(str(error))
