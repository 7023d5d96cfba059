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
_RUN = "import sys; sys.path.append({home!r}); from runpy import run_module as r; r({module!r}, None, '__main__', True)"


def isolate() -> None:
    """Take the current folder, or that of the script, out of this process's search for modules.

    To be called once, by a program that was started as ``python -m`` or as a script, before it imports anything.  A
    checkout that is not installed is found all the same, after everything else.
    """
    if not sys.flags.safe_path:
        del sys.path[0]
    if HOME not in sys.path:
        sys.path.append(HOME)


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
    return sys.executable, "-P", "-c", _RUN.format(home=HOME, module=module)
