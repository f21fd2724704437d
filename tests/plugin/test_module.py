"""The module as studios get it: the zip that is built, the plug-in in it, and the installer that is dropped on Maya."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import build_module
import glm_deep

ROOT = Path(__file__).resolve().parents[2]
PLACE = "à Maya módules 日本"  # what people call their folders


def copied(folder: Path) -> Path:
    """A folder with those packages that go along and are installed here, as their wheels hold them."""
    for name in build_module.VENDORED:
        try:
            files = metadata.distribution(name).files or ()
        except metadata.PackageNotFoundError:
            continue  # Qt's are not in every environment
        for file in files:
            if ".." not in file.parts and "__pycache__" not in file.parts:
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), target)
    return folder


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages that go along, unpacked."""
    return copied(tmp_path_factory.mktemp("packages"))


@pytest.fixture(scope="module")
def unpacked(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the zip was unpacked."""
    folder = tmp_path_factory.mktemp("studio")
    build_module.build(folder / "module.zip", packages)
    with zipfile.ZipFile(folder / "module.zip") as packed:
        packed.extractall(folder / PLACE)
    return folder / PLACE


def places_of(module_file: Path) -> tuple[list[str], list[Path]]:
    """The words of the one line for the module, and the folders that the lines below add to Python's path."""
    head, *lines = module_file.read_text(encoding="utf-8").splitlines()
    words = head.split(" ", 3)
    root = module_file.parent / words[3]
    assert all(line.startswith("PYTHONPATH +:= ") for line in lines)
    return words, [(root / line.split(" +:= ")[1]).resolve() for line in lines]


def test_the_module_file_of_the_checkout_has_the_version_and_the_packages_of_the_checkout() -> None:
    words, folders = places_of(ROOT / "plugin" / "glm_deep.mod")
    assert words == ["+", "glm_deep", glm_deep.__version__, "."]
    assert folders == [ROOT, ROOT / "ui"]


def test_that_of_the_zip_has_the_version_and_the_packages_of_the_zip(unpacked: Path) -> None:
    words, folders = places_of(unpacked / "glm_deep.mod")
    assert words == ["+", "glm_deep", glm_deep.__version__, "./glm_deep"]
    assert folders == [unpacked / "glm_deep" / "site-packages"]


def test_the_zip_holds_the_plugin_and_its_packages_and_licences_and_nothing_compiled(unpacked: Path) -> None:
    files = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    here = unpacked / "glm_deep"
    assert {path.name for path in unpacked.iterdir()} == {"glm_deep.mod", "glm_deep"}
    assert {path.name for path in here.iterdir()} == {
        "install_glm_deep.py",
        "plug-ins",
        "scripts",
        "site-packages",
    }
    assert "glm_deep/plug-ins/glm_deep_plugin.py" in files
    assert "glm_deep/scripts/glm_deep_maya/__init__.py" in files
    tops = {path.name for path in (here / "site-packages").iterdir() if not path.name.endswith(".dist-info")}
    assert {"attr", "filelock", "jsonschema", "pyrsistent"} <= tops
    # the folder that the training Python is given holds nothing that would hide what it has itself
    assert {path.name for path in (here / "scripts").iterdir()} == {"glm_deep", "glm_deep_maya", "glm_deep_ui"}
    assert not {"numpy", "bin", "typing_extensions.py"} & tops
    for note in (here / "site-packages").glob("*.dist-info"):
        assert any(build_module.LICENCE.search(path.name) for path in note.rglob("*")), note.name
    assert {Path(name).suffix for name in files}.isdisjoint({".pyc", ".so", ".pyd"})


def test_two_builds_are_the_same_to_the_byte(packages: Path, tmp_path: Path) -> None:
    build_module.build(tmp_path / "a.zip", packages)
    again = copied(tmp_path / "again")
    (again / "attr" / "__pycache__").mkdir()
    (again / "attr" / "__pycache__" / "setters.cpython-39.pyc").write_bytes(b"left by Python")
    build_module.build(tmp_path / "b.zip", again)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "again", "b.zip"]


