"""The commands of the plug-in: their names, their flags, and what each of them calls.

Every command works from MEL and from Python, answers with its result, and raises one sentence when it fails.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union

from glm_deep.errors import GlmDeepError

TEXT, SWITCH, WHOLE = "text", "switch", "whole"

Result = Union[str, int, list[str]]


@dataclass(frozen=True)
class Flag:
    """A flag of a command: its short and its long name without the dash, and what follows it."""

    short: str
    long: str
    kind: str = TEXT
    required: bool = False


@dataclass(frozen=True)
class Command:
    """A command: its name, its flags, and what it does with their values, by long name."""

    name: str
    flags: tuple[Flag, ...]
    run: Callable[[Mapping[str, Any]], Result]


CONFIGURATION = Flag("icf", "ioConfFile", required=True)


def path_of(text: str, flag: str = "ioConfFile") -> str:
    """The path that a flag gives: blanks and quotes around it go, ~ and variables are filled in, slashes are either.

    Raises:
        GlmDeepError: it is empty, was written in MEL with single backslashes, or begins with ~ and somebody unknown.
    """
    stripped = text.strip()
    if len(stripped) > 1 and stripped[0] == stripped[-1] and stripped[0] in "\"'":
        stripped = stripped[1:-1].strip()
    if not stripped:
        raise GlmDeepError(f"the flag -{flag} is empty", hint=f'Write a path: -{flag} "/path/to/the file"')
    if any(each < " " for each in stripped):  # "C:\new" is a line break between "C:" and "ew"
        raise GlmDeepError(
            f"the path {stripped!r} has a tab or a line break in it",
            hint="Write slashes: in MEL a backslash and the letter behind it are one sign",
        )
    try:
        expanded = Path(os.path.expandvars(stripped.replace("\\", "/"))).expanduser()
    except RuntimeError as error:
        raise GlmDeepError(f"nobody knows the home in {stripped}", hint="Write the whole path") from error
    if not expanded.is_absolute():
        from maya import cmds

        expanded = Path(str(cmds.workspace(query=True, rootDirectory=True)), expanded)
    return os.path.normpath(expanded)


def _saved(given: Mapping[str, Any]) -> str:
    """The path of the configuration, with what this scene has edited of it saved."""
    from glm_deep_maya.config_node import save_edits_of

    path = path_of(given["ioConfFile"])
    save_edits_of(Path(path))
    return path


def _train(given: Mapping[str, Any]) -> Result:
    from glm_deep_maya import training

    begin = training.train_in_background if given["background"] else training.train
    return begin(_saved(given), resume=given["resume"])


def _status(given: Mapping[str, Any]) -> Result:
    from glm_deep_maya.training import status

    found = status(path_of(given["ioConfFile"]), given["runName"])
    return [found.state, found.run, str(found.percent), found.text]


def _cancel(given: Mapping[str, Any]) -> Result:
    from glm_deep_maya.training import cancel

    return int(cancel(path_of(given["ioConfFile"]), given["runName"]))


def _extract(given: Mapping[str, Any]) -> Result:
    from glm_deep_maya.extract import extract

    return extract(_saved(given)).added


def _sample(given: Mapping[str, Any]) -> Result:
    from glm_deep_maya.sampler import COUNT, sample

    count = COUNT if given["count"] is None else given["count"]
    return sample(_saved(given), count, given["seed"] or 0).added


def _relevance(given: Mapping[str, Any]) -> Result:
    from glm_deep_maya.relevance import measure_relevance

    return measure_relevance(_saved(given))


def _duplicate(given: Mapping[str, Any]) -> Result:
    from glm_deep_maya.linear_mesh import duplicate_linear

    return duplicate_linear(given["input"], given["overrideName"])


def _settings(given: Mapping[str, Any]) -> Result:
    from glm_deep_maya.menu import has_window

    if not has_window():
        raise GlmDeepError("there is no window in batch", hint="Use glmDeepTrain and the other commands")
    from glm_deep_maya import dock  # which wants Qt

    control: str = dock.show(path_of(given["ioConfFile"]) if given["ioConfFile"] else "")
    return control


def _shell(command: str, *more: str) -> Callable[[Mapping[str, Any]], Result]:
    """A command of the shell that is done by the training Python."""

    def run(given: Mapping[str, Any]) -> Result:
        from glm_deep_maya.processes import output_of

        path = path_of(given["ioConfFile"])
        return output_of(command, path, *more, folder=Path(path).parent).strip()

    return run


def _clear(given: Mapping[str, Any]) -> Result:
    if given["samples"] == given["model"]:
        raise GlmDeepError("glmDeepClear clears one thing", hint="Add either -model or -samples")
    return _shell("clear", "--samples" if given["samples"] else "--model")(given)


def _export(given: Mapping[str, Any]) -> Result:
    more = ["--format", given["format"]] if given["format"] else []
    return _shell("export", *more)(given)


def _predict(given: Mapping[str, Any]) -> Result:
    if not given["frames"] or not given["output"]:
        raise GlmDeepError("glmDeepPredict needs frames and an output", hint="Add -frames FRAMES.npz -output OUT.npz")
    frames, output = path_of(given["frames"], "frames"), path_of(given["output"], "output")
    _shell("predict", frames, "-o", output)(given)
    return output


COMMANDS = (
    Command(
        "glmDeepTrain",
        (CONFIGURATION, Flag("b", "background", SWITCH), Flag("r", "resume", SWITCH)),
        _train,
    ),
    Command("glmDeepStatus", (CONFIGURATION, Flag("run", "runName")), _status),
    Command("glmDeepCancel", (CONFIGURATION, Flag("run", "runName")), _cancel),
    Command("glmDeepExtract", (CONFIGURATION,), _extract),
    Command("glmDeepSample", (CONFIGURATION, Flag("c", "count", WHOLE), Flag("sd", "seed", WHOLE)), _sample),
    Command("glmDeepRelevance", (CONFIGURATION,), _relevance),
    Command("glmDeepClear", (CONFIGURATION, Flag("m", "model", SWITCH), Flag("s", "samples", SWITCH)), _clear),
    Command("glmDeepExport", (CONFIGURATION, Flag("f", "format")), _export),
    Command("glmDeepInfo", (CONFIGURATION,), _shell("info")),
    Command("glmDeepPredict", (CONFIGURATION, Flag("fr", "frames"), Flag("o", "output")), _predict),
    Command("glmDeepSettings", (Flag("icf", "ioConfFile"),), _settings),
    Command("glmDuplicateMeshLinear", (Flag("i", "input", required=True), Flag("on", "overrideName")), _duplicate),
)
