"""digitscan: read the handwritten numbers on scanned pages.

    import scanner

    for number in scanner.read("page.png").numbers:
        print(number.text, number.confidence, number.box)

``read`` and ``read_page`` read one file, some bytes or an array; ``scan`` reads
whole folders with worker processes into result files.  Importing this package
loads nothing else: a name is imported when it is first used.
"""

__version__ = "0.1.0"

__all__ = [
    "Box",
    "DataError",
    "Digit",
    "DigitscanError",
    "Document",
    "Finding",
    "Form",
    "FormError",
    "NoDisplayError",
    "NoPagesError",
    "NotInstalledError",
    "NothingToReadError",
    "Number",
    "Opinion",
    "OutputError",
    "Page",
    "PageError",
    "ScanProgress",
    "ScanSummary",
    "Step",
    "__version__",
    "read",
    "read_page",
    "scan",
]

# Not from typing, which is not loaded yet: see scanner.isolated_python.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from scanner.api.documents import Document, Page
    from scanner.api.forms import Form
    from scanner.api.reading import read, read_page
    from scanner.api.scanning import ScanProgress, ScanSummary, scan
    from scanner.errors import (
        DataError,
        DigitscanError,
        FormError,
        NoDisplayError,
        NoPagesError,
        NothingToReadError,
        NotInstalledError,
        OutputError,
        PageError,
    )
    from scanner.types import Box, Digit, Finding, Number, Opinion, Step
else:
    _MODULES = {
        **dict.fromkeys(("Document", "Page"), "scanner.api.documents"),
        "Form": "scanner.api.forms",
        **dict.fromkeys(("read", "read_page"), "scanner.api.reading"),
        **dict.fromkeys(("ScanProgress", "ScanSummary", "scan"), "scanner.api.scanning"),
        **dict.fromkeys(("Box", "Digit", "Finding", "Number", "Opinion", "Step"), "scanner.types"),
        **dict.fromkeys([name for name in __all__ if name.endswith("Error")], "scanner.errors"),
    }

    def __getattr__(name):
        """Import a name when it is first used (PEP 562)."""
        if name not in _MODULES:
            raise AttributeError(f"module 'scanner' has no attribute {name!r}")
        from importlib import import_module

        value = globals()[name] = getattr(import_module(_MODULES[name]), name)
        return value

    def __dir__():
        return sorted(__all__)
