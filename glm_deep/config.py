"""The settings of a character: every field of a `.dio` file, declared once with type, unit, range, default and help.

The JSON schema, the checks, the help on the command line, the form in the window and the table in the README follow
from these declarations. Keys in the file are the names of the fields.
"""
# ruff: noqa: RUF009 - `declare` and `section` make dataclass fields, as `dataclasses.field` does

from __future__ import annotations

import copy
import functools
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from glm_deep.configuration.check import Problem, check, refuse
from glm_deep.configuration.declare import OptionalNumber, built, declare, json_of, schema_of, section
from glm_deep.configuration.fields import Field, fields_of, table_of
from glm_deep.configuration.rules import broken_rules, linear_name

SCHEMA_VERSION = 1
LARGEST_INDEX = 2**31 - 1  # indices are stored as int32
PCA_PART_OF_VERTICES = 0.1  # a PCA size is never above this part of the vertices
LARGEST_SEED = 2**32 - 1  # what numpy's and scikit-learn's generators take


@dataclass(frozen=True)
class Mesh:
    """One mesh that is learned; `linear` is never empty here, whatever the file says."""

    deformed: str = declare(
        "", "Deformed mesh", "Mesh at the end of the whole deformer stack: what is learned.", required=True, filled=True
    )
    linear: str = declare(
        "",
        "Linear mesh",
        'Copy of the mesh with its skinCluster alone. Empty stands for the deformed mesh\'s name and "_linear".',
    )
    base_skin_cluster_mesh: str = declare(
        "",
        "Mesh with the base skinCluster",
        "Mesh whose skinCluster is undone to find the offsets before skinning. Empty stands for the linear mesh.",
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "linear", linear_name(self.deformed, self.linear))


@dataclass(frozen=True)
class JointInput:
    """A joint that drives the deformation."""

    name: str = declare(
        "", "Joint", "Joint that drives the skinCluster; it counts as twelve inputs.", required=True, filled=True
    )
    parent: str = declare("", "Parent joint", "Another joint of this list, relative to which it moves. Empty: a root.")
    plug: str = declare("worldMatrix[0]", "Plug", "Attribute of the joint that holds its world matrix.", filled=True)


@dataclass(frozen=True)
class MatrixInput:
    """A matrix, other than a joint's, that drives the deformation."""

    name: str = declare("", "Matrix", "Transform whose matrix drives the deformation.", required=True, filled=True)
    plug: str = declare("worldMatrix[0]", "Plug", "Attribute of the transform that holds the matrix.", filled=True)


@dataclass(frozen=True)
class FloatInput:
    """A number that drives the deformation."""

    name: str = declare(
        "", "Attribute", "Numeric attribute that drives the deformation, such as jaw.open.", required=True, filled=True
    )
    min: OptionalNumber = declare(None, "Lowest value", "Its lower limit; null takes it from the samples.")
    max: OptionalNumber = declare(None, "Highest value", "Its upper limit; null takes it from the samples.")


@dataclass(frozen=True)
class RigInputs:
    """What the rig is driven by. After a change samples and model no longer fit."""

    joints: tuple[JointInput, ...] = declare((), "Joints", "Joints that drive the skinCluster.")
    matrices: tuple[MatrixInput, ...] = declare((), "Matrices", "Other matrices that drive the deformation.")
    floats: tuple[FloatInput, ...] = declare((), "Attributes", "Numeric attributes that drive the deformation.")


@dataclass(frozen=True)
class Extraction:
    """Where samples are kept, and which frames become samples."""

    session_directory: str = declare(
        "session",
        "Session folder",
        "Folder below the samples that keeps what is extracted or imported with this configuration.",
        filled=True,
    )
    start_frame: float = declare(1.0, "Start frame", "First frame to extract.", unit="frames")
    end_frame: float = declare(100.0, "End frame", "Last frame to extract, not before the first.", unit="frames")
    step: float = declare(1.0, "Frame step", "Distance from one extracted frame to the next.", unit="frames", above=0)
    discard_identical: bool = declare(
        True, "Discard identical samples", "Leave out a sample whose inputs equal those of one that is already there."
    )
    identical_tolerance: float = declare(
        1e-6,
        "Tolerance of identical",
        "Inputs that differ by no more than this, after scaling, count as equal.",
        unit="of the scale of the input",
        minimum=0,
    )


@dataclass(frozen=True)
class Pca:
    """Compression of the deformation before it is learned."""

    enabled: bool = declare(
        True,
        "Enable PCA",
        "Learn the deformation in a compressed basis. Saves time and memory, the more so from 10,000 vertices on and "
        "on the CPU.",
        critical=True,
    )
    size: int = declare(
        0,
        "PCA Performance <-> Quality",
        "Components of the basis: more keep more detail and cost more time. 0 takes the smallest size whose "
        "validation error is within 0.5 % of the best. Never more than 10 % of the vertices, nor than the frames.",
        unit="components",
        minimum=0,
        critical=True,
    )


