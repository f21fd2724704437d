"""The runner of the tests in a real Maya: here a plain Python plays mayapy, and finds the fake as its `maya`."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import maya_test_report
import run_maya_tests
from maya_test_report import Ended
from run_maya_tests import RunError, clean_environment, find_mayapy, usual_places

ROOT = Path(__file__).resolve().parents[2]
FINE = Ended(0, [])
SIGNS = "the signs by which Maya blends dual quaternions, and their scale"

MAYA = """
import os, sys
from pathlib import Path
sys.path.append({fakes!r})
import maya_fake
maya_fake.kept = maya_fake.installed(Path(os.environ["MAYA_APP_DIR"]))
scene = maya_fake.kept.__enter__()
scene.app = maya_fake.LIBRARY
{more}
"""


# --- whole runs


@pytest.fixture
def run_it(tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    """A function that runs the script as a person does: its exit code, what it says, and its page.

    `more` is done when that Maya starts.
    """

    def run(*arguments: str, more: str = "") -> tuple[int, str, str]:
        packages, page = tmp_path / "päckages of Zoë" / "maya", tmp_path / "its pages" / "påge.md"
        packages.mkdir(parents=True)
        text = MAYA.format(fakes=str(ROOT / "tests" / "fakes"), more=more)
        (packages / "__init__.py").write_text(text, encoding="utf-8")
        command = [sys.executable, str(ROOT / "scripts" / "run_maya_tests.py"), "--mayapy", sys.executable]
        options = ["--packages", str(packages.parent), "--report", str(page)]
        done = subprocess.run(
            [*command, *options, *arguments],
            cwd=tmp_path,
            env={**os.environ, "MAYA_APP_DIR": str(tmp_path / "of the artist"), "PYTHONIOENCODING": "utf-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        return done.returncode, done.stdout, page.read_text(encoding="utf-8")

    return run


def test_the_tests_that_pass_on_the_fake_pass_in_a_maya_that_is_started_once(
    run_it: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    files = [f"tests/plugin/test_{name}.py" for name in ("config_node", "door", "extract", "linear_mesh")]
    code, said, page = run_it(*files)
    assert code == 0, said
    found = re.match(r"# glm_deep in Maya: (\d+) passed, 0 failed, 0 broken, (\d+) skipped\n", page)
    assert found is not None, page
    assert int(found[1]) > 35
    assert 3 <= int(found[2]) <= 10
    for line in (
        "| Maya | Maya 2025 |",
        f"| Python | {sys.version.split()[0]} |",
        f"| {SIGNS} | as assumed, or guarded |",
        "| the encoding of a `.mod` | no test of this run decides it |",
    ):
        assert line in page
    assert f"- {found[2]}: needs the fake Maya: only that one can press Esc" in page
    assert "- [ ] Drop `plugin/install_glm_deep.py`" in page
    assert not (tmp_path / "of the artist").exists()
    assert found[0].strip("#\n ").partition(": ")[2] in said.splitlines()[-1]


def test_a_maya_that_is_not_as_assumed_fails_and_the_page_says_in_what(
    run_it: Callable[..., tuple[int, str, str]],
) -> None:
    more = "from maya_fake import evaluate; plain = evaluate.skinned"
    more += "; evaluate.skinned = lambda *given, **rest: plain(*given, **{**rest, 'method': 0})"
    code, _, page = run_it("tests/plugin/test_linear_mesh.py", more=more)
    assert code == 1
    assert ", 2 failed, 0 broken, 1 skipped" in page.splitlines()[0]
    assert "- `test_linear_mesh.py::test_other_methods_are_copied_too[1]`: " in page
    assert f"| {SIGNS} | **not as assumed, or its guard fails**: see above |" in page


def test_a_maya_that_crashes_is_no_success_and_its_last_lines_are_on_the_page(
    run_it: Callable[..., tuple[int, str, str]],
) -> None:
    more = "sys.stderr.flush(); print('no licence', flush=True); os._exit(77)"
    code, said, page = run_it("tests/plugin/test_linear_mesh.py", "-s", more=more)
    assert code == 1
    assert page.startswith("# glm_deep in Maya: Maya ended before the tests did (exit code 77)\n")
    assert "No result was written" in page
    assert "test_the_copy_is_where_the_skin_cluster_alone" in page
    assert "no licence" in page
    assert "exit code 77" in said.splitlines()[-1]


def test_where_nothing_was_tested_nothing_is_good(run_it: Callable[..., tuple[int, str, str]]) -> None:
    code, _, page = run_it("tests/plugin/test_door.py", "-k", "nothing_is_called_so")
    assert code == 1
    assert page.startswith("# glm_deep in Maya: no test was run: 0 passed")


def test_trainings_run_in_the_python_that_was_given(run_it: Callable[..., tuple[int, str, str]]) -> None:
    name = "test_the_command_trains_and_answers_with_the_model"
    code, _, page = run_it(f"tests/plugin/test_training.py::{name}", "--training-python", "no such python")
    assert code == 1
    assert ": 0 passed, 1 failed, 0 broken, 0 skipped" in page
    assert "there is no such Python: " in page


# --- finding Maya


def test_mayapy_is_the_one_that_was_given(tmp_path: Path) -> None:
    given = tmp_path / "mäya 2026" / "mayapy"
    given.parent.mkdir()
    given.touch()
    assert find_mayapy(str(given), {"MAYA_LOCATION": "/other"}) == given
    with pytest.raises(RunError, match=r"There is no file .*Give --mayapy the path"):
        find_mayapy(str(tmp_path / "nowhere"))


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_to_mayapy_is_followed_and_a_link_to_something_else_is_not(tmp_path: Path) -> None:
    for name in ("mayapy", "python3.11"):
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).touch()
        (tmp_path / f"link to {name}").symlink_to(tmp_path / "bin" / name)
    assert find_mayapy(str(tmp_path / "link to mayapy")) == (tmp_path / "bin" / "mayapy").resolve()
    assert find_mayapy(str(tmp_path / "link to python3.11")) == tmp_path / "link to python3.11"


@pytest.mark.parametrize(("system", "name"), [("linux", "mayapy"), ("darwin", "mayapy"), ("win32", "mayapy.exe")])
def test_else_it_is_that_of_maya_location(tmp_path: Path, system: str, name: str) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / name).touch()
    assert find_mayapy(None, {"MAYA_LOCATION": str(tmp_path)}, system) == tmp_path / "bin" / name


def test_else_it_is_the_newest_where_maya_is_usually_installed(tmp_path: Path) -> None:
    for year in (2024, 2026):
        (tmp_path / "Autodesk" / f"Maya{year}" / "bin").mkdir(parents=True)
        (tmp_path / "Autodesk" / f"Maya{year}" / "bin" / "mayapy.exe").touch()
    found = find_mayapy(None, {"ProgramFiles": str(tmp_path)}, "win32")
    assert found == tmp_path / "Autodesk" / "Maya2026" / "bin" / "mayapy.exe"
    with pytest.raises(RunError, match="No Maya was found in the usual places"):
        find_mayapy(None, {"ProgramFiles": str(tmp_path / "none")}, "win32")


def test_the_usual_places_are_those_of_maya_2027_to_2023() -> None:
    places = [path.as_posix() for system in ("linux", "darwin") for path in usual_places(system, {})]
    assert places[0] == "/usr/autodesk/maya2027/bin/mayapy"
    assert places[-1] == "/Applications/Autodesk/maya2023/Maya.app/Contents/bin/mayapy"
    assert len(places) == 10


# --- what it is started with


def test_the_environment_has_clean_preferences_and_nothing_of_the_artist(tmp_path: Path) -> None:
    present = {
        "PATH": "/bin",
        "MAYA_MODULE_PATH": "/studio/modules",
        "MAYA_PLUG_IN_PATH": "/studio/plug-ins",
        "MAYA_SCRIPT_PATH": "/studio/scripts",
        "MAYA_APP_DIR": "/home/artist/maya",
        "MAYA_LICENSE_METHOD": "network",
        "PYTHONHOME": "/somewhere",
        "PYTHONPATH": "/studio/python",
        "GLM_DEEP_PYTHON": "/studio/bin/python",
        "QT_PLUGIN_PATH": "/studio/qt",
    }
    made = clean_environment(Path("/opt/maya/bin/mayapy"), tmp_path, tmp_path / "packages", present)
    assert not [name for name, value in made.items() if "studio" in value or "artist" in value or "somewhere" in value]
    assert made["PATH"] == "/bin"
    assert made["MAYA_LICENSE_METHOD"] == "network"
    assert Path(made["MAYA_APP_DIR"]).parent == tmp_path
    assert list(Path(made["MAYA_APP_DIR"]).iterdir()) == []
    assert Path(made["MAYA_LOCATION"]) == Path("/opt/maya")
    assert made["MAYA_SCRIPT_PATH"] == ""
    assert made["PYTHONPATH"].split(os.pathsep) == [str(tmp_path / "packages"), str(ROOT)]
    assert {made[f"MAYA_DISABLE_{name}"] for name in ("ADP", "CER", "CIP")} == {"1"}
    assert made["GLM_DEEP_REAL_MAYA"] == "1"


def test_the_packages_have_versions_that_are_pinned_and_numpy_is_the_one_that_the_plug_in_names() -> None:
    pinned = {line.split("==")[0] for line in run_maya_tests.pins()}
    assert {*run_maya_tests.NEEDED} <= pinned
    assert "numpy" not in pinned
    told = (ROOT / "plugin" / "scripts" / "glm_deep_maya" / "numpy_line.py").read_text(encoding="utf-8")
    wanted = {version: run_maya_tests.numpy_for(version) for version in ((3, 9), (3, 10), (3, 11), (3, 13))}
    assert len(set(wanted.values())) == 2
    assert wanted[3, 11] == wanted[3, 9] != wanted[3, 13]
    assert all(f'"{each}"' in told for each in wanted.values())


def test_a_python_that_does_not_start_is_said(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "print('no display'); raise SystemExit(3)"]
    assert run_maya_tests.run(program, os.environ, quiet=True) == Ended(3, ["no display"])
    with pytest.raises(RunError, match=r"cannot be started: "):
        run_maya_tests.probe(tmp_path / "mayapy", {})


def test_the_packages_are_installed_once_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands, folder = [], tmp_path / "päckages"

    def fails(command: list[str], variables: object) -> Ended:
        commands.append(command)
        Path(command[command.index("--target") + 1], "half").mkdir(parents=True)
        return Ended(len(commands) % 2, [])

    monkeypatch.setattr(run_maya_tests, "run", fails)
    with pytest.raises(RunError, match="could not install what the tests need"):
        run_maya_tests.install(Path("mayapy"), (3, 11, 4), folder, tmp_path, {})
    assert not folder.exists()
    for _ in range(2):
        run_maya_tests.install(Path("mayapy"), (3, 11, 4), folder, tmp_path, {})
    assert len(commands) == 2
    assert [path.name for path in folder.iterdir()] == ["half"]
    assert commands[1][:4] == ["mayapy", "-m", "pip", "install"]
    assert commands[1][-6:] == ["numpy==1.26.4", *run_maya_tests.NEEDED]
    constraints = Path(commands[1][commands[1].index("--constraint") + 1]).read_text(encoding="utf-8").split()
    assert "jsonschema==4.17.3" in constraints
    assert not [line for line in constraints if line.startswith("numpy")]


def test_all_tests_of_the_plug_in_are_run_unless_some_are_named() -> None:
    arguments = run_maya_tests.arguments_for_pytest
    assert arguments([], Path("x.xml"))[0] == "tests/plugin"
    assert "tests/plugin" in arguments(["-k", "linear"], Path("x.xml"))
    named = "tests/plugin/test_extract.py::test_every_frame_is_a_sample_of_what_the_scene_shows"
    assert "tests/plugin" not in arguments([named], Path("x.xml"))


# --- the page


XML = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" time="12.4"><properties><property name="Maya" value="Maya 2026"/></properties>
<testcase classname="tests.plugin.test_a" name="test_good"><properties><property name="fact" value="one"/></properties>
</testcase>
<testcase classname="tests.plugin.test_a" name="test_bad">
<properties><property name="fact" value="two"/></properties>
<failure message="AssertionError: 1 | 2&#10;is &lt;not&gt; 3">long text</failure><error message="later">x</error>
</testcase>
<testcase classname="tests.plugin.test_a" name="test_broken">
<properties><property name="fact" value="three"/></properties>
<error message="failed on setup with &quot;RuntimeError: no&quot;">long text</error></testcase>
<testcase classname="tests.plugin.test_a" name="test_left"><properties><property name="fact" value="four"/></properties>
<skipped message="needs a screen">x</skipped></testcase>
<testcase classname="" name="tests.plugin.test_dock"><skipped message="collection skipped">('/a/test_dock.py', 9,
"Skipped: there is no Qt")</skipped></testcase>
</testsuite></testsuites>
"""


