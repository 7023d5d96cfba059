"""Python processes that import nothing from the folder they are started in: scans may lie there, and files beside them.

``python -m`` and ``python -c`` look for modules in the current folder before they look in the standard library, and
so does each worker process, which is started by ``-c``: a file ``struct.py`` among somebody's scans would be run.

This module imports only what Python itself has loaded at its start: it is there to be called before anything else is.
"""

import os
import sys

HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib is not loaded yet
"""The folder that holds the package: of a checkout, or where packages are installed."""
_SAFE_PATH = "PYTHONSAFEPATH"
"""Python reads it at its start and leaves the current folder out, as with ``-P``; its children inherit it."""
_INSTALLED = ("site-packages", "dist-packages")
"""Folders of installed packages: the standard library stands before them on the search path."""
_RUN = (
    "import sys; before = [i for i, path in enumerate(sys.path) if path.endswith({installed!r})]; "
    "sys.path.insert(before[0] if before else len(sys.path), {home!r}); "
    "from runpy import run_module; run_module({module!r}, None, '__main__', True)"
)
"""The folder of the package goes behind the standard library, which it cannot shadow, and before installed packages:
a checkout runs itself although another digitscan is installed."""


def isolate() -> None:
    """Take the current folder, or that of the script, out of this process's search for modules.

    To be called once, by a program that was started as ``python -m`` or as a script, before it imports anything.  A
    checkout is still found: after the standard library, which it cannot shadow, and before installed packages.
    """
    if not sys.flags.safe_path:
        del sys.path[0]
    installed = [i for i, path in enumerate(sys.path) if path.endswith(_INSTALLED)]
    if HOME not in sys.path[: installed[0] if installed else None]:
        sys.path.insert(installed[0] if installed else len(sys.path), HOME)


class isolated:  # noqa: N801 - read as what it does: "with isolated()"
    """While the block lasts, every Python process that is started leaves the current folder out, whoever starts it."""

    __slots__ = ("_before",)

    def __enter__(self) -> None:
        self._before = os.environ.get(_SAFE_PATH)
        os.environ[_SAFE_PATH] = "1"

    def __exit__(self, *_: object) -> None:
        if self._before is None:
            os.environ.pop(_SAFE_PATH, None)
        else:
            os.environ[_SAFE_PATH] = self._before


def program(module: str) -> tuple[str, ...]:
    """The command that does what ``python -m`` does, but leaves the current folder out.

    Args:
        module: its full name; its arguments come after the command.
    """
    return sys.executable, "-P", "-c", _RUN.format(installed=_INSTALLED, home=HOME, module=module)
