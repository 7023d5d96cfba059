"""Python processes that import nothing from the current folder, which may contain scans and unknown files.

``python -m`` and ``python -c`` look for modules in the current folder before the standard library, and so do worker
processes, which are started with ``-c``: a file ``struct.py`` among the user's scans would be run.

This module imports only modules that Python has loaded at startup, because it is called before any other import.  With
``python -m`` Python itself imports a few modules earlier still: only ``python -P -m scanner``, ``python cli.py`` or the
installed ``digitscan`` never look in the current folder.
"""

import os
import sys
from _thread import allocate_lock

HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib is not loaded yet
"""Folder that contains the package: a checkout, or the folder of installed packages."""
_SAFE_PATH = "PYTHONSAFEPATH"
"""Environment variable that removes the current folder from the search path, as ``-P`` does; children inherit it."""
_INSTALLED = ("site-packages", "dist-packages")
"""Names of folders of installed packages, which come after the standard library on the search path."""
_RUN_MODULE_CODE = (
    "import sys; before = [i for i, path in enumerate(sys.path) if path.endswith({installed!r})]; "
    "sys.path.insert(before[0] if before else len(sys.path), {home!r}); "
    "from runpy import run_module; run_module({module!r}, None, '__main__', True)"
)
"""Code that runs a module with the folder of the package on the search path.

The folder goes after the standard library, which it then cannot shadow, and before installed packages: so a checkout
runs its own code even if another digitscan is installed.
"""


def safe_search_path() -> list[str]:
    """This process's search path for modules without the current folder, and with the folder of the package."""
    try:
        current = os.path.realpath(os.curdir)
    except FileNotFoundError:
        # It was deleted, and nothing can be imported from it.
        current = ""
    path = [entry for entry in sys.path if entry and (not current or os.path.realpath(entry) != current)]
    if HOME not in path:
        installed = [i for i, entry in enumerate(path) if entry.endswith(_INSTALLED)]
        path.insert(installed[0] if installed else len(path), HOME)
    return path


def isolate() -> None:
    """Remove the current folder, or that of the script, from this process's search path for modules.

    Call it once, in a program that was started with ``python -m`` or as a script, before it imports anything.  The
    package itself is still found: its folder goes after the standard library, which it then cannot shadow, and before
    installed packages.
    """
    if not sys.flags.safe_path:
        del sys.path[0]
    installed = [i for i, path in enumerate(sys.path) if path.endswith(_INSTALLED)]
    if HOME not in sys.path[: installed[0] if installed else None]:
        sys.path.insert(installed[0] if installed else len(sys.path), HOME)


class isolated:  # noqa: N801 - reads like the function it is used as: "with isolated()"
    """Keep the current folder off the search path of every Python process that is started within the block.

    The environment belongs to the whole process: blocks of several threads may overlap, and the last to end restores
    what the first found.
    """

    __slots__ = ()
    _lock = allocate_lock()
    _open_blocks = 0
    _before: str | None = None

    def __enter__(self) -> None:
        with isolated._lock:
            if isolated._open_blocks == 0:
                isolated._before = os.environ.get(_SAFE_PATH)
            isolated._open_blocks += 1
            os.environ[_SAFE_PATH] = "1"

    def __exit__(self, *_: object) -> None:
        with isolated._lock:
            isolated._open_blocks -= 1
            if isolated._open_blocks:
                return
            if isolated._before is None:
                os.environ.pop(_SAFE_PATH, None)
            else:
                os.environ[_SAFE_PATH] = isolated._before


def program(module: str) -> tuple[str, ...]:
    """Build the command that runs a module like ``python -m``, but without the current folder on the search path.

    Args:
        module: full name of the module; append its arguments to the command.
    """
    return sys.executable, "-P", "-c", _RUN_MODULE_CODE.format(installed=_INSTALLED, home=HOME, module=module)