@dataclass(frozen=True)
class Differential:
    """The large model: a network a region, for what the closed form leaves."""

    layers: int = declare(
        2,
        "Differential Model Layers Count",
        "Hidden layers of the network of each region. Fewer play faster on the CPU.",
        unit="layers",
        minimum=1,
        maximum=5,
    )
    neurons: int = declare(
        64,
        "Neurons Per Layer",
        "Width of each hidden layer of the network of each region. Fewer play faster on the CPU.",
        unit="neurons",
        minimum=8,
        maximum=2048,
    )
    batch_split: int = declare(
        8,
        "Batch Split Divider",
        "Into how many batches the training frames are divided: more learn better in the same epochs, and take "
        "longer. Best left alone.",
        unit="batches",
        minimum=1,
        maximum=1000,
    )
    epochs: int = declare(
        200,
        "Epochs For Differential",
        "How often the differential model sees every training frame. Usually 2 to 10 times the epochs of the "
        "subspace models. 0 keeps what is solved without training.",
        unit="epochs",
        minimum=0,
        maximum=100_000,
        critical=True,
    )


@dataclass(frozen=True)
class Subspaces:
    """The very small networks, one for each anchor."""

    epochs: int = declare(
        60,
        "Epochs For Subspaces",
        "How often each subspace model sees every training frame. Usually fewer than those of the differential "
        "model; more are unusual but allowed. 0 keeps what is solved without training.",
        unit="epochs",
        minimum=0,
        maximum=100_000,
        critical=True,
    )
    layers: int = declare(
        2, "Layers of a subspace model", "Hidden layers of each subspace model.", unit="layers", minimum=1, maximum=3
    )
    neurons: int = declare(
        32,
        "Neurons of a subspace model",
        "Width of each hidden layer of a subspace model.",
        unit="neurons",
        minimum=4,
        maximum=64,
    )


@dataclass(frozen=True)
class AdditionalAnchors:
    """Anchors that were chosen by hand on one mesh."""

    mesh: str = declare("", "Mesh", "Deformed mesh that the vertices belong to.", required=True, filled=True)
    vertices: tuple[int, ...] = declare(
        (),
        "Vertices",
        "Indices of vertices that become anchors as well.",
        minimum=0,
        maximum=LARGEST_INDEX,
        required=True,
    )


@dataclass(frozen=True)
class Anchors:
    """The vertices whose absolute offsets are learned."""

    percent: float = declare(
        2.0,
        "Anchor Point Percent",
        "Share of the vertices that become anchors. More leave a wider range to trade speed for quality when the "
        "model is played, and take longer to train.",
        unit="% of the vertices",
        above=0.05,
        maximum=10,
        critical=True,
    )
    additional: tuple[AdditionalAnchors, ...] = declare(
        (),
        "Additional Anchor Points Indices",
        "Vertices that become anchors besides those that are found automatically.",
    )


@dataclass(frozen=True)
class Relevance:
    """What is known of one input and some vertices of one mesh."""

    input: str = declare(
        "",
        "Input",
        "Joint, matrix or attribute of this file that is known to move them, or not.",
        required=True,
        filled=True,
    )
    mesh: str = declare("", "Mesh", "Deformed mesh that the vertices belong to.", required=True, filled=True)
    vertices: tuple[int, ...] = declare(
        (),
        "Vertices",
        "Indices of the vertices. An empty list stands for the whole mesh.",
        minimum=0,
        maximum=LARGEST_INDEX,
    )
    moves: bool = declare(
        True,
        "Moves them",
        "Whether the input moves them. false keeps it out of the regions that consist mostly of these vertices; true "
        "lets it begin there as if it were the strongest.",
        required=True,
    )


@dataclass(frozen=True)
class Training:
    """How the model is trained."""

    pca: Pca = section(Pca, "PCA", "Compression of the deformation before it is learned.")
    differential: Differential = section(
        Differential, "Differential model", "The large model: a network a region, for what the closed form leaves."
    )
    subspaces: Subspaces = section(Subspaces, "Subspace models", "The very small networks, one for each anchor.")
    anchors: Anchors = section(Anchors, "Anchors", "The vertices whose absolute offsets are learned.")
    relevance: tuple[Relevance, ...] = declare(
        (),
        "Input Relevance",
        "Which inputs move which vertices, where what the samples tell is wrong. The last entry about an input and a "
        "vertex counts.",
    )
    learning_rate: float = declare(
        1e-4,
        "Learning Rate",
        "Speed of convergence. The schedule peaks at ten times this value; with decay epochs set the rate is used as "
        "it is. 0.001 and above tends to get stuck; 0.00001 asks for more epochs and ends better.",
        above=0,
        maximum=1,
        critical=True,
    )
    learning_rate_decay_epochs: int = declare(
        0,
        "Learning Rate Decay Epochs",
        "After every so many epochs the learning rate is divided. 0 is off and leaves the rate to the schedule.",
        unit="epochs",
        minimum=0,
        maximum=100_000,
    )
    learning_rate_decay_divider: float = declare(
        2.0,
        "Learning Rate Decay Divider",
        "What the learning rate is divided by. 2 to 10 is reasonable.",
        above=1,
        maximum=100,
    )
    validation_share: float = declare(
        0.1,
        "Validation share",
        "Share of the frames that choose and measure the model. In the end the closed form is solved with them too.",
        unit="of the frames",
        minimum=0.02,
        maximum=0.5,
    )
    seed: int = declare(
        0,
        "Seed",
        "Start of all random numbers. The same seed and samples give the same model on the same machine.",
        minimum=0,
        maximum=LARGEST_SEED,
    )
    device: str = declare(
        "automatic",
        "Device",
        'Where the differential model trains; "automatic" takes the GPU when there is one.',
        choices=("automatic", "cpu", "cuda"),
    )
    early_stop: bool = declare(True, "Stop early", "End the training when the validation error has stopped falling.")
    cpu_threads: int = declare(
        0, "CPU Threads", "Threads to train with. 0 is automatic.", unit="threads", minimum=0, maximum=256
    )


