"""The real program in a folder whose files have the names of modules."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scanner.isolated_python import isolated, program

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "samples" / "box_strip.png"

OF_RUNPY = frozenset(
    {"collections", "contextlib", "functools", "importlib", "keyword", "operator", "reprlib", "types", "warnings"}
)
"""Modules that Python itself imports for ``-m`` before it runs any of the program's code: only ``-P`` helps."""
# Not listed, because a file cannot replace them: modules that are built in, frozen, or loaded at startup.
HOSTILE = sorted(
    {name for name in sys.stdlib_module_names if not name.startswith("_") and name not in sys.builtin_module_names}
    | {"__future__", "_compression", "_pickle", "_posixsubprocess", "_weakrefset"}
    | {"PIL", "click", "cv2", "dask", "distributed", "msgspec", "numpy", "pebble"}
    | {"pypdfium2", "scanner", "scipy", "sklearn"}
    | {"skops", "tornado", "tqdm", "yaml"}
)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A folder with a page; tests add files that leave a marker when they are imported."""
    folder = tmp_path / "scans"
    folder.mkdir()
    shutil.copy(SAMPLE, folder / "page.png")
    return folder


# The file leaves a marker and ends the process, because a process without the real module could hang.
HOSTILE_CODE = "from os import _exit, open, O_CREAT\nopen({marker!r} + __name__, O_CREAT)\n_exit(9)\n"


def plant(folder: Path, names: Sequence[str]) -> None:
    for name in names:
        (folder / f"{name}.py").write_text(HOSTILE_CODE.format(marker=f"{folder.parent / 'run'}"), "utf-8")


def imported(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.parent.glob("run*"))


def scan(folder: Path, way: Sequence[str], *options: str, **environment: str) -> None:
    """Scan the current folder, as a user does who has just changed to it."""
    done = subprocess.run(
        [sys.executable, *way, "scan", ".", "--out", str(folder.parent / "out.csv"), "--jobs", "2", *options],
        capture_output=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONWARNINGS": "error", **environment},
        text=True,
        timeout=120,
    )
    assert (done.returncode, imported(folder)) == (0, []), done.stderr
    assert (folder.parent / "out.csv").read_text("utf-8").count("page.png,1,") > 0


def test_a_worker_imports_nothing_from_the_current_folder(scans: Path) -> None:
    plant(scans, HOSTILE)
    # Like the script that an installer writes: its own folder is on the search path, the current one is not.
    installed = scans.parent / "bin" / "digitscan"
    installed.parent.mkdir()
    installed.write_text("from scanner.commands import main\n\nif __name__ == '__main__':\n    main()\n", "utf-8")
    scan(scans, [str(installed)], PYTHONPATH=str(ROOT))


def test_neither_does_the_module(scans: Path) -> None:
    plant(scans, [name for name in HOSTILE if name not in OF_RUNPY | {"scanner"}])
    scan(scans, ["-m", "scanner"], PYTHONPATH=str(ROOT))


def test_with_safe_path_the_module_imports_nothing_at_all_from_there(scans: Path) -> None:
    plant(scans, HOSTILE)
    scan(scans, ["-P", "-m", "scanner"], PYTHONPATH=str(ROOT))


def test_neither_does_a_local_cluster(scans: Path) -> None:
    pytest.importorskip("distributed", reason="needs Dask distributed: install digitscan[cluster]")
    plant(scans, HOSTILE)
    scan(scans, [str(ROOT / "cli.py")], "--cluster", "local")


TRAINING = """
from scanner.datasets.parallel_map import parallel_map

if __name__ == "__main__":
    print(*parallel_map(abs, [-1, 2], 2, 1))
