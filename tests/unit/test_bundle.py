from __future__ import annotations

import io
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from glm_deep.bundle import Bundle
from glm_deep.errors import BundleError, GlmDeepError

FACTS = {"asset": "Bär", "settings": {"z": 1, "a": [0.5, None, True]}}
ONCE = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def small() -> Bundle:
    random = np.random.default_rng(5)
    arrays = {
        "body/weights": random.standard_normal((7, 3)).astype(np.float32),
        "kept": np.array([True, False]),
        "names": np.array(["jaw", "öhr"]),
    }
    return Bundle(FACTS, arrays)


def same(first: Bundle, second: Bundle) -> bool:
    return (
        first.facts == second.facts
        and first.arrays.keys() == second.arrays.keys()
        and all(equal(first.arrays[name], second.arrays[name]) for name in first.arrays)
    )


def equal(first: np.ndarray, second: np.ndarray) -> bool:
    return first.dtype == second.dtype and first.shape == second.shape and first.tobytes() == second.tobytes()


def rewritten(path: Path, change) -> Path:
    """A copy of a model whose members went through `change(dict of name to bytes)`."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    copy = path.with_name("changed.glmdeep")
    with zipfile.ZipFile(copy, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return copy


def with_manifest(path: Path, **entries) -> Path:
    def change(members):
        members["manifest.json"] = json.dumps({**json.loads(members["manifest.json"]), **entries}).encode()

    return rewritten(path, change)


DTYPES = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(),
    hnp.unsigned_integer_dtypes(),
    hnp.floating_dtypes(),
    hnp.complex_number_dtypes(),
    hnp.unicode_string_dtypes(max_len=5),
    hnp.byte_string_dtypes(max_len=5),
)
ARRAYS = DTYPES.flatmap(lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0, max_side=4)))
NAMES = st.text("abcXYZ äß0:|._-/", min_size=1, max_size=8).filter(
    lambda name: all(name.split("/")) and ".." not in name.split("/")
)


@settings(ONCE, max_examples=150)
@given(arrays=st.dictionaries(NAMES, ARRAYS, max_size=3))
def test_any_arrays_come_back_bit_for_bit(tmp_path, arrays):
    path = tmp_path / "a b ü.glmdeep"
    Bundle(FACTS, arrays).save(path)
    assert same(Bundle.load(path), Bundle(FACTS, arrays))


def test_arrays_in_any_memory_order_come_back_with_their_values(tmp_path):
    values = np.arange(24.0).reshape(4, 6)
    Bundle({}, {"turned": values.T, "stepped": values[::2, ::-1], "fortran": np.asfortranarray(values)}).save(
        tmp_path / "m"
    )
    loaded = Bundle.load(tmp_path / "m").arrays
    np.testing.assert_array_equal(loaded["turned"], values.T)
    np.testing.assert_array_equal(loaded["stepped"], values[::2, ::-1])
    np.testing.assert_array_equal(loaded["fortran"], values)


def test_the_facts_keep_their_order(tmp_path):
    small().save(tmp_path / "m")
    assert list(Bundle.load(tmp_path / "m").facts["settings"]) == ["z", "a"]


def test_the_facts_are_read_without_the_arrays(tmp_path: Path) -> None:
    small().save(tmp_path / "a.glmdeep")
    assert Bundle.facts_of(tmp_path / "a.glmdeep") == FACTS
    without = rewritten(tmp_path / "a.glmdeep", lambda members: members.pop("body/weights.npy"))
    assert Bundle.facts_of(without) == FACTS
    with pytest.raises(BundleError):
        Bundle.facts_of(tmp_path / "b.glmdeep")


def test_numpy_alone_opens_a_model(tmp_path):
    small().save(tmp_path / "m.glmdeep")
    with np.load(tmp_path / "m.glmdeep", allow_pickle=False) as archive:
        np.testing.assert_array_equal(archive["body/weights"], small().arrays["body/weights"])


def test_the_same_model_gives_the_same_bytes(tmp_path):
    first = small()
    first.save(tmp_path / "a")
    Bundle(dict(FACTS), dict(reversed(list(first.arrays.items())))).save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with zipfile.ZipFile(tmp_path / "a") as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.create_system for info in archive.infolist()} == {3}


@pytest.mark.parametrize("size", [20_000, 3_000_000])
def test_an_array_is_deflated_only_where_that_saves_a_tenth(tmp_path, size):
    random = np.random.default_rng(1)

    def with_zeros(part: float) -> np.ndarray:
        values = random.integers(0, 256, (size // 1000, 1000), np.uint8)
        values[:, : int(part * 1000)] = 0
        return values

    arrays = {"dense": with_zeros(0.0), "nearly dense": with_zeros(0.06), "thinner": with_zeros(0.2)}
    Bundle({}, arrays).save(tmp_path / "m")
    with zipfile.ZipFile(tmp_path / "m") as archive:
        deflated = {info.filename for info in archive.infolist() if info.compress_type == zipfile.ZIP_DEFLATED}
    assert deflated == {"thinner.npy"}
    assert same(Bundle.load(tmp_path / "m"), Bundle({}, arrays))


def test_the_manifest_describes_every_array(tmp_path):
    Bundle({"seed": 3}, {"ones": np.ones((2, 3), "<f4")}).save(tmp_path / "m")
    with zipfile.ZipFile(tmp_path / "m") as archive:
        manifest = json.loads(archive.read("manifest.json"))
    # of 00 00 80 3f, six times
    digest = "f46913286d895f62d646314f400fc3d7a543cf34eb4ae56df87f43dc4582a36b"
    assert manifest["arrays"]["ones"].pop("sha256") == digest
    assert manifest == {
        "format": "glm_deep model",
        "version": 2,
        "facts": {"seed": 3},
        "arrays": {"ones": {"dtype": "<f4", "shape": [2, 3]}},
    }


def test_a_model_cut_short_anywhere_is_refused(tmp_path):
    path = tmp_path / "m.glmdeep"
    small().save(path)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(BundleError, match=r"m\.glmdeep: (this is no glm_deep model|the model file is cut short)"):
            Bundle.load(path)


def test_a_flipped_bit_anywhere_is_refused_or_harmless(tmp_path):
    path = tmp_path / "m.glmdeep"
    small().save(path)
    whole = path.read_bytes()
    refused = 0
    for position in range(len(whole)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x10]) + whole[position + 1 :])
        try:
            assert same(Bundle.load(path), small())
        except BundleError:
            refused += 1
    assert refused > 0.8 * len(whole)


@settings(ONCE, max_examples=100)
@given(junk=st.binary(max_size=300), zip_like=st.booleans())
def test_no_bytes_whatever_are_taken_for_a_model(tmp_path, junk, zip_like):
    path = tmp_path / "junk"
    path.write_bytes((b"PK\x03\x04" if zip_like else b"") + junk)
    with pytest.raises(BundleError):
        Bundle.load(path)


def test_a_damaged_array_is_named(tmp_path):
    path = tmp_path / "m"
    small().save(path)
    data = path.read_bytes()
    at = data.index(small().arrays["body/weights"].tobytes())
    path.write_bytes(data[: at + 5] + b"\x00\x00" + data[at + 7 :])
    with pytest.raises(
        BundleError, match='m: the model file is damaged: the array "body/weights" is not what was saved'
    ):
        Bundle.load(path)


def other_values(members):
    stream = io.BytesIO()
    np.save(stream, np.array([True, True]))
    members["kept.npy"] = stream.getvalue()


def other_shape(members):
    stream = io.BytesIO()
    np.save(stream, np.array([[True, False]]))
    members["kept.npy"] = stream.getvalue()


def other_type(members):
    stream = io.BytesIO()
    np.save(stream, np.array([1, 0], np.uint8))
    members["kept.npy"] = stream.getvalue()


@pytest.mark.parametrize("change", [other_values, other_shape, other_type])
def test_an_array_that_was_exchanged_is_named(tmp_path, change):
    small().save(tmp_path / "m")
    with pytest.raises(BundleError, match='the array "kept" is not what was saved'):
        Bundle.load(rewritten(tmp_path / "m", change))


def test_a_missing_array_is_named(tmp_path):
    small().save(tmp_path / "m")
    with pytest.raises(BundleError, match='the array "names" is missing'):
        Bundle.load(rewritten(tmp_path / "m", lambda members: members.pop("names.npy")))


class Trap:
    """Unpickling it would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_pickled_object_in_a_model_is_refused_and_not_run(tmp_path):
    def smuggle(members):
        stream = io.BytesIO()
        header = {"descr": "|O", "fortran_order": False, "shape": (2,)}
        np.lib.format.write_array_header_1_0(stream, header)
        members["kept.npy"] = stream.getvalue() + pickle.dumps(Trap(tmp_path / "sprung"))

    small().save(tmp_path / "m")
    with pytest.raises(BundleError, match='the array "kept" is not what was saved'):
        Bundle.load(rewritten(tmp_path / "m", smuggle))
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "array", [np.array([{}, None]), np.zeros(2, [("x", "f4")]), np.array(["2031-05-01"], "datetime64[D]")]
)
def test_objects_and_records_are_refused_when_saving(tmp_path, array):
    with pytest.raises(BundleError, match='the array "odd" holds Python objects or records'):
        Bundle({}, {"odd": array}).save(tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "/a", "a//b", "../a", "a/../b", "a\\b", "a\x00b", "a\n"])
