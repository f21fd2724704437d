"""Several processes write to one sample store, one after the other, and nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from glm_deep.dataset.lock import writing
from glm_deep.dataset.store import SampleStore
from glm_deep.errors import BusyError
from store_frames import add, make_frames

PROGRAM = """
import sys, time
from pathlib import Path
sys.path[:0] = {path!r}
import glm_deep.dataset.store as module
from store_frames import add, make_frames
write = module.write_shard
def slowly(*arguments):
    manifest = write(*arguments)
    time.sleep(0.3)  # long enough for the others to come across what is half written
    return manifest
module.write_shard = slowly
folder, seed = Path(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
add(module.SampleStore(folder), make_frames(4, seed=seed), session=f"session {{seed}}")
"""


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_additions_of_several_processes_at_once_are_all_kept(tmp_path: Path) -> None:
    store = SampleStore(tmp_path / "main ü" / "samples")
    path = [each for each in sys.path if each]
    adders = [start(PROGRAM.format(path=path), store.folder, seed) for seed in (1, 2, 3)]
    for adder in adders:
        assert adder.stdout is not None
        assert adder.stdout.readline() == "ready\n"
    for adder in adders:
        assert adder.stdin is not None
        adder.stdin.write("\n")
        adder.stdin.flush()
    for adder in adders:
        assert adder.communicate(timeout=60)[1] == ""
        assert adder.returncode == 0
    assert sorted(shard.session for shard in store.shards) == ["session 1", "session 2", "session 3"]
    assert [shard.name[-10:] for shard in store.shards] == ["shard-0001", "shard-0002", "shard-0003"]
    samples = store.open()
    samples.verify()
    expected = {value for seed in (1, 2, 3) for value in make_frames(4, seed=seed).inputs.floats[:, 0]}
    assert set(samples.inputs.floats[:, 0]) == expected


HOLDER = """
import sys
from pathlib import Path
sys.path[:0] = {path!r}
from glm_deep.dataset.lock import writing
with writing(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_who_waits_too_long_is_told_whom_for_and_a_killed_process_blocks_nobody(tmp_path: Path) -> None:
    store = SampleStore(tmp_path / "samples")
    add(store, make_frames())
    holder = start(HOLDER.format(path=[each for each in sys.path if each]), store.folder)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    words = f"process {holder.pid} on .* is adding or clearing samples"
    with pytest.raises(BusyError, match=words) as caught, writing(store.folder, seconds=0.1):
        pytest.fail("two hold the lock")
    assert caught.value.hint
    assert store.frame_count == 6  # reading waits for nobody
    holder.kill()
    holder.communicate()
    add(store, make_frames(seed=1))
    store.open().verify()
    assert store.clear().name == "samples.backup-0001"


def test_sessions_keep_their_shards_in_folders_of_their_own(tmp_path: Path) -> None:
    store = SampleStore(tmp_path / "samples")
    for seed, session in enumerate(("faces/monday", "Körper", "faces/monday")):
        add(store, make_frames(3, seed=seed), session)
    names = ["faces/monday/shard-0001", "Körper/shard-0002", "faces/monday/shard-0003"]
    assert [shard.name for shard in store.shards] == names
    assert all((store.folder / name / "manifest.json").is_file() for name in names)
    store.open().verify()


def test_a_shard_that_does_not_count_yet_is_removed_from_another_session_too(tmp_path: Path) -> None:
    store = SampleStore(tmp_path / "samples")
    add(store, make_frames(seed=0), "a")
    index = (store.folder / "index.json").read_bytes()
    add(store, make_frames(seed=1), "b")
    (store.folder / "index.json").write_bytes(index)  # as if the power had gone just before the index was written
    add(store, make_frames(seed=2), "c")
    assert [shard.name for shard in store.shards] == ["a/shard-0001", "c/shard-0002"]
    assert not list((store.folder / "b").iterdir())
    store.open().verify()