"""


def test_neither_does_a_process_of_training(scans: Path) -> None:
    plant(scans, HOSTILE)
    (scans.parent / "training.py").write_text(TRAINING, "utf-8")
    done = subprocess.run(
        [sys.executable, scans.parent / "training.py"],
        capture_output=True,
        check=False,
        cwd=scans,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        timeout=60,
    )
    assert (done.stdout, imported(scans)) == ("1 2\n", []), done.stderr


@pytest.mark.parametrize("module", ["scanner", "scanner.stress.fuzz_target", "dask"])
def test_neither_does_a_program_that_is_started(scans: Path, module: str) -> None:
    if module == "dask" and find_spec("distributed") is None:
        pytest.skip("needs Dask distributed: install digitscan[cluster]")
    if module == "scanner.stress.fuzz_target" and find_spec("atheris") is None:
        pytest.skip("needs the package atheris: install digitscan[fuzz]")
    plant(scans, HOSTILE)
    options = ["-help=1"] if module == "scanner.stress.fuzz_target" else ["--help"]
    done = subprocess.run(
        [*program(module), *options], capture_output=True, check=False, cwd=scans, text=True, timeout=60
    )
    assert (done.returncode, imported(scans)) == (0, []), done.stderr
    assert "help" in done.stdout + done.stderr


@pytest.mark.parametrize("way", [("-m", "scanner"), (str(ROOT / "cli.py"),), program("scanner")[1:]])
@pytest.mark.parametrize("cluster", [False, True])
def test_a_checkout_that_is_not_installed_works(tmp_path: Path, way: Sequence[str], cluster: bool) -> None:
    if cluster:
        pytest.importorskip("distributed", reason="needs Dask distributed: install digitscan[cluster]")
    # Without site no .pth file is read, so the libraries are found, but an editable checkout is not.
    python = [sys.executable, "-S"]
    environment = {**os.environ, "PYTHONPATH": sysconfig.get_path("purelib")}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*python, *words],
            capture_output=True,
            check=False,
            cwd=ROOT if way[0] == "-m" else tmp_path,
            env=environment,
            text=True,
            timeout=120,
        )

    assert "ModuleNotFoundError" in run("-P", "-c", "import scanner.isolated_python").stderr
    out = tmp_path / "out.csv"
    where = ("--cluster", "local") if cluster else ("--jobs", "2")
    done = run(*way, "scan", str(SAMPLE), "--out", str(out), *where)
    assert done.returncode == 0, done.stderr
    assert "box_strip.png,1," in out.read_text("utf-8")


@pytest.mark.parametrize("before", [None, "", "2"])
def test_afterwards_all_is_as_it_was(monkeypatch: pytest.MonkeyPatch, before: str | None) -> None:
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    if before is not None:
        monkeypatch.setenv("PYTHONSAFEPATH", before)
    with isolated(), isolated():
        assert os.environ["PYTHONSAFEPATH"] == "1"
    assert os.environ.get("PYTHONSAFEPATH") == before


def test_blocks_may_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    first, second = isolated(), isolated()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert os.environ["PYTHONSAFEPATH"] == "1"
    second.__exit__(None, None, None)
    assert "PYTHONSAFEPATH" not in os.environ


def test_workers_of_an_interactive_process_leave_the_current_folder_out(scans: Path, tmp_path: Path) -> None:
    # Not all of HOSTILE: the interactive process itself looks in the current folder.
    plant(scans, ["resource"])
    code = f"import scanner; scanner.scan(['page.png'], out={str(tmp_path / 'out.csv')!r}, jobs=1)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONSAFEPATH", None)
    subprocess.run([sys.executable, "-c", code], cwd=scans, env=environment, check=True, timeout=60)
    assert imported(scans) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not delete the current folder of a process")
def test_a_current_folder_that_was_deleted_is_no_error(tmp_path: Path) -> None:
    code = (
        "import os, sys; os.rmdir(os.getcwd()); from scanner.isolated_python import HOME, safe_search_path; "
        "path = safe_search_path(); assert HOME in path and '' not in path"
    )
    folder = tmp_path / "gone"
    folder.mkdir()
    subprocess.run([sys.executable, "-c", code], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
