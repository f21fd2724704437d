"""The page about a run of the tests in Maya: read from the file that pytest writes, written as Markdown.

For scripts/run_maya_tests.py, and like it for any Python from 3.6 on.
"""
# ruff: noqa: UP006, UP035  (read by whatever Python a person starts it with)

import collections
import re
import xml.etree.ElementTree
from pathlib import Path
from typing import Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 220  # letters of a message
NAMED, MOST_LINES = 3, 25  # tests on a line, and lines, so that it stays one page
# What pytest's own exit codes mean where no result of a test explains them.
BROKEN = {2: "was interrupted", 3: "broke down by itself", 4: "was called with arguments that it does not know"}
OF_PYTEST = (0, 1, 5, *BROKEN)

NOT_COVERED = """\
These need a Maya with windows; elsewhere the fake Maya tests them. By hand, in five minutes:

- [ ] Drop `plugin/install_glm_deep.py` on a viewport: a dialog says what was done, and a menu *glm_deep* is there.
- [ ] *glm_deep > Settings and Training*: the window docks at the right, and is there again after Maya is restarted.
- [ ] Open a `.dio` in it, change a setting, undo it with Ctrl+Z, and train: the curves grow while Maya can be used.
- [ ] `glmDeepExtract` on a long range: the progress bar moves, Esc ends it, time and selection are as before.
- [ ] Extract a range with the GPU's evaluator on, and again without: the second adds nothing new.
"""


class Case(NamedTuple):
    """A test: `outcome` is passed, failed, broken or skipped, `message` its one line, `facts` what it decides.

    A broken one did not come to ask its question, or could not clear up behind itself.
    """

    name: str
    outcome: str
    message: str
    facts: Tuple[str, ...]


class Results(NamedTuple):
    """What the tests say: the versions that were found, and every test."""

    versions: Dict[str, str]
    tests: List[Case]
    seconds: float

    def of(self, *outcomes: str) -> List[Case]:
        """The tests that ended in one of these ways."""
        return [test for test in self.tests if test.outcome in outcomes]


class Ended(NamedTuple):
    """How the process of the tests ended: its exit code, and the last lines that it wrote."""

    code: int
    lines: List[str]


def read_results(xml_file: Path) -> Optional[Results]:
    """What pytest wrote; None where it did not come to write it."""
    try:
        suite = next(xml.etree.ElementTree.parse(str(xml_file)).getroot().iter("testsuite"))
    except (OSError, StopIteration, xml.etree.ElementTree.ParseError):
        return None
    versions = {each.get("name", ""): each.get("value", "") for each in suite.findall("properties/property")}
    tests = []
    for case in suite.findall("testcase"):
        outcome, message = "passed", ""
        # A test that fails and then cannot clear up has two: its failure counts.
        for kind, meant in (("skipped", "skipped"), ("error", "broken"), ("failure", "failed")):
            for child in case.findall(kind):
                outcome, message = meant, one_line(_said_by(child))
        facts = [each.get("value", "") for each in case.findall("properties/property") if each.get("name") == "fact"]
        module = case.get("classname", "").rpartition(".")[2]
        name = case.get("name", "")
        tests.append(Case(f"{module}.py::{name}" if module else name, outcome, message, tuple(facts)))
    return Results(versions, tests, float(suite.get("time") or 0.0))


def _said_by(child: xml.etree.ElementTree.Element) -> str:
    """The message of a failure or a skip; of a file that was skipped as a whole, it stands at the end of the text."""
    text = child.text or ""
    if child.get("message") == "collection skipped" and "Skipped: " in text:
        return text.rpartition("Skipped: ")[2].rstrip("\"')")
    return child.get("message") or text


def one_line(text: str) -> str:
    """A message on one line, cut where it is long, without what Markdown would take for its own."""
    line = " ".join(text.split()).replace("|", "\\|").replace("<", "\\<")
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def uncertain_facts(document: Optional[str] = None) -> List[str]:
    """The first column of the table of what is not certain, in docs/maya.md."""
    text = document if document is not None else (ROOT / "docs" / "maya.md").read_text(encoding="utf-8")
    _, _, after = text.partition("\n## What is not certain")
    rows = re.findall(r"^\| (.+?) \|", after.partition("\n## ")[0], re.MULTILINE)
    return [row for row in rows if row != "fact"]


