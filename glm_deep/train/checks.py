"""What is refused before a run is begun, so that nothing is written, and what is odd about its settings."""

from __future__ import annotations

from collections import Counter

from glm_deep.character import Character
from glm_deep.dataset.samples import SampleSet
from glm_deep.dataset.split import LEAST_TRAINING, LEAST_VALIDATION
from glm_deep.errors import ConfigError, DataError
from glm_deep.rundir import check_writable
from glm_deep.train.closed_form import MOST_COMPONENTS
from glm_deep.train.resources import check_memory, needed_memory, network_memory, usable_threads

_NAMED = 5


def check(character: Character, samples: SampleSet) -> None:
    """Refuses samples and settings that no model can come of; reads every sample once.

    Raises:
        DataError: too few samples, or a part of them is damaged.
        ConfigError: additional anchors, or vertices of the relevance, that the meshes do not have.
        GlmDeepError: more memory is needed than there is, or a folder cannot be written that the model will go to.
    """
    needed = LEAST_TRAINING + LEAST_VALIDATION
    if samples.frame_count < needed:
        raise DataError(
            f"{samples.frame_count} frames are too few to train: at least {needed} are needed",
            where=str(character.main.samples),
            hint="Extract or import more frames",
        )
    _check_vertices(character, samples)
    training, export = character.config.training, character.config.export
    for folder in (character.main.runs, character.main.models):
        check_writable(folder)
    if export.publish_to:
        check_writable(character.document.resolved(export.publish_to))
    vertices = sum(len(mesh.rest) for mesh in samples.meshes)
    anchors = round(vertices * training.anchors.percent / 100)
    components = MOST_COMPONENTS if training.pca.enabled else None
    threads = training.cpu_threads or usable_threads()
    needed_bytes = needed_memory(samples.frame_count, vertices, anchors, components, threads)
    needed_bytes += network_memory(training, samples.frame_count, anchors, len(samples.layout.value_names))
    check_memory(needed_bytes)
    samples.verify()


def repeated_anchors(character: Character) -> list[str]:
    """A sentence for every mesh with additional anchors that are given more than once."""
    found = []
    given: dict[str, Counter[int]] = {}
    for each in character.config.training.anchors.additional:
        given.setdefault(each.mesh, Counter()).update(each.vertices)
    for mesh, counts in given.items():
        again = [str(vertex) for vertex, count in counts.items() if count > 1]
        if again:
            more = f" and {len(again) - _NAMED} more" if len(again) > _NAMED else ""
            listed = ", ".join(again[:_NAMED]) + more
            found.append(f'Additional anchors of the mesh "{mesh}" are given more than once and count once: {listed}.')
    return found


def _check_vertices(character: Character, samples: SampleSet) -> None:
    counts = {mesh.name: len(mesh.rest) for mesh in samples.meshes}
    training = character.config.training
    named = [
        (f"anchors.additional[{index}]", each.mesh, each.vertices)
        for index, each in enumerate(training.anchors.additional)
    ]
    named += [(f"relevance[{index}]", each.mesh, each.vertices) for index, each in enumerate(training.relevance)]
    for key, mesh, vertices in named:
        wrong = [vertex for vertex in vertices if vertex >= counts[mesh]]
        if wrong:
            raise ConfigError(
                f'the mesh "{mesh}" has no vertex {wrong[0]}: its vertices are 0 to {counts[mesh] - 1}',
                where=f"{character.document.path}, training.{key}.vertices",
                hint="Remove the index",
            )
