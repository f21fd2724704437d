"""Packs the Maya module: one zip, which a studio unpacks in a folder of MAYA_MODULE_PATH.

    python scripts/build_module.py [OUT.zip]

It holds the plug-in, glm_deep, and the small packages in pure Python that those need: one zip for every Maya on every
system. numpy is compiled, and each Maya gets its own. Two runs on one checkout make the same zip. Needs pip and an
index of packages, and no environment: any Python from 3.9 on will do.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
MODULE = "glm_deep"
PACKAGES = f"{MODULE}/site-packages"
# Apart from those of others: the Python that trains finds this folder before its own packages.
OURS = f"{MODULE}/scripts"

VENDORED = ("attrs", "filelock", "jsonschema", "platformdirs", "pyqtgraph", "pyrsistent")
# The first one that pins a package counts; the oldest Python comes first, as one version has to do for all.
CONSTRAINTS = ("constraints-light.txt", "constraints-qt5.txt")

LEFT_OUT = ("jsonschema/benchmarks/", "jsonschema/tests/", "pyqtgraph/examples/")
COMPILED = {".so", ".pyd", ".dll", ".dylib"}
DISPENSABLE = ("pvectorc.",)  # of pyrsistent, which has the same in Python
LICENCE = re.compile(r"licen[cs]e|copying|notice", re.IGNORECASE)

# The same wheels whatever Python and system this runs on: those for every Python from that of Maya 2023 on.
FOR_EVERY_MAYA = ("--python-version", "3.9", "--implementation", "py", "--abi", "none", "--platform", "any")
LONG_AGO = (1980, 1, 1, 0, 0, 0)


class BuildError(Exception):
    """Why there is no zip, in one sentence."""


def version() -> str:
    """The version of this checkout, read without importing it."""
    text = (ROOT / "glm_deep" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    if found is None:
        raise BuildError("glm_deep/__init__.py names no __version__.")
    return found[1]


def module_file() -> str:
    """The text of the glm_deep.mod in the zip; that of the checkout finds the packages of the checkout."""
    return f"+ glm_deep {version()} ./{MODULE}\nPYTHONPATH +:= site-packages\n"


def pins(names: Iterable[str] = VENDORED) -> list[str]:
    """Those packages with their versions, as pip wants them.

    Raises:
        BuildError: the constraints leave one of them open.
    """
    lines = [line for name in CONSTRAINTS for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    found = []
    for name in names:
        pinned = [line.strip() for line in lines if line.startswith(f"{name}==")]
        if not pinned:
            raise BuildError(f"None of {', '.join(CONSTRAINTS)} says which version of {name} to take.")
        found.append(pinned[0])
    return found


def fetch(folder: Path) -> None:
    """Fills a folder with the packages that go along, as pip's index has them.

    Raises:
        BuildError: one of them cannot be had; it is named.
    """
    with tempfile.TemporaryDirectory() as wheels:
        for pin in pins():
            _download(pin, Path(wheels))
        for wheel in sorted(Path(wheels).glob("*.whl")):
            with zipfile.ZipFile(wheel) as packed:
                packed.extractall(folder)


def _download(pin: str, folder: Path) -> None:
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "--retries", "1"]
    command = [sys.executable, "-m", "pip", "download", *options, *FOR_EVERY_MAYA, "--dest", str(folder), pin]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines()]
        said = [line.replace("ERROR: ", "") for line in lines if line and not line.startswith(("WARNING", "[notice]"))]
        raise BuildError(f"{pin} could not be downloaded as pure Python: {said[-1] if said else 'pip says no more'}")


def files_below(folder: Path) -> dict[str, Path]:
    """The files of a folder by their names from there; nothing hidden, nothing that Python or an editor left."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        left = name.suffix == ".pyc" or name.name.endswith("~") or any(part.startswith(".") for part in name.parts)
        if path.is_file() and not left:
            found[name.as_posix()] = path
    return found