def package(folder: Path, *names: str) -> Path:
    """A folder with an unpacked package of those files."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def test_a_compiled_package_is_refused(tmp_path: Path) -> None:
    folder = package(tmp_path, "rpds/__init__.py", "rpds/rpds.cpython-39-x86_64-linux-gnu.so")
    with pytest.raises(build_module.BuildError, match=r"^rpds/rpds\.\S+ is compiled and fits one Python"):
        build_module.vendored_files(folder)


def test_a_compiled_part_that_is_not_needed_is_left_out(tmp_path: Path) -> None:
    folder = package(tmp_path, "pyrsistent/__init__.py", "pvectorc.cpython-39-x86_64-linux-gnu.so")
    assert list(build_module.vendored_files(folder)) == ["pyrsistent/__init__.py"]


def test_a_package_without_a_licence_is_refused(tmp_path: Path) -> None:
    folder = package(tmp_path, "licensing/__init__.py", "licensing-1.dist-info/METADATA")
    with pytest.raises(build_module.BuildError, match=r"^licensing-1\.dist-info holds no licence"):
        build_module.vendored_files(folder)


def test_each_package_has_one_version_for_all_mayas() -> None:
    found = build_module.pins()
    assert [pin.split("==")[0] for pin in found] == list(build_module.VENDORED)
    assert "jsonschema==4.17.3" in found
    with pytest.raises(build_module.BuildError, match="which version of requests to take"):
        build_module.pins(["requests"])


def test_without_an_index_it_says_what_could_not_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(SystemExit, match=r"^attrs==\S+ could not be downloaded as pure Python: "):
        build_module.main([str(tmp_path / "out.zip")])
    assert not (tmp_path / "out.zip").exists()


def test_the_packages_of_the_index_work_by_themselves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "out" / "module.zip"
    try:
        build_module.main([str(target)])
    except SystemExit as problem:
        if "could not be downloaded" not in str(problem):
            raise
        pytest.skip(str(problem))
    assert f"{target}: " in capsys.readouterr().out
    with zipfile.ZipFile(target) as packed:
        packed.extractall(tmp_path)
    program = (
        "import sys; sys.path += [sys.argv[1], sys.argv[1].replace('site-packages', 'scripts')]\n"
        "import filelock, jsonschema, platformdirs\n"
        "from glm_deep import configuration, dio, rundir\n"
        "from importlib.metadata import version\n"
        "print(*(f'{name}=={version(name)}' for name in sys.argv[2:]))\n"
    )
    arguments = [str(tmp_path / "glm_deep" / "site-packages"), *build_module.VENDORED]
    assert isolated(program, *arguments).split() == build_module.pins()


def isolated(program: str, *arguments: str) -> str:
    """What a program prints in a Python that has nothing but its standard library."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", program, *arguments],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# The fake needs numpy; the plug-in then finds none, and nothing of this checkout.
ALONE = """
import json, sys
from pathlib import Path
fakes, site, door, home = sys.argv[1:]
sys.path += [fakes, site]
import maya_fake
with maya_fake.installed(Path(home)) as scene:
    sys.path.remove(site)
    sys.modules["numpy"] = None  # for what is imported from now on
    from maya import cmds
    cmds.loadPlugin(door)
    import glm_deep, glm_deep.dio, glm_deep_maya.commands, glm_deep_ui, jsonschema
    said = []
    for call in (
        lambda: cmds.glmDuplicateMeshLinear(input="arm"),
        lambda: cmds.glmDeepTrain(ioConfFile="/no/such/hero.dio"),
    ):
        try:
            call()
        except RuntimeError as error:
            said.append(str(error))
    commands = glm_deep_maya.commands.COMMANDS
    there = all(hasattr(cmds, command.name) for command in commands)
    cmds.unloadPlugin("glm_deep_plugin")
    left = any(hasattr(cmds, command.name) for command in commands)
print(json.dumps({
    "files": [each.__file__ for each in (glm_deep, glm_deep_maya.commands, glm_deep_ui, jsonschema)],
    "said": said, "there": there, "left": left,
}))
"""


def alone(door: Path, home: Path) -> dict[str, Any]:
    """What comes of loading a plug-in file in a Maya that has nothing else of ours, and no numpy."""
    site = Path(np.__file__).parents[1]
    found = json.loads(isolated(ALONE, str(ROOT / "tests" / "fakes"), str(site), door.as_posix(), str(home)))
    assert isinstance(found, dict)
    return found


def test_the_unpacked_plugin_needs_nothing_else_and_says_that_numpy_is_missing(unpacked: Path, tmp_path: Path) -> None:
    module = unpacked / "glm_deep"
    found = alone(module / "plug-ins" / "glm_deep_plugin.py", tmp_path)
    assert (found["there"], found["left"]) == (True, False)
    assert [Path(file).relative_to(module).parts[0] for file in found["files"]] == [
        "scripts",
        "scripts",
        "scripts",
        "site-packages",
    ]
    without_numpy, without_file = found["said"]
    assert "the package numpy is missing in Maya" in without_numpy
    assert "-m pip install --only-binary" in without_numpy
    assert "hero.dio" in without_file