def test_names_that_a_zip_would_change_are_refused_when_saving(tmp_path, name):
    with pytest.raises(BundleError, match="cannot be the name of an array"):
        Bundle({}, {name: np.ones(2)}).save(tmp_path / "m")


@pytest.mark.parametrize("facts", [{"loss": float("nan")}, {"path": Path("a")}])
def test_facts_that_are_no_json_are_refused_and_the_old_model_stays(tmp_path, facts):
    small().save(tmp_path / "m")
    with pytest.raises(BundleError, match="the facts of the model cannot be stored as JSON"):
        Bundle(facts, {}).save(tmp_path / "m")
    assert same(Bundle.load(tmp_path / "m"), small())


def test_a_model_of_a_newer_version_is_refused_in_words(tmp_path):
    small().save(tmp_path / "m")
    newer = with_manifest(tmp_path / "m", version=3, arrays="elsewhere")
    message = r"written by a newer glm_deep \(format 3; this one reads up to 2\)\. Update glm_deep"
    with pytest.raises(BundleError, match=message):
        Bundle.load(newer)


@pytest.mark.parametrize(
    "entries",
    [{"version": "1"}, {"version": None}, {"version": 0}, {"facts": 5}, {"arrays": []}, {"arrays": {"kept": 5}}],
)
def test_a_damaged_manifest_is_named(tmp_path, entries):
    small().save(tmp_path / "m")
    with pytest.raises(BundleError, match="its manifest is not what was saved"):
        Bundle.load(with_manifest(tmp_path / "m", **entries))


