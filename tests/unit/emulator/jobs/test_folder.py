"""A job's folder, as the server reads it."""

from pathlib import Path

from specimen.emulator.jobs.folder import Folder


def entered(folder: Folder) -> list[str]:
    return [transition.status for transition in folder.transitions()]


def test_nothing_begins_after_stopping(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    assert entered(folder) == []
    for status in ("Downloading", "Stopping", "Training", "Uploading", "Stopped"):
        folder.enter(status, "")
    assert entered(folder) == ["Downloading", "Stopping", "Uploading", "Stopped"]


def test_a_line_that_a_full_disk_cut_short_is_passed_over(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.enter("Downloading", "")
    with tmp_path.joinpath("status.jsonl").open("a") as file:
        file.write('{"time": 1.0, "sta\n')
    folder.enter("Failed", "")
    assert entered(folder) == ["Downloading", "Failed"]


def test_what_has_ended_is_not_stopping(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for status in ("Training", "Uploading", "Completed", "Stopping"):
        folder.enter(status, "")
    assert entered(folder) == ["Training", "Uploading", "Completed"]
