import pytest

from scanner.errors import DataError
from scanner.synthesis import fonts


@pytest.fixture(scope="session")
def families() -> tuple[fonts.Family, ...]:
    try:
        return fonts.families(fonts.some_fonts())
    except DataError as error:
        pytest.skip(str(error))
