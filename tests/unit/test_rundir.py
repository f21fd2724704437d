from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from glm_deep import rundir
from glm_deep.errors import BusyError, GlmDeepError
from glm_deep.rundir import MainFolder, Owner, RunFolder, TrainingLock, is_training

ROOT = Path(rundir.__file__).parents[1]


@pytest.fixture
def main(tmp_path) -> MainFolder:
    return MainFolder(tmp_path / "Bär mit Hut")


def other_process(main: MainFolder, body: str) -> subprocess.Popen[str]:
    """Another interpreter with `main` at hand; it answers on its stdout and ends when its stdin closes."""
    return subprocess.Popen(
        [sys.executable, "-X", "utf8", "-c", PRELUDE + body, str(main.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


PRELUDE = """
import sys
from pathlib import Path
from glm_deep.errors import BusyError
from glm_deep.rundir import MainFolder, TrainingLock
main = MainFolder(Path(sys.argv[1]))
"""
HOLD_THE_LOCK = """
with TrainingLock(main) as lock:
    lock.name_run(main.new_run())
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_every_file_of_a_character_has_its_name(tmp_path):
    main = MainFolder(tmp_path)
    assert main.samples == tmp_path / "samples"
    assert main.bundle("arm") == tmp_path / "models" / "arm.glmdeep"
    run = RunFolder(main.runs / "0007")
    names = [path.name for path in (run.events, run.configuration, run.report, run.checkpoint, run.log)]
    assert names == ["events.jsonl", "configuration.dio", "report.json", "checkpoint.npz", "log.txt"]
    assert run.name == "0007"
    assert run.events.parent == tmp_path / "runs" / "0007"


def test_runs_are_numbered_from_one_and_never_reuse_a_number(main):
    assert [main.new_run().name for _ in range(3)] == ["0001", "0002", "0003"]
    (main.runs / "0002").rmdir()
    (main.runs / "12345").mkdir()
    (main.runs / "notes").mkdir()
    (main.runs / "99999").write_text("a file", encoding="utf-8")
    assert main.new_run().name == "12346"
    assert [run.name for run in main.run_folders()] == ["0001", "0003", "12345", "12346"]


def test_a_character_that_was_never_trained_has_no_runs(main):
    assert main.run_folders() == []


def test_runs_made_at_the_same_time_get_different_folders(main):
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda _: main.new_run().name, range(40)))
    assert sorted(names) == [f"{number:04}" for number in range(1, 41)]


def test_a_file_in_place_of_the_folder_of_runs_is_named(main):
    main.path.mkdir()
    main.runs.write_text("", encoding="utf-8")
    with pytest.raises(GlmDeepError, match=r"runs: cannot be written .*Check that"):
        main.new_run()


def test_a_stop_request_is_seen_by_whoever_looks_at_the_folder(main):
    run = main.new_run()
    assert not run.stop_requested
    RunFolder(run.path).request_stop()
    assert run.stop_requested
    run.request_stop()
    assert run.stop_requested


def test_text_is_written_as_utf_8_with_its_line_ends(tmp_path):
    path = tmp_path / "new" / "é.txt"
    rundir.atomic_write_text(path, "Größe\r\nzwei\n")
    assert path.read_bytes() == "Größe\r\nzwei\n".encode()
    rundir.atomic_write_bytes(path, b"\x00\r\n")
    assert path.read_bytes() == b"\x00\r\n"
    assert [each.name for each in path.parent.iterdir()] == ["é.txt"]


def test_a_write_that_breaks_off_leaves_the_old_file_and_no_trace(tmp_path):
    path = tmp_path / "model"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), rundir.atomic_file(path) as file:  # noqa: PT012
        file.write(b"half of the n")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["model"]


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "model"
    path.write_bytes(b"old")
    with rundir.atomic_file(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root and Windows may write to such folders")
def test_a_folder_without_permission_is_refused_with_its_name(tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    with pytest.raises(GlmDeepError, match=r"closed.*cannot be written \(Permission denied\)"):
        rundir.atomic_write_text(folder / "a.txt", "a")


def test_a_place_that_cannot_be_a_folder_is_refused_with_its_name(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(GlmDeepError, match=r"file.a\.txt: cannot be written .*Check that the disk is not full"):
        rundir.atomic_write_text(tmp_path / "file" / "a.txt", "a")


def test_backups_are_numbered_and_keep_what_was_there(tmp_path):
    samples = tmp_path / "samples"
    for number in (1, 2):
        samples.mkdir()
        (samples / "shard").write_text(str(number), encoding="utf-8")
        backup = rundir.numbered_backup(samples)
        assert backup == tmp_path / f"samples.backup-000{number}"
        assert (backup / "shard").read_text(encoding="utf-8") == str(number)
        assert not samples.exists()
    (tmp_path / "samples.backup-0001" / "shard").unlink()
    (tmp_path / "samples.backup-0001").rmdir()
    (tmp_path / "samples.backup-old").mkdir()
    samples.write_text("3", encoding="utf-8")
    assert rundir.numbered_backup(samples).name == "samples.backup-0003"


def test_nothing_to_back_up_is_said(tmp_path):
    with pytest.raises(GlmDeepError, match="samples: there is nothing here to back up"):
        rundir.numbered_backup(tmp_path / "samples")
    with pytest.raises(GlmDeepError, match="samples: there is nothing here to back up"):
        rundir.numbered_backup(tmp_path / "nowhere" / "samples")


def test_a_second_training_of_another_process_is_refused_with_the_owner(main):
    first = other_process(main, HOLD_THE_LOCK)
    assert first.stdout.readline() == "locked\n"
    owner = is_training(main)
    assert owner.pid == first.pid
    assert owner.run == "0001"
    message = rf"on .* \(process {first.pid}, run 0001, since \d{{4}}-.* UTC\) is at work here.*Wait until"
    with pytest.raises(BusyError, match=message) as caught, TrainingLock(main):
        pass
    assert str(main.path) in str(caught.value)
    assert [run.name for run in main.run_folders()] == ["0001"]
    first.communicate("")
    assert first.returncode == 0
    assert is_training(main) is None
    assert not main.lock_owner.exists()
    with TrainingLock(main):
        assert is_training(main).pid == os.getpid()


def test_only_one_of_two_processes_that_begin_together_gets_the_lock(main):
    race = """
sys.stdin.readline()
try:
    with TrainingLock(main):
        print("mine", flush=True)
        sys.stdin.read()
except BusyError:
    print("busy", flush=True)
"""
    pair = [other_process(main, race) for _ in range(2)]
    for process in pair:
        process.stdin.write("go\n")
        process.stdin.flush()
    # The one that has the lock holds it until its stdin closes, which is after both have answered.
    assert sorted(process.stdout.readline() for process in pair) == ["busy\n", "mine\n"]
    for process in pair:
        process.communicate("")


def test_the_lock_of_a_killed_process_is_taken_over(main):
    first = other_process(main, HOLD_THE_LOCK)
    assert first.stdout.readline() == "locked\n"
    first.kill()
    first.communicate()
    assert json.loads(main.lock_owner.read_text(encoding="utf-8"))["pid"] == first.pid
    assert is_training(main) is None
    with TrainingLock(main) as lock:
        assert is_training(main) == lock.owner
        assert lock.owner.pid == os.getpid()


def test_one_process_cannot_train_twice_in_a_folder_either(main, monkeypatch):
    monkeypatch.setattr(rundir, "SECONDS_TO_WAIT", 0.01)
    with TrainingLock(main), pytest.raises(BusyError, match=f"process {os.getpid()}"), TrainingLock(main):
        pass


def test_a_training_that_fails_gives_the_lock_back(main):
    with pytest.raises(ZeroDivisionError), TrainingLock(main):
        raise ZeroDivisionError
    assert is_training(main) is None
    with TrainingLock(main):
        pass


def test_looking_at_a_folder_that_was_never_trained_makes_nothing(main):
    assert is_training(main) is None
    assert not main.path.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "many", "user": 5}'])
def test_a_damaged_owner_file_does_not_open_the_lock(main, monkeypatch, text):
    monkeypatch.setattr(rundir, "SECONDS_TO_WAIT", 0.01)
    with TrainingLock(main):
        main.lock_owner.write_text(text, encoding="utf-8")
        assert is_training(main) == Owner()
        with pytest.raises(BusyError, match="somebody on an unknown computer is at work here"), TrainingLock(main):
            pass


def test_without_the_filelock_package_the_owner_file_is_believed(main, monkeypatch):
    with TrainingLock(main) as lock:
        monkeypatch.setitem(sys.modules, "filelock", None)
        assert is_training(main) == lock.owner
    assert is_training(main) is None


def test_a_folder_that_cannot_be_written_is_not_called_busy(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(GlmDeepError, match="cannot be written") as caught, TrainingLock(MainFolder(tmp_path / "file")):
        pass
    assert not isinstance(caught.value, BusyError)