def verdict_on(fact: str, tests: Sequence[Case]) -> str:
    """What the tests say about a fact."""
    outcomes = [test.outcome for test in tests if fact in test.facts]
    if "failed" in outcomes:
        return "**not as assumed, or its guard fails**: see above"
    if "broken" in outcomes:
        return "its tests could not be run: see above"
    if "passed" in outcomes:
        return "as assumed, or guarded"
    return "its tests were skipped" if outcomes else "no test of this run decides it"


def is_good(results: Optional[Results], ended: Ended) -> bool:
    """Whether tests were run to the end, and none failed."""
    if results is None or ended.code in BROKEN:
        return False
    return bool(results.of("passed")) and not results.of("failed", "broken")


def headline(results: Optional[Results], ended: Ended) -> str:
    """The whole result in one line."""
    if results is None:
        return f"Maya ended before the tests did (exit code {ended.code})"
    counts = ", ".join(f"{len(results.of(outcome))} {outcome}" for outcome in ("passed", "failed", "broken", "skipped"))
    if ended.code in BROKEN:
        return f"pytest {BROKEN[ended.code]}: {counts}"
    return counts if results.of("passed", "failed", "broken") else f"no test was run: {counts}"


def report(of_maya: Mapping[str, str], results: Optional[Results], ended: Ended) -> str:
    """The page.

    Args:
        of_maya: what is known of the Maya beside the versions in the results.
    """
    versions = results.versions if results else {}
    tests = results.tests if results else []
    paragraphs = [
        f"# glm_deep in Maya: {headline(results, ended)}",
        table(("what", "which"), [*versions.items(), *of_maya.items()]),
        *(_of_tests(results, ended) if results else _of_crash(ended)),
        "## What was not certain",
        table(("fact", "here"), [(fact, verdict_on(fact, tests)) for fact in uncertain_facts()]),
        "## Not covered here",
        NOT_COVERED,
    ]
    return "\n\n".join(each.rstrip() for each in paragraphs) + "\n"


def _of_tests(results: Results, ended: Ended) -> Iterator[str]:
    """The paragraphs about the tests that were run."""
    said = f"{len(results.tests)} tests in {results.seconds:.0f} s."
    if ended.code not in OF_PYTEST:
        said += f" Maya crashed while it was closed, after the last test (exit code {ended.code})."
    yield said
    failed = results.of("failed", "broken")
    if failed:
        yield "## Failed or broken"
        yield "\n".join(_grouped(failed))
    reasons = collections.Counter(test.message for test in results.of("skipped"))
    if reasons:
        yield "## Skipped"
        yield "\n".join(f"- {count}: {reason}" for reason, count in reasons.most_common())


def _grouped(failed: Sequence[Case]) -> Iterator[str]:
    """A line for each message, with the tests that failed with it."""
    names = collections.OrderedDict()  # type: Dict[str, List[str]]
    for test in failed:
        names.setdefault(test.message, []).append(f"`{test.name}`")
    for message, of in list(names.items())[:MOST_LINES]:
        more = f" and {len(of) - NAMED} more" if len(of) > NAMED else ""
        yield f"- {', '.join(of[:NAMED])}{more}: {message}"
    if len(names) > MOST_LINES:
        yield f"- {len(names) - MOST_LINES} other messages, which stand in the terminal only"


def _of_crash(ended: Ended) -> Iterator[str]:
    """The paragraphs about a run that came to no result."""
    yield "No result was written, so nothing here says that anything works. The last lines:"
    yield "\n".join(f"    {line}" for line in ended.lines) or "    (none)"


def table(head: Tuple[str, str], rows: Iterable[Tuple[str, str]]) -> str:
    """A table of Markdown with two columns."""
    return "\n".join(f"| {first} | {second} |" for first, second in [head, ("---", "---"), *rows])
