"""The files of an export, and an export at the end of a training, which it never fails."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest

from glm_deep.bundle import Bundle
from glm_deep.dataset.source import ArchiveSource
from glm_deep.errors import GlmDeepError, Unavailable
from glm_deep.events import Event, Exported, NotExported, Phase
from glm_deep.export import engine, onnx_file, write
from glm_deep.export.engine import load_package
from glm_deep.export.engine_file import engines_beside
from glm_deep.export.onnx_file import METADATA
from glm_deep.export.parity import LIMITS
from glm_deep.export.write import Written, export_trained, write_export
from glm_deep.machine.gpu import Gpu
from glm_deep.runtime.model import to_bundle

try:
    VERSION = str(load_package("tensorrt-rtx").__version__)
    reason = ""
except Unavailable as error:  # macOS, for one
    VERSION, reason = "", str(error)
rtx = pytest.mark.skipif(not VERSION, reason=reason)
ADA = Gpu("RTX 4090", "SM89", "12.8")
HOPPER = Gpu("H200", "SM90", "12.8")
TURING = Gpu("RTX 2080", "SM75", "12.8")


class Place:
    """A model that was just saved, and what was told of its export."""

    def __init__(self, folder: Path, bundle: Bundle, source: ArchiveSource) -> None:
        folder.mkdir()
        self.folder, self.bundle, self.source = folder, bundle, source
        self.model = folder / "Zoë 1.glmdeep"
        self.log = folder.parent / "log.txt"
        self.told: list[Event] = []

    def write(self, kind: str, *more: Any, **named: Any) -> list[Written]:
        return list(write_export(self.bundle, self.model, self.source, kind, *more, **named))

    def export(self, wanted: str) -> list[Path]:
        return export_trained(wanted, self.bundle, self.model, self.source, self.told.append, self.log)

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    @property
    def refused(self) -> list[NotExported]:
        return [event for event in self.told if isinstance(event, NotExported)]

    @property
    def exported(self) -> list[Exported]:
        return [event for event in self.told if isinstance(event, Exported)]

    @property
    def phases(self) -> list[tuple[str, int, int]]:
        return [(event.name, event.done, event.total) for event in self.told if isinstance(event, Phase)]


@pytest.fixture(scope="module")
def bundle(made: Any) -> Bundle:
    return to_bundle(made("joints and floats").model, {"asset": "Zoë"})


@pytest.fixture
def place(tmp_path: Path, made: Any, bundle: Bundle) -> Place:
    return Place(tmp_path / "models", bundle, made("joints and floats").source)


@pytest.fixture
def has_gpu(monkeypatch: pytest.MonkeyPatch) -> Callable[[Gpu | None], None]:
    """A function that says which GPU this machine has."""

    def set_to(gpu: Gpu | None) -> None:
        def find() -> Gpu:
            if gpu is None:
                raise Unavailable("NVIDIA's driver finds no GPU")
            return gpu

        monkeypatch.setattr(write, "find_gpu", find)

    return set_to


def _about(path: Path) -> Any:
    (about,) = (each.value for each in onnx.load(path).metadata_props if each.key == METADATA)
    return json.loads(about)


@pytest.mark.parametrize(("precision", "name"), [("fp32", "Zoë 1.onnx"), ("fp16", "Zoë 1.fp16.onnx")])
def test_a_graph_is_written_beside_the_model_in_the_precision_that_is_asked_for(
    place: Place, precision: str, name: str
) -> None:
    (written,) = place.write("onnx", precision)
    assert written.path == place.folder / name
    assert written.precision == precision
    assert written.found is not None
    assert 0 < written.found.largest < LIMITS[precision][1]
    assert place.files == [name]
    about = _about(written.path)
    assert (about["model"], about["precision"], about["asset"]) == (place.bundle.identity, precision, "Zoë")


def test_a_graph_may_go_elsewhere(place: Place, tmp_path: Path) -> None:
    (written,) = place.write("onnx", path=tmp_path / "for others" / "arm.onnx")
    assert written.path == tmp_path / "for others" / "arm.onnx"
    assert written.path.is_file()
    assert place.files == []


@rtx
def test_an_engine_is_written_with_the_graph_that_it_was_made_from(place: Place) -> None:
    graph, engine = place.write("tensorrt-rtx", capabilities=("sm86",))
    assert (graph.path.name, graph.precision) == ("Zoë 1.fp16.onnx", "fp16")
    assert (engine.precision, engine.found) == ("fp16", None)
    name = f"Zoë 1.fp16.sm86.tensorrt-rtx-{VERSION}.engine"
    assert engine.path.name == name
    assert place.files == sorted([graph.path.name, name, f"{name}.json"])
    (found,) = engines_beside(place.model)
    assert found.path == engine.path
    assert found.note.sha256 == hashlib.sha256(engine.path.read_bytes()).hexdigest()
    assert found.fitting("tensorrt-rtx", place.bundle.identity, "", "SM86", VERSION) == engine.path.read_bytes()
    assert _about(graph.path)["precision"] == "fp16"


@rtx
def test_an_engine_lies_beside_its_graph_wherever_that_goes(place: Place, tmp_path: Path) -> None:
    graph, engine = place.write("tensorrt-rtx", capabilities=("SM86",), path=tmp_path / "others" / "arm.onnx")
    assert graph.path == tmp_path / "others" / "arm.onnx"
    assert engine.path.parent == graph.path.parent
    assert [each.path for each in engines_beside(graph.path.parent / place.model.name)] == [engine.path]
    assert place.files == []


@pytest.mark.parametrize("kind", ["tensorrt-rtx", "tensorrt"])
def test_nothing_is_written_where_the_package_of_an_engine_is_missing(
    place: Place, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, kind.replace("-", "_"), None)
    with pytest.raises(Unavailable, match=rf"^{kind} cannot be used here"):
        place.write(kind)
    assert place.files == []


@rtx
def test_nothing_is_written_for_a_card_that_is_not_known(place: Place) -> None:
    with pytest.raises(GlmDeepError, match="does not build for SM99"):
        place.write("tensorrt-rtx", capabilities=("SM99",))
    assert place.files == []


def test_automatic_without_a_gpu_writes_the_graph_and_says_why_there_is_no_engine(place: Place, has_gpu: Any) -> None:
    has_gpu(None)
    (path,) = place.export("automatic")
    assert path == place.folder / "Zoë 1.onnx"
    assert place.files == [path.name]
    (told,) = place.exported
    assert told.apart is not None
    assert (told.path, told.precision, told.bytes) == (str(path), "fp32", path.stat().st_size)
    (again,) = place.write("onnx")
    assert again.found is not None
    assert told.apart == pytest.approx(again.found.largest, rel=1e-3)
    (refused,) = place.refused
    assert refused.engine == "TensorRT"
    assert refused.why.count("NVIDIA's driver finds no GPU") == 1
    assert "The ONNX graph plays without, and glm-deep export --format tensorrt-rtx builds" in refused.why
    assert place.phases == [("export", 0, 1), ("export", 1, 1)]
    assert not place.log.exists()


@rtx
def test_automatic_with_a_gpu_builds_the_engine_for_it_too(place: Place, has_gpu: Any) -> None:
    has_gpu(ADA)
    paths = place.export("automatic")
    engine = f"Zoë 1.fp16.sm89.tensorrt-rtx-{VERSION}.engine"
    assert [path.name for path in paths] == ["Zoë 1.onnx", "Zoë 1.fp16.onnx", engine, f"{engine}.json"]
    assert place.files == sorted(path.name for path in paths)
    assert place.refused == []
    assert [(told.path, told.precision) for told in place.exported] == [
        (str(path), precision) for path, precision in zip(paths, ("fp32", "fp16", "fp16"))
    ]
    assert [told.bytes for told in place.exported] == [path.stat().st_size for path in paths[:3]]
    assert [told.apart is None for told in place.exported] == [False, False, True]
    (found,) = engines_beside(place.model)
    fitting = found.fitting("tensorrt-rtx", place.bundle.identity, ADA.name, ADA.capability, VERSION)
    assert fitting == found.path.read_bytes()
    assert place.phases == [("export", 0, 2), ("export", 1, 2), ("export", 2, 2)]


def test_automatic_with_a_gpu_but_no_package_says_so_for_each_kind(
    place: Place, has_gpu: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_gpu(ADA)
    for name in ("tensorrt", "tensorrt_rtx"):
        monkeypatch.setitem(sys.modules, name, None)
    assert [path.name for path in place.export("automatic")] == ["Zoë 1.onnx"]
    (refused,) = place.refused
    assert "tensorrt-rtx cannot be used here" in refused.why
    assert "; tensorrt cannot be used here" in refused.why


@rtx
def test_automatic_with_a_gpu_that_nothing_builds_for_says_so(
    place: Place, has_gpu: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_gpu(HOPPER)
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    place.export("automatic")
    (refused,) = place.refused
    assert refused.engine == "TensorRT"
    assert refused.why.startswith("tensorrt-rtx does not build for SM90; tensorrt cannot be used here")
    assert place.files == ["Zoë 1.onnx"]


def test_there_is_no_engine_for_turing(place: Place, has_gpu: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """For it TensorRT-RTX has no products in single precision."""
    has_gpu(TURING)
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    place.export("automatic")
    (refused,) = place.refused
    assert refused.engine == "TensorRT"
    assert refused.why.startswith("tensorrt-rtx does not build for SM75; tensorrt cannot be used here")
    assert place.files == ["Zoë 1.onnx"]


@rtx
def test_an_engine_that_cannot_be_built_leaves_its_graph_and_is_told(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BATCHES", (16, 4, 1))  # no profile has its most below its least
    place.export("tensorrt-rtx")
    (refused,) = place.refused
    assert refused.engine == "tensorrt-rtx"
    assert "could not build the engine" in refused.why
    assert place.files == ["Zoë 1.fp16.onnx"]
    assert not place.log.exists()


@pytest.mark.parametrize("error", [RuntimeError("no idea"), KeyboardInterrupt()])
def test_what_breaks_down_before_anything_is_written_is_told_too(
    place: Place, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(tell: object) -> None:
        raise error

    monkeypatch.setattr(write, "_possible", breaks)
    assert place.export("automatic") == []
    (refused,) = place.refused
    assert refused.why.startswith("It ")


@rtx
def test_the_note_of_an_engine_belongs_to_the_files(place: Place) -> None:
    paths = place.export("tensorrt-rtx")
    assert sorted(path.name for path in paths) == place.files
    assert [path.suffix for path in paths] == [".onnx", ".engine", ".json"]


@pytest.mark.parametrize("wanted", ["automatic", "onnx"])
@pytest.mark.parametrize("package", ["onnx", "onnxruntime", "onnxscript"])
def test_a_missing_package_is_told_and_nothing_is_written(
    place: Place, wanted: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    assert place.export(wanted) == []
    (refused,) = place.refused
    assert refused.engine == "onnx"
    assert package in refused.why
    assert 'pip install ".[onnx]"' in refused.why
    assert place.files == []
    assert not place.log.exists()


@pytest.mark.parametrize("kind", ["tensorrt-rtx", "tensorrt"])
def test_an_engine_that_was_asked_for_and_cannot_be_built_is_told(
    place: Place, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, kind.replace("-", "_"), None)
    assert place.export(kind) == []
    (refused,) = place.refused
    assert refused.engine == kind
    assert f"{kind} cannot be used here" in refused.why
    assert "Install it with" in refused.why
    assert place.files == []


def test_a_graph_that_plays_something_else_is_told_and_not_written(place: Place, spoil: Any, has_gpu: Any) -> None:
    has_gpu(None)
    spoil(lambda basis: basis.mul_(1.001))
    assert place.export("automatic") == []
    (no_engine, refused) = place.refused
    assert (no_engine.engine, refused.engine) == ("TensorRT", "onnx")
    assert "the ONNX graph does not play as the model does" in refused.why
    assert place.files == []
    assert not place.log.exists()


def test_what_should_not_happen_is_told_with_its_traceback_in_the_log(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*given: Any, **named: Any) -> bytes:
        raise RuntimeError("no such operator")

    monkeypatch.setattr(onnx_file, "onnx_bytes", break_down)
    assert place.export("onnx") == []
    (refused,) = place.refused
    assert refused.why == "It broke down (RuntimeError: no such operator); log.txt says where."
    log = place.log.read_text(encoding="utf-8")
    assert log.startswith("Traceback (most recent call last)")
    assert "in break_down" in log
    assert place.files == []
    assert place.phases == [("export", 0, 1), ("export", 1, 1)]


@rtx
@pytest.mark.parametrize(
    ("error", "kinds"), [(RuntimeError("no such operator"), ["onnx", "tensorrt-rtx"]), (KeyboardInterrupt(), ["onnx"])]
)
def test_after_a_breakdown_the_next_kind_is_tried_and_after_an_interruption_none(
    place: Place, has_gpu: Any, monkeypatch: pytest.MonkeyPatch, error: BaseException, kinds: list[str]
) -> None:
    def break_down(*given: Any, **named: Any) -> bytes:
        raise error

    has_gpu(ADA)
    monkeypatch.setattr(onnx_file, "onnx_bytes", break_down)
    assert place.export("automatic") == []
    assert [refused.engine for refused in place.refused] == kinds
    if isinstance(error, KeyboardInterrupt):
        assert place.refused[0].why == "It was interrupted."
        assert not place.log.exists()
    assert place.phases[-1] == ("export", 2, 2)


@rtx
def test_what_was_written_before_an_interruption_stays(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*given: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(write, "write_engine", interrupt)
    (path,) = place.export("tensorrt-rtx")
    assert place.files == [path.name] == ["Zoë 1.fp16.onnx"]
    assert [told.path for told in place.exported] == [str(path)]
    assert [refused.why for refused in place.refused] == ["It was interrupted."]
