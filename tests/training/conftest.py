import pytest

from scanner.errors import DataError
from scanner.synthesis import fonts
from scanner.training import pages


@pytest.fixture(scope="session")
def families() -> tuple[fonts.Family, ...]:
    try:
        return pages.fonts_to_train()
    except DataError as error:
        pytest.skip(str(error))