@pytest.fixture
def results(tmp_path: Path) -> maya_test_report.Results:
    (tmp_path / "results.xml").write_text(XML, encoding="utf-8")
    read = maya_test_report.read_results(tmp_path / "results.xml")
    assert read is not None
    return read


def test_the_page_holds_what_failed_what_was_skipped_and_the_versions(results: maya_test_report.Results) -> None:
    page = maya_test_report.report({"mayapy": "/opt/é/mayapy"}, results, Ended(1, []))
    lines = page.splitlines()
    assert lines[0] == "# glm_deep in Maya: 1 passed, 1 failed, 1 broken, 2 skipped"
    assert "| Maya | Maya 2026 |" in lines
    assert "| mayapy | /opt/é/mayapy |" in lines
    assert "5 tests in 12 s." in lines
    assert "- `test_a.py::test_bad`: AssertionError: 1 \\| 2 is \\<not> 3" in lines
    assert '- `test_a.py::test_broken`: failed on setup with "RuntimeError: no"' in lines
    assert "- 1: needs a screen" in lines
    assert "- 1: there is no Qt" in lines


@pytest.mark.parametrize(
    ("fact", "verdict"),
    [
        ("one", "as assumed, or guarded"),
        ("two", "**not as assumed, or its guard fails**: see above"),
        ("three", "its tests could not be run: see above"),
        ("four", "its tests were skipped"),
        ("five", "no test of this run decides it"),
    ],
)
def test_what_the_tests_say_about_a_fact(results: maya_test_report.Results, fact: str, verdict: str) -> None:
    assert maya_test_report.verdict_on(fact, results.tests) == verdict


