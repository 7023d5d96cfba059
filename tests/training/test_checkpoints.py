from pathlib import Path

from scanner.training.checkpoints import delete_checkpoints


def test_the_folder_of_a_run_is_deleted_with_all_in_it(tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "pages").mkdir(parents=True)
    (run / "0001.keras").write_bytes(b"")
    delete_checkpoints(run)
    assert list(tmp_path.iterdir()) == []
    delete_checkpoints(run)
