"""The program that :mod:`scanner.stress.fuzz_campaign` starts, with the arguments of libFuzzer.

Only the parts of the decoders that are written in Python are instrumented for coverage; the rest is in C.
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
"""Modules and packages instrumented for coverage."""
_LAZY_IMPORTS = (
    *("pi_heif.as_plugin", "PIL.BmpImagePlugin", "PIL.ImageOps", "PIL.JpegImagePlugin", "PIL.PngImagePlugin"),
    *("PIL.TiffImagePlugin", "PIL.WebPImagePlugin", "scanner.sources.pdf", "scanner.sources.raster", "pypdfium2"),
)
"""Modules that would otherwise be imported, without instrumentation, when a file first needs them."""


def run_libfuzzer(arguments: Sequence[str]) -> None:
    """Fuzz until libFuzzer is done, and exit the process.

    Args:
        arguments: those of libFuzzer.
    """
    import atheris

    with atheris.instrument_imports(include=list(_INSTRUMENTED_MODULES)):
        for name in _LAZY_IMPORTS:
            import_module(name)
        from scanner.stress.decoder_checks import check_decoding
    atheris.Setup([sys.argv[0], *arguments], check_decoding)
    atheris.Fuzz()


if __name__ == "__main__":
    run_libfuzzer(sys.argv[1:])