def test_only_a_run_that_came_to_its_end_without_a_failure_is_good(results: maya_test_report.Results) -> None:
    good = results._replace(tests=results.tests[:1])
    skipped = results._replace(tests=results.tests[3:])
    assert maya_test_report.is_good(good, FINE)
    assert maya_test_report.is_good(good, Ended(-11, []))  # it crashed while it was closed
    assert not maya_test_report.is_good(good, Ended(2, []))  # somebody interrupted it
    for bad in (results, skipped, results._replace(tests=results.tests[2:3]), None):
        assert not maya_test_report.is_good(bad, FINE)


def test_a_crash_after_the_last_test_is_told_from_one_before(results: maya_test_report.Results) -> None:
    after = maya_test_report.report({}, results, Ended(-11, []))
    assert "Maya crashed while it was closed, after the last test (exit code -11)" in after
    before = maya_test_report.report({}, None, Ended(-11, ["tests/plugin/test_a.py::test_good"]))
    assert before.startswith("# glm_deep in Maya: Maya ended before the tests did (exit code -11)")
    assert "    tests/plugin/test_a.py::test_good" in before.splitlines()


def test_a_file_of_results_that_was_cut_is_none(tmp_path: Path) -> None:
    assert maya_test_report.read_results(tmp_path / "none.xml") is None
    (tmp_path / "cut.xml").write_text(XML[:300], encoding="utf-8")
    assert maya_test_report.read_results(tmp_path / "cut.xml") is None


def test_many_failures_still_make_one_page(results: maya_test_report.Results) -> None:
    case = results.tests[1]
    many = [case._replace(name=f"a{number}", message=f"m{number % 40}") for number in range(400)]
    page = maya_test_report.report({}, results._replace(tests=many), Ended(1, []))
    assert "- `a0`, `a40`, `a80` and 7 more: m0" in page
    assert "- 15 other messages, which stand in the terminal only" in page
    facts = len(maya_test_report.uncertain_facts())
    assert len(page.splitlines()) < 60 + facts  # a line each, and a page of everything else
    assert len(maya_test_report.one_line("word " * 500)) == maya_test_report.LONGEST


def test_every_fact_that_a_test_decides_is_a_row_of_the_documentation() -> None:
    rows = maya_test_report.uncertain_facts()
    assert SIGNS in rows
    marked = {}
    for path in sorted((ROOT / "tests" / "plugin").glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.fact":
                marked[ast.literal_eval(node.args[0])] = path.name
    assert len(marked) >= 5
    assert {fact: name for fact, name in marked.items() if fact not in rows} == {}