@dataclass(frozen=True)
class Export:
    """What happens to a finished model."""

    publish_to: str = declare(
        "",
        "Publish to",
        "Folder, relative to this file, that receives a copy of the model after each training. Empty: none.",
    )
    after_training: str = declare(
        "automatic",
        "Export after training",
        'For which engines each training exports its model. "automatic" writes the ONNX graph where its packages are '
        "installed, and a TensorRT engine too where there is a GPU for it.",
        choices=("automatic", "none", "onnx", "tensorrt-rtx", "tensorrt"),
    )


@dataclass(frozen=True)
class Playing:
    """How a model is played."""

    back_end: str = declare(
        "automatic",
        "Inference mode",
        'What plays the model. "automatic" takes the fastest, measured once for each model and machine; where one '
        "cannot play, numpy does.",
        choices=("automatic", "numpy", "onnxruntime", "torch-cpu", "torch-fp32", "torch-fp16", "tensorrt"),
    )
    outside_range: str = declare(
        "pass",
        "Outside the range",
        'What becomes of inputs outside their range in the training by more than a quarter of its width. "pass" plays '
        'them as they are, which was nearer the truth where it was measured; "clamp" holds them at that quarter. They '
        "are reported either way.",
        choices=("pass", "clamp"),
    )


@dataclass(frozen=True)
class Config:
    """All settings of a character."""

    glm_deep: int = declare(
        SCHEMA_VERSION,
        "Schema version",
        "Version of the layout of this file, and what tells it from files of other programs.",
        minimum=SCHEMA_VERSION,
        maximum=SCHEMA_VERSION,
        required=True,
    )
    asset: str = declare("", "Asset name", "Name of the character.", required=True, filled=True)
    main_directory: str = declare(
        ".", "Main directory", "Folder of samples, runs and model, relative to this file.", filled=True
    )
    meshes: tuple[Mesh, ...] = declare((), "Meshes", "The meshes that are learned.", required=True, filled=True)
    rig_inputs: RigInputs = section(
        RigInputs, "Rig inputs", "What the rig is driven by. After a change samples and model no longer fit."
    )
    extraction: Extraction = section(Extraction, "Extraction", "Where samples are kept, and which frames become some.")
    training: Training = section(Training, "Training", "How the model is trained.")
    export: Export = section(Export, "Export", "What happens to a finished model.")
    playing: Playing = section(Playing, "Playing", "How a model is played.")

    @classmethod
    def from_json(cls, values: object) -> Config:
        """The configuration that `values` describe, defaults filled in; raises `ConfigError` with all problems."""
        refuse("The configuration cannot be used", problems_of(values))
        return built(cls, values)  # type: ignore[arg-type]

    def to_json(self) -> dict[str, Any]:
        """Every setting in the order of declaration, defaults written out."""
        settings: dict[str, Any] = json_of(self)
        return settings

    def settings_hash(self) -> str:
        """SHA-256, in hexadecimal, of the settings that change what a training yields."""
        canonical = json.dumps(trained_settings(self.to_json()), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def json_schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of a `.dio` file, for checks and for editors that complete and explain keys."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "glm_deep configuration",
        "description": "Settings of a character whose deformation is learned.",
        **schema_of(Config),
    }


@functools.cache
def fields() -> tuple[Field, ...]:
    """Every setting in the order of the file; those of a list's entries have keys such as `meshes[].deformed`."""
    return fields_of(json_schema())


def markdown_table() -> str:
    """The settings as a Markdown table; critical ones have bold keys."""
    return table_of(fields())


def problems_of(values: object) -> list[Problem]:
    """Everything that keeps `values`, the JSON of a whole file, from being a configuration; empty when nothing."""
    schema = json_schema()
    problems = {problem.path: problem for problem in broken_rules(values, schema)}
    problems.update({problem.path: problem for problem in check(values, schema)})
    return list(problems.values())


def trained_settings(values: dict[str, Any]) -> dict[str, Any]:
    """The part of the JSON of a configuration that changes what a training yields."""
    kept: dict[str, Any] = {
        key: copy.deepcopy(values[key]) for key in ("meshes", "rig_inputs", "training") if key in values
    }
    if isinstance(kept.get("training"), dict):
        for key in ("cpu_threads", "device"):
            kept["training"].pop(key, None)
    return kept
