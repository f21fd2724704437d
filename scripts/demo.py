"""From nothing to a trained character and its pictures, with one command.

    python scripts/demo.py [--output FOLDER]

Makes an environment with all that is needed, builds the sample character, and takes it through the command line as
any other character: configuration, samples, training, report, prediction. Every command is shown before it runs.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path
from typing import List, Optional, Sequence

import environment

EXTRAS = ("pictures", "train")
SCRIPTS = Path(__file__).resolve().parent
MARKER = "made_by_the_demo.txt"


class CommandFailedError(Exception):
    """A command that ended with another exit code than 0."""

    def __init__(self, command: str, exit_code: int) -> None:
        super().__init__(f"The demo ends here, because this failed (exit code {exit_code}): {command}")
        self.exit_code = exit_code


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs the demo; the exit code of the command that failed, if one did."""
    parser = argparse.ArgumentParser(description="Trains the sample character and draws what came of it.")
    parser.add_argument("--output", type=Path, default=Path("demo_output"), metavar="FOLDER", help="made, or made anew")
    parser.add_argument("--frames", type=int, metavar="N", help="train with so many frames only, for a quick look")
    chosen = parser.parse_args(arguments)
    environment.enter(EXTRAS)
    started = time.monotonic()
    try:
        make_anew(chosen.output)
        pictures = demonstrate(chosen.output, chosen.frames)
    except (CommandFailedError, FileExistsError) as problem:
        print(problem, file=sys.stderr)
        return getattr(problem, "exit_code", 1)
    conclude(chosen.output, pictures, time.monotonic() - started)
    return 0


def make_anew(folder: Path) -> None:
    """Makes the folder, or empties it where an earlier demo made it.

    Raises:
        FileExistsError: it holds something else.
    """
    marker = folder / MARKER
    if folder.exists() and not marker.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} holds files that no demo made. Choose another folder with --output.")
    folder.mkdir(parents=True, exist_ok=True)
    marker.write_text("scripts/demo.py made this folder, and empties it when it runs again.\n", encoding="utf-8")
    environment.empty(folder, marker)


def demonstrate(folder: Path, frames: Optional[int]) -> List[Path]:
    """Builds, trains, measures and draws the sample character; the pictures that it drew."""
    settings = str(folder / "arm.dio")
    train, test = str(folder / "sample_train.npz"), str(folder / "sample_test.npz")
    report, prediction = folder / "report.json", folder / "prediction.npz"
    environment.say("An arm with joints, bulging muscles and a crease, as frames for training and others for testing:")
    few = ["--frames", str(frames)] if frames else []
    run([str(SCRIPTS / "sample_character.py"), str(folder), *few])
    environment.say("\nIts configuration, its samples and its training:")
    glm_deep("new", settings, "--from", train, "--asset", "arm")
    glm_deep("import", settings, train)
    glm_deep("train", settings)
    environment.say("\nHow well it does on frames that it has never seen:")
    glm_deep("evaluate", settings, test, "--json", str(report))
    glm_deep("predict", settings, test, "-o", str(prediction))
    return draw(folder, Path(test), prediction)


def glm_deep(*arguments: str) -> None:
    """Runs one command of glm_deep, as a person would."""
    run(["-m", "glm_deep", *arguments])


def run(arguments: Sequence[str]) -> None:
    """Shows a command for Python and runs it.

    Raises:
        CommandFailedError: it failed.
    """
    shown = "python " + " ".join(map(quoted, arguments))
    environment.say(f"\n$ {shown}")
    exit_code = subprocess.call([sys.executable, *arguments])
    if exit_code:
        raise CommandFailedError(shown, exit_code)


def quoted(argument: str) -> str:
    """An argument as a person types it, in any shell."""
    return f'"{argument}"' if " " in argument else argument


def draw(folder: Path, test: Path, prediction: Path) -> List[Path]:
    """Draws the learning curves and some of the test frames; the files that it wrote."""
    import numpy as np

    from demo_pictures import curves_of, telling_poses
    from glm_deep.rundir import MainFolder
    from pictures import draw_comparison, draw_learning_curves

    curves, comparison = folder / "learning_curves.png", folder / "comparison.png"
    last_run = MainFolder(folder).run_folders()[-1]
    draw_learning_curves(curves_of(last_run.events), curves, title="Learning curves of the arm")
    with np.load(test, allow_pickle=False) as truth, np.load(prediction, allow_pickle=False) as predicted:
        poses = telling_poses(dict(truth), dict(predicted))
    draw_comparison(poses, comparison, title="The arm on frames that it has never seen")
    return [curves, comparison]


def conclude(folder: Path, pictures: Sequence[Path], seconds: float) -> None:
    """Says what came of it, and what to do next."""
    settings = quoted(str(folder / "arm.dio"))
    lines = [
        f"\nDone in {seconds:.0f} s. Look at",
        *(f"  {picture}" for picture in pictures),
        "\nThen try, with the Python of .venv,",
        f"  python -m glm_deep info {settings}",
        f"  python -m glm_deep config show {settings}",
        f"  python -m glm_deep train {settings} --set training.anchors.percent=4",
        "\nand the same on frames of your own; README.md says what has to be in them.",
    ]
    environment.say("\n".join(lines))


if __name__ == "__main__":
    sys.exit(main())
