import pytest

from scanner.datasets import page_material
from scanner.errors import DataError
from scanner.synthesis import fonts


@pytest.fixture(scope="session")
def families() -> tuple[fonts.FontFamily, ...]:
    try:
        return page_material.find_training_fonts()
    except DataError as error:
        pytest.skip(str(error))
