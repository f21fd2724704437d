"""How an error of glm_deep becomes one of Maya's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from maya import cmds

from glm_deep.errors import GlmDeepError


@contextmanager
def told() -> Iterator[None]:
    """Shows an error of glm_deep as one sentence, and raises it as what scripts of Maya catch.

    Raises:
        RuntimeError: with the sentence of the error, which MEL reports as its own and Python shows without more.
    """
    try:
        yield
    except GlmDeepError as error:
        raise RuntimeError(str(error)) from None


def warn(text: str) -> None:
    """Shows a warning."""
    cmds.warning(text)
