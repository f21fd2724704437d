"""For every setting a value that is not its default."""

from __future__ import annotations

from typing import Any

from glm_deep.config import Field


def another_value(field: Field) -> Any:
    """A value that a setting may have and that is not its default."""
    special = {
        "rig_inputs.joints[].parent": "hip",
        "training.anchors.additional[].mesh": "teeth",
        "training.relevance[].input": "knee",
        "training.relevance[].mesh": "teeth",
    }
    if field.key in special:
        return special[field.key]
    if field.type == "boolean":
        return not field.default
    if field.type == "string":
        return field.choices[-1] if field.choices else "größer, other"
    if field.type == "array":
        return [0, 3, 3]
    if field.maximum is not None:
        return field.maximum if field.maximum != field.default else field.minimum
    return 7 if field.type == "integer" else (field.default or 0) + 0.25
