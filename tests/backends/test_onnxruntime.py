"""The back-end of onnxruntime refuses every file but a whole graph of its model."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from glm_deep.backends.onnxruntime_back_end import OnnxRuntimeBackEnd
from glm_deep.bundle import Bundle
from glm_deep.errors import Unavailable
from glm_deep.export.onnx_file import METADATA

NEXT_STEP = "Write it with: glm-deep export CONF.dio."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "Zoë und Björn").mkdir()
    return tmp_path / "Zoë und Björn" / "der Körper 1.onnx"


@pytest.fixture
def refused(path: Path, bundle: Bundle, capfd: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """A function that opens what is in the file, and expects this reason; with path, next step, and nothing printed."""

    def check(reason: str) -> None:
        with pytest.raises(Unavailable, match=reason) as found:
            OnnxRuntimeBackEnd(path, bundle.identity, 1)
        assert str(found.value).startswith(f"{path}: ")
        assert str(found.value).endswith(NEXT_STEP)
        assert "\n" not in str(found.value)
        assert capfd.readouterr() == ("", "")

    return check


def test_a_model_that_was_not_exported_is_said_with_the_next_step(refused: Callable[[str], None]) -> None:
    refused("the model has not been exported")


def test_a_folder_in_the_place_of_the_graph_is_no_graph(path: Path, refused: Callable[[str], None]) -> None:
    path.mkdir()
    refused("the model has not been exported")


@pytest.mark.parametrize("part", [0.0, 0.0001, 0.1, 0.5, 0.9, 0.99])
def test_a_graph_that_is_cut_short_is_refused_with_the_next_step(
    path: Path, graph: bytes, refused: Callable[[str], None], part: float
) -> None:
    path.write_bytes(graph[: int(part * len(graph))])
    refused("the graph cannot be read")


def test_a_graph_without_its_last_bytes_is_refused(path: Path, graph: bytes, refused: Callable[[str], None]) -> None:
    for missing in range(1, 40):
        path.write_bytes(graph[:-missing])
        refused("the graph (cannot be read|is of another model)")


@pytest.mark.parametrize("content", [b"no graph" * 200, bytes(500), b"\xff" * 64, b"PK\x03\x04", b'{"glm_deep": 1}'])
def test_garbage_is_refused_with_the_next_step(path: Path, refused: Callable[[str], None], content: bytes) -> None:
    path.write_bytes(content)
    refused("the graph cannot be read")


def test_a_graph_of_another_model_is_refused_with_the_next_step(path: Path, graph: bytes, bundle: Bundle) -> None:
    path.write_bytes(graph)
    other = Bundle(bundle.facts, {**bundle.arrays, "more": np.zeros(1)})
    with pytest.raises(Unavailable, match="the graph is of another model") as found:
        OnnxRuntimeBackEnd(path, other.identity, 1)
    assert str(found.value) == f"{path}: the graph is of another model. {NEXT_STEP}"


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        (None, "the graph is of another model"),
        ("null", "the graph is of another model"),
        ("[]", "the graph is of another model"),
        ('"model"', "the graph is of another model"),
        ("{}", "the graph is of another model"),
        (json.dumps({"model": None}), "the graph is of another model"),
        ("{", "the graph cannot be read"),
        ("", "the graph cannot be read"),
    ],
)
def test_a_graph_that_does_not_say_which_model_it_is_of_is_refused(
    path: Path, graph: bytes, refused: Callable[[str], None], about: str | None, reason: str
) -> None:
    proto = onnx.load_from_string(graph)
    del proto.metadata_props[:]
    onnx.helper.set_model_props(proto, {} if about is None else {METADATA: about})
    path.write_bytes(proto.SerializeToString())
    refused(reason)


def test_a_missing_package_is_named_with_how_to_install_it(
    path: Path, graph: bytes, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(graph)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(Unavailable, match=r"^onnxruntime cannot be used") as found:
        OnnxRuntimeBackEnd(path, bundle.identity)
    assert found.value.hint == "Install it with: pip install onnxruntime"


@pytest.mark.parametrize("threads", [1, 3])
def test_as_many_threads_as_asked_for_play(path: Path, graph: bytes, bundle: Bundle, threads: int) -> None:
    path.write_bytes(graph)
    session = OnnxRuntimeBackEnd(path, bundle.identity, threads)._session._session
    assert session.get_session_options().intra_op_num_threads == threads
    assert session.get_providers() == ["CPUExecutionProvider"]
