import pytest

from scanner.errors import DataError
from scanner.synthesis import fonts


@pytest.fixture(scope="session")
def families() -> tuple[fonts.FontFamily, ...]:
    try:
        return fonts.group_by_family(fonts.find_fonts())
    except DataError as error:
        pytest.skip(str(error))