def test_a_manifest_that_is_no_json_is_named(tmp_path):
    small().save(tmp_path / "m")
    with pytest.raises(BundleError, match="its manifest is not what was saved"):
        Bundle.load(rewritten(tmp_path / "m", lambda members: members.update({"manifest.json": b"{"})))


def test_an_archive_of_frames_is_no_model(tmp_path):
    np.savez(tmp_path / "frames.npz", a=np.ones(3))
    with pytest.raises(BundleError, match=r"frames\.npz: this is no glm_deep model\. Give the \.glmdeep file"):
        Bundle.load(tmp_path / "frames.npz")
    small().save(tmp_path / "m")
    with pytest.raises(BundleError, match="this is no glm_deep model"):
        Bundle.load(with_manifest(tmp_path / "m", format="other model"))


def test_no_model_yet_is_said_with_the_next_step(tmp_path):
    with pytest.raises(BundleError, match=r"arm\.glmdeep: there is no model\. Train it first\."):
        Bundle.load(tmp_path / "arm.glmdeep")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(GlmDeepError, match=r"m\.glmdeep: cannot be written"):
        small().save(tmp_path / "file" / "m.glmdeep")


@settings(ONCE, max_examples=60)
@given(arrays=st.dictionaries(NAMES, ARRAYS, max_size=3))
def test_a_model_keeps_its_identity_when_it_is_stored_and_whatever_else_is_said_of_it(tmp_path, arrays):
    bundle = Bundle(FACTS, arrays)
    bundle.save(tmp_path / "m")
    assert Bundle.load(tmp_path / "m").identity == bundle.identity
    assert Bundle({"asset": "another"}, dict(reversed(list(arrays.items())))).identity == bundle.identity


def test_the_memory_order_of_an_array_is_no_part_of_the_identity():
    values = np.arange(6.0).reshape(2, 3)
    assert Bundle({}, {"a": np.asfortranarray(values)}).identity == Bundle({}, {"a": values}).identity
    assert Bundle({}, {"a": values.T}).identity != Bundle({}, {"a": values}).identity


def with_another_number(arrays):
    arrays["body/weights"].flat[11] = np.nextafter(arrays["body/weights"].flat[11], np.float32(9))


def with_another_type(arrays):
    arrays["kept"] = arrays["kept"].view(np.uint8)


def with_another_shape(arrays):
    arrays["body/weights"] = arrays["body/weights"].reshape(3, 7)


def with_another_name(arrays):
    arrays["body/weight"] = arrays.pop("body/weights")


def with_exchanged_names(arrays):
    arrays["names"], arrays["kept"] = arrays["kept"], arrays["names"]


def with_one_more(arrays):
    arrays["more"] = np.zeros(0)


@pytest.mark.parametrize(
    "change",
    [
        with_another_number,
        with_another_type,
        with_another_shape,
        with_another_name,
        with_exchanged_names,
        with_one_more,
    ],
)
def test_a_model_whose_arrays_differ_in_anything_has_another_identity(change):
    other = {name: array.copy() for name, array in small().arrays.items()}
    assert Bundle(FACTS, other).identity == small().identity
    change(other)
    assert Bundle(FACTS, other).identity != small().identity
