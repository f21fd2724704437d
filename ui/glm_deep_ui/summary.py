"""What there is of a character, in the words of the tab: samples, model, whether they fit. Without Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from glm_deep.config import fields
from glm_deep.dio import Document
from glm_deep.errors import GlmDeepError
from glm_deep.launch import in_a_host

if TYPE_CHECKING:
    from glm_deep.character import Character

NO_SAMPLES, NO_MODEL, STALE, READY, BROKEN = "no samples", "no model", "stale", "ready", "broken"
UNKNOWN = "unknown"  # nothing here can read samples and models


@dataclass(frozen=True)
class Summary:
    """A character at a glance.

    Attributes:
        state: one of NO_SAMPLES, NO_MODEL, STALE, READY, BROKEN, UNKNOWN.
        frames: how many samples there are.
        headline: the state in one line. details: more lines, none of them needed.
        report: the held-out report of the model, None without one.
        vertices: of each mesh, by name; empty without samples.
    """

    state: str
    frames: int
    headline: str
    details: tuple[str, ...] = ()
    report: dict[str, Any] | None = None
    vertices: Mapping[str, int] = field(default_factory=dict)


def summary_of(document: Document) -> Summary:
    """The character of a configuration as it is now; what cannot be read is said, not raised."""
    try:
        from glm_deep.bundle import Bundle
        from glm_deep.character import Character
    except ImportError as error:
        said = f"Samples and model cannot be read here, because {error.name or 'numpy'} is missing."
        how = "The page Python says how to install it." if in_a_host() else "To see them: pip install numpy"
        return Summary(UNKNOWN, 0, said, (f"Training works all the same. {how}",))
    character = Character(document)
    frames = 0
    vertices: dict[str, int] = {}
    try:
        frames = character.store.frame_count
        known = (character.store.fingerprint or {}).get("meshes", [])
        vertices = {mesh["name"]: mesh["vertices"] for mesh in known}
        if not character.model_path.is_file():
            return _without_model(frames, vertices)
        return _with_model(character, Bundle.facts_of(character.model_path), frames, vertices)
    except GlmDeepError as error:
        headline = error.what[:1].upper() + error.what[1:] + "."
        return Summary(BROKEN, frames, headline, _lines(error), vertices=vertices)
    except (KeyError, TypeError) as error:
        return Summary(BROKEN, frames, f"The model file lacks {error}.", ("Train the model again.",), vertices=vertices)


def frames_of(document: Document) -> int | None:
    """How many samples there are; None where they cannot be read. Reads no model."""
    try:
        from glm_deep.character import Character
    except ImportError:
        return None
    try:
        return Character(document).store.frame_count
    except GlmDeepError:
        return None


def _with_model(character: Character, facts: Mapping[str, Any], frames: int, vertices: Mapping[str, int]) -> Summary:
    from glm_deep.character import stale_reasons

    stale = stale_reasons(character, facts)
    headline = f"Trained on {facts['frames']} frames, {facts['date'][:16]}"
    if facts.get("partial"):
        headline += " (stopped early)"
    details = [f"Stale: {_with_labels(reason)}." for reason in stale]
    return Summary(STALE if stale else READY, frames, headline, tuple(details), facts["report"], vertices)


def _without_model(frames: int, vertices: Mapping[str, int]) -> Summary:
    if not frames:
        return Summary(NO_SAMPLES, 0, "Add samples first: extract a frame range, or glm-deep import.")
    return Summary(NO_MODEL, frames, f"{frames} frames are there: press Train Model.", vertices=vertices)


def _lines(error: GlmDeepError) -> tuple[str, ...]:
    return tuple(f"{each}." for each in (error.where, error.hint) if each)


def _with_labels(reason: str) -> str:
    """A reason in which settings have the names that the window shows."""
    for each in fields():
        reason = reason.replace(f"the setting {each.key} ", f"{each.label} ")
    return reason
