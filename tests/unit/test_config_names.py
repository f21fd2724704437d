"""Names in a configuration that become files and folders: what one of the systems could not write is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from glm_deep.config import Config
from glm_deep.errors import ConfigError

ACCEPTED = ["hero", "Käthe 2", "hero.old", "脚.v2", "console", "com10", "a-b_(c)'&;=,+"]
KEPT_BY_WINDOWS = ["CON", "prn", "Aux.old", "nul .x", "com1", "COM9", "lpt1.a.b", "LPT9"]


def config(asset: str = "hero", session: str = "session") -> Config:
    return Config.from_json(
        {
            "glm_deep": 1,
            "asset": asset,
            "meshes": [{"deformed": "body"}],
            "extraction": {"session_directory": session},
        }
    )


def refusal(**names: str) -> str:
    with pytest.raises(ConfigError) as caught:
        config(**names)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize("name", ACCEPTED)
def test_names_that_every_system_can_write_are_accepted_and_can_be_written(name: str, tmp_path: Path) -> None:
    assert config(asset=name).asset == name
    assert config(session=f"day 1/{name}").extraction.session_directory == f"day 1/{name}"
    (tmp_path / "day 1" / name).mkdir(parents=True)


@pytest.mark.parametrize("character", '<>:"|?*/\\')
def test_characters_that_no_file_name_may_hold_are_named(character: str) -> None:
    assert f"must not hold the character {character}; the model file is named" in refusal(asset=f"a{character}b")
    if character != "/":
        assert refusal(session=f"x/a{character}b").endswith(f"must not hold the character {character}")


@pytest.mark.parametrize("name", KEPT_BY_WINDOWS)
def test_names_that_windows_keeps_are_refused_in_any_case_and_with_any_ending(name: str) -> None:
    assert f'"{name}" is a name that Windows keeps for itself' in refusal(asset=name)
    assert refusal(session=f"a/{name}/b").endswith(f'"{name}" is a name that Windows keeps for itself')


@pytest.mark.parametrize(("name", "end"), [("x.", "dot"), ("..", "dot"), ("x ", "space"), (" ", "space")])
def test_a_dot_or_space_at_the_end_is_refused(name: str, end: str) -> None:
    assert f"must not end with a {end}" in refusal(asset=name)


def test_a_path_is_no_name_of_a_character() -> None:
    assert refusal(asset="../../x").startswith('asset is "../../x", but must not hold the character /')


@pytest.mark.parametrize("session", ["..", "a/../b", "/data", "C:\\data", "C:data", "."])
def test_sessions_outside_of_the_samples_are_refused(session: str) -> None:
    assert refusal(session=session).endswith("but must name a folder inside the samples")


@pytest.mark.parametrize("name", ["shard-0001", "Shard-12", ".partial-x", "index.json", ".hidden"])
def test_names_that_the_samples_use_themselves_are_refused_for_sessions(name: str) -> None:
    assert refusal(session=f"a/{name}").endswith(f'"{name}" is a name that the samples use themselves')
