"""Maya without numpy: the plug-in loads, the window opens, and what computes is asked for only when it is needed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "plugin" / "scripts" / "glm_deep_maya"

COMPUTING = {
    *("arrays", "skin", "skin_copy", "linear_mesh", "targets", "rig_inputs", "extract"),
    *("poses", "controls", "sampler", "relevance"),
}
"""What computes with numpy; everything else has to do without."""

ONE = """
import json, sys
from pathlib import Path
root, preferences, name = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
sys.path[:0] = [str(root / each) for each in (".", "ui", "tests/fakes", "plugin/scripts")]
import maya_fake
with maya_fake.installed(preferences):
    for gone in [each for each in sys.modules if each.startswith("glm_deep")]:
        del sys.modules[gone]
    for package in ("numpy", "torch", "scipy"):
        sys.modules[package] = None
    answers = {}
    for name in json.loads(sys.argv[3]):
        try:
            __import__(f"glm_deep_maya.{name}")
            answers[name] = "imported"
        except ImportError as error:
            answers[name] = error.name or str(error)
    print(json.dumps(answers))
"""


def test_only_what_computes_wants_numpy_and_nothing_wants_torch(tmp_path: Path) -> None:
    names = sorted(path.stem for path in FOLDER.glob("*.py"))
    done = subprocess.run(
        [sys.executable, "-c", ONE, str(ROOT), str(tmp_path), json.dumps(names)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    wanting = {name for name, answer in answers.items() if answer == "numpy"}
    assert wanting == COMPUTING
    others = {name: answer for name, answer in answers.items() if name not in wanting and answer != "imported"}
    assert set(others) <= {"dock"}, others  # which wants Qt, where this Python has none