def vendored_files(folder: Path) -> dict[str, Path]:
    """What goes along of unpacked packages: their modules, licences, and names and versions.

    Raises:
        BuildError: one of them is compiled, or lacks its licence.
    """
    found = {name: path for name, path in files_below(folder).items() if _goes_along(name)}
    for name in found:
        if COMPILED & set(PurePosixPath(name).suffixes):
            raise BuildError(f"{name} is compiled and fits one Python on one system alone: take a version without it.")
    for note in sorted(folder.glob("*.dist-info")):
        if not any(name.startswith(note.name) and LICENCE.search(name[len(note.name) :]) for name in found):
            raise BuildError(f"{note.name} holds no licence: a package must not be passed on without.")
    return found


def _goes_along(name: str) -> bool:
    if name.startswith((*LEFT_OUT, *DISPENSABLE)):
        return False
    top, _, rest = name.partition("/")
    return not top.endswith(".dist-info") or rest == "METADATA" or LICENCE.search(rest) is not None


def contents(site_packages: Path) -> dict[str, bytes]:
    """The zip: the bytes of each file by its name.

    Args:
        site_packages: where the packages that go along lie, unpacked.
    """
    parts = {
        f"{MODULE}/plug-ins": files_below(ROOT / "plugin" / "plug-ins"),
        OURS: files_below(ROOT / "plugin" / "scripts"),
        f"{OURS}/glm_deep": files_below(ROOT / "glm_deep"),
        f"{OURS}/glm_deep_ui": files_below(ROOT / "ui" / "glm_deep_ui"),
        PACKAGES: vendored_files(site_packages),
        MODULE: {"install_glm_deep.py": ROOT / "plugin" / "install_glm_deep.py"},
    }
    found = {f"{place}/{name}": path.read_bytes() for place, files in parts.items() for name, path in files.items()}
    return {f"{MODULE}.mod": module_file().encode("ascii"), **found}


def write(target: Path, entries: Mapping[str, bytes]) -> None:
    """Writes a zip that depends on names and bytes alone; the old one stays until the new one is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".part")
    with zipfile.ZipFile(unfinished, "w") as packed:
        for name in sorted(entries):
            info = zipfile.ZipInfo(name, LONG_AGO)
            info.create_system = 3  # else it says on which system it was made
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, entries[name], compresslevel=9)
    unfinished.replace(target)


def summary(entries: Mapping[str, bytes]) -> list[str]:
    """A line for each part of the zip: how many files, and how large they are unpacked."""
    sizes: dict[str, list[int]] = {}
    for name, content in sorted(entries.items()):
        depth = 3 if name.startswith((PACKAGES, OURS)) else 2
        part = "/".join(name.split("/")[:depth])
        if not part.endswith(".dist-info"):
            sizes.setdefault(part, []).append(len(content))
    return [f"{part:<44}{len(each):>5} files {sum(each) / 1000:>8.1f} kB" for part, each in sizes.items()]


def build(target: Path, site_packages: Path) -> dict[str, bytes]:
    """Makes the zip from packages that lie in a folder, and gives what is in it.

    Raises:
        BuildError: a package cannot go along.
    """
    entries = contents(site_packages)
    write(target, entries)
    return entries


def main(arguments: Sequence[str] | None = None) -> None:
    """Fetches the packages, makes the zip, and prints what is in it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?", type=Path, help="the zip; dist/glm_deep-VERSION-maya.zip when left out")
    given = parser.parse_args(arguments)
    try:
        target = given.out or ROOT / "dist" / f"glm_deep-{version()}-maya.zip"
        with tempfile.TemporaryDirectory() as folder:
            fetch(Path(folder))
            entries = build(target, Path(folder))
    except (BuildError, OSError) as problem:
        sys.exit(str(problem))
    print("\n".join(summary(entries)))
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB, {sum(map(len, entries.values())) / 1e6:.1f} MB unpacked")


if __name__ == "__main__":
    main()