def test_the_plugin_of_a_checkout_finds_the_packages_of_the_checkout(packages: Path, tmp_path: Path) -> None:
    for folder in ("glm_deep", "plugin", "ui"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(packages, tmp_path / "ui", dirs_exist_ok=True)  # what is installed in that Maya
    found = alone(tmp_path / "plugin" / "plug-ins" / "glm_deep_plugin.py", tmp_path / "home")
    assert found["there"]
    assert [Path(file).relative_to(tmp_path).parts[0] for file in found["files"]] == ["glm_deep", "plugin", "ui", "ui"]


@pytest.fixture
def drop(maya: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """A function that drops the installer of a module on Maya, as Maya does it, and gives what the dialog says."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("MAYA_PLUG_IN_PATH", "/of/the/studio")
    monkeypatch.setenv("MAYA_LOCATION", "/opt/maya")
    from maya import cmds

    def run(module: Path, change: Callable[[ModuleType], None] = lambda _: None) -> str:
        spec = importlib.util.spec_from_file_location("install_glm_deep", module / "install_glm_deep.py")
        assert spec is not None
        assert spec.loader is not None
        installer = importlib.util.module_from_spec(spec)
        sys.modules["install_glm_deep"] = installer
        spec.loader.exec_module(installer)
        change(installer)
        maya.answers.append("OK")
        installer.onMayaDroppedPythonFile("viewport")
        assert "install_glm_deep" not in sys.modules
        return "".join(maya.texts("dialog")[-1:])

    yield run
    if cmds.pluginInfo("glm_deep_plugin.py", query=True, loaded=True):
        cmds.unloadPlugin("glm_deep_plugin.py")


def test_dropping_the_installer_loads_the_plugin_now_and_at_every_start(
    drop: Callable[..., str], maya: Any, unpacked: Path
) -> None:
    from maya import cmds

    module = unpacked / "glm_deep"
    said = drop(module)
    assert hasattr(cmds, "glmDeepTrain")
    assert cmds.pluginInfo("glm_deep_plugin.py", query=True, autoload=True)
    written = maya.app_dir / "modules" / "glm_deep.mod"
    words, folders = places_of(written)
    assert words == ["+", "glm_deep", glm_deep.__version__, module.as_posix()]
    assert folders == [module / "site-packages"]
    assert os.environ["MAYA_PLUG_IN_PATH"].split(os.pathsep) == ["/of/the/studio", f"{module.as_posix()}/plug-ins"]
    assert str(module / "site-packages") in sys.path
    for sentence in (
        f"glm_deep {glm_deep.__version__} is installed",
        f"It stays in {module.as_posix()}",
        f"delete {written.as_posix()}",
        "move that folder to a path of plain letters",
        "Next: open the window",
    ):
        assert sentence in said
    assert said in maya.texts("info")  # to copy from


def test_a_second_drop_replaces_the_first(drop: Callable[..., str], maya: Any, unpacked: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer"
    shutil.copytree(unpacked / "glm_deep", newer)
    drop(unpacked / "glm_deep")
    assert "start Maya again" not in drop(unpacked / "glm_deep")
    said = drop(newer)
    assert "Next: start Maya again" in said  # the first one is what is loaded
    assert "plain letters" not in said
    written = maya.app_dir / "modules" / "glm_deep.mod"
    assert places_of(written)[0][3] == newer.as_posix()
    assert [path.name for path in written.parent.iterdir()] == ["glm_deep.mod"]


def test_new_files_in_the_old_place_ask_for_a_new_start(
    drop: Callable[..., str], unpacked: Path, tmp_path: Path
) -> None:
    shutil.copytree(unpacked / "glm_deep", tmp_path / "module")
    drop(tmp_path / "module")
    names = tmp_path / "module" / "scripts" / "glm_deep" / "__init__.py"
    names.write_text('__version__ = "99.0"\n', encoding="utf-8")
    said = drop(tmp_path / "module")
    assert "glm_deep 99.0 is installed" in said
    assert "Next: start Maya again" in said


def test_the_installer_of_a_checkout_installs_the_checkout(drop: Callable[..., str], maya: Any) -> None:
    drop(ROOT / "plugin")
    words, folders = places_of(maya.app_dir / "modules" / "glm_deep.mod")
    assert words[3] == (ROOT / "plugin").as_posix()
    assert folders == [ROOT, ROOT / "ui"]


@pytest.mark.parametrize(
    ("python", "wanted"), [((3, 9), "numpy==1.26.4"), ((3, 11), "numpy==1.26.4"), ((3, 13), "numpy>=2.1,<2.4")]
)
def test_where_numpy_is_missing_the_installer_gives_the_line_that_installs_it(
    drop: Callable[..., str],
    maya: Any,
    unpacked: Path,
    python: tuple[int, int],
    wanted: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class OfMaya:
        version_info = python
        modules = sys.modules

    def change(installer: ModuleType) -> None:
        installer.find_spec = lambda name: None  # type: ignore[attr-defined]
        monkeypatch.setattr("glm_deep_maya.numpy_line.sys", OfMaya)

    target = f"{maya.app_dir.as_posix()}/{maya.version_year}/scripts/site-packages"
    line = f'/bin/mayapy" -m pip install --only-binary :all: --target "{target}" "{wanted}"'
    if sys.platform == "win32":
        line = line.replace("mayapy", "mayapy.exe")
    assert line in drop(unpacked / "glm_deep", change)


def test_an_installer_without_its_module_says_so_and_writes_nothing(
    drop: Callable[..., str], maya: Any, unpacked: Path, tmp_path: Path
) -> None:
    shutil.copy(unpacked / "glm_deep" / "install_glm_deep.py", tmp_path)
    said = drop(tmp_path)
    assert said.startswith("glm_deep was not installed: ")
    assert "Unpack the whole zip" in said
    assert not (maya.app_dir / "modules").exists()


def test_in_batch_the_installer_shows_no_dialog(drop: Callable[..., str], maya: Any, unpacked: Path) -> None:
    maya.app = "batch"
    assert drop(unpacked / "glm_deep") == ""
    assert any("is installed" in text for text in maya.texts("info"))
