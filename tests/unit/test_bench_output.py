"""What the benchmarks have in common: what cannot be written is refused before anything is measured."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

import bench_accuracy
import bench_runtime
import bench_training


@pytest.mark.parametrize("option", ["--json", "--markdown"])
@pytest.mark.parametrize("script", [bench_accuracy, bench_training, bench_runtime])
def test_an_output_that_cannot_be_written_is_refused_before_anything_is_measured(
    script: ModuleType, option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fïle").write_text("", encoding="utf-8")
    # the character is not there: who asks for it first says so
    wanted = [str(tmp_path / "none.dio"), str(tmp_path / "none.npz"), option, str(tmp_path / "fïle" / "out")]
    assert script.main(wanted) == 1
    said = capsys.readouterr()
    assert said.err.startswith(f"{script.__name__}: {tmp_path / 'fïle'}")
    assert "is a file" in said.err
    assert not said.out
