"""`glm-deep info`: what there is of a character: samples, runs, model, and whether they fit together."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from glm_deep.commands.region_text import regions_table
from glm_deep.errors import ExitCode

if TYPE_CHECKING:
    from glm_deep.character import Character

_OF_REGIONS = ("inputs_of_regions", "regions")  # one entry a region; files of an earlier version have no "regions"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers `info`."""
    parser = subparsers.add_parser("info", help="show samples, runs and model of a character")
    parser.add_argument("configuration", metavar="CONF.dio", help="the configuration file")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> ExitCode:
    """Prints it."""
    from glm_deep import dio
    from glm_deep.character import Character

    found = describe(Character(dio.load(arguments.configuration)))
    print(json.dumps(found, indent=2) if arguments.json else _text(found))  # in ASCII, which every console can pass on
    return ExitCode.OK


def describe(character: Character) -> dict[str, Any]:
    """Samples with their sessions, the run that goes on, the model with its figures and why it is stale, as JSON."""
    from glm_deep.character import stale_reasons
    from glm_deep.rundir import is_training

    store, owner = character.store, is_training(character.main)
    found: dict[str, Any] = {
        "asset": character.config.asset,
        "main_directory": str(character.main.path),
        "samples": {
            "frames": store.frame_count,
            "sessions": [
                {
                    "name": shard.session,
                    "shard": shard.name,
                    "frames": shard.frames,
                    "date": shard.date,
                    "clips": dict(shard.clips),
                }
                for shard in store.shards
            ],
            "fingerprint": store.fingerprint,
            "data_hash": store.data_hash if store.exists else None,
            "damaged": _damage(character),
            "relevance": _relevance(character),
        },
        "runs": [folder.name for folder in character.main.run_folders()],
        "training": str(owner) if owner else None,
        "model": None,
    }
    if character.model_path.is_file():
        facts = character.load_model().facts
        kept = ("date", "frames", "partial", "seed", "versions", "report", "data_hash", *_OF_REGIONS)
        found["model"] = {
            "path": str(character.model_path),
            "bytes": character.model_path.stat().st_size,
            "stale": stale_reasons(character, facts),
            **{key: facts.get(key, []) if key in _OF_REGIONS else facts[key] for key in kept},
        }
    return found


def _damage(character: Character) -> str | None:
    """What is missing or cut off in the samples, None where nothing is; sizes are looked at, not every byte."""
    from glm_deep.errors import DataError

    if character.store.exists:
        try:
            character.store.open()
        except DataError as error:
            return f"{error.what}. {error.hint}"
    return None


def _relevance(character: Character) -> str:
    """Whether it was measured which input moves what, in words; empty where nothing was."""
    relevance, left_out = character.measured_relevance()
    return left_out if relevance is None else f"measured of {len(relevance.inputs)} inputs"


def _text(found: dict[str, Any]) -> str:
    samples = found["samples"]
    lines = [f"{found['asset']}, in {found['main_directory']}", f"samples: {samples['frames']} frames"]
    for session in samples["sessions"]:
        clips = ", ".join(f"{name} ({count})" for name, count in session["clips"].items())
        lines.append(f"  {session['shard']}  {session['name']}  {session['frames']} frames  {session['date']}  {clips}")
    for mesh in (samples["fingerprint"] or {}).get("meshes", []):
        lines.append(
            f"  mesh {mesh['name']}: {mesh['vertices']} vertices, {mesh['polygons']} polygons, "
            f"topology {mesh['topology'][:8]}, rest pose {mesh['rest'][:8]}"
        )
    if samples["data_hash"]:
        lines.append(f"  fingerprint of the data {samples['data_hash'][:8]}")
    if samples["damaged"]:
        lines.append(f"  damaged: {samples['damaged']}")
    if samples["relevance"]:
        lines.append(f"  relevance: {samples['relevance']}")
    lines.append(f"runs: {', '.join(found['runs']) or 'none'}")
    if found["training"]:
        lines.append(f"training now: {found['training']}")
    model = found["model"]
    if model is None:
        return "\n".join([*lines, "model: none yet"])
    state = "partial, the training was stopped" if model["partial"] else "whole"
    lines.append(f"model: {model['path']}, {model['bytes'] / 1e6:.1f} MB, {state}")
    lines.append(f"  trained on {model['frames']} frames, {model['date']}, seed {model['seed']}")
    report = model["report"]
    kept = f" that keep {report['pca_kept']:.2%} of the deformation" if "pca_kept" in report else ""
    lines.append(f"  {report['regions']} regions, {report['pca_size']} components{kept}, anchors: {report['anchors']}")
    for name, mesh in report["meshes"].items():
        percent, units = mesh["percent_of_diagonal"], mesh["scene_units"]
        lines.append(
            f"  {name}: held-out error mean {percent['mean']:.4f} %, p95 {percent['p95']:.4f} %, "
            f"worst {percent['max']:.3f} % ({units['max']:.3g} in scene units)"
        )
    lines += [f"  {line}" for line in regions_table(model["regions"], model["inputs_of_regions"])]
    lines += [f"  stale: {reason}" for reason in model["stale"]]
    return "\n".join(lines if model["stale"] else [*lines, "  fits the samples and the settings"])
