"""The fuzzer, a program that ``scanner.stress.fuzz`` starts with a folder and libFuzzer's own arguments.

It is told which lines of the decoders written in Python its files reach; the
rest of them is in C.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_INSTRUMENTED_MODULES = (
    "PIL",
    "pi_heif",
    "pypdfium2",
    "scanner.sources.pdf",
    "scanner.sources.raster",
    "scanner.sources.decoding",
)
_LAZY_IMPORTS = (
    *("pi_heif.as_plugin", "PIL.BmpImagePlugin", "PIL.ImageOps", "PIL.JpegImagePlugin", "PIL.PngImagePlugin"),
    *("PIL.TiffImagePlugin", "PIL.WebPImagePlugin", "scanner.sources.pdf", "scanner.sources.raster", "pypdfium2"),
)
"""Are else imported when a file needs them."""


def run_libfuzzer(arguments: Sequence[str]) -> None:
    """Fuzz until libFuzzer has enough, and end the process.

    Args:
        arguments: of libFuzzer.
    """
    import atheris

    with atheris.instrument_imports(include=list(_INSTRUMENTED_MODULES)):
        for name in _LAZY_IMPORTS:
            import_module(name)
        from scanner.stress.any_bytes import check_decoding
    atheris.Setup([sys.argv[0], *arguments], check_decoding)
    atheris.Fuzz()


if __name__ == "__main__":
    run_libfuzzer(sys.argv[1:])
