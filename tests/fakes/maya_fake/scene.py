"""The scene that tests drive: the graph with undo, messages, plug-ins, idle events, callbacks and the interface."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from maya_fake import evaluate
from maya_fake.attributes import Table
from maya_fake.commands import REGISTRY, Command, invoke
from maya_fake.graph import Graph
from maya_fake.mel import evaluate_mel
from maya_fake.messages import Callbacks
from maya_fake.plugins import Plugins
from maya_fake.state import Node
from maya_fake.ui_state import Interface
from maya_fake.undo import UndoQueue

INTERACTIVE, BATCH, LIBRARY, BASE_UI = "interactive", "batch", "library", "base_ui"


class Scene(Graph):
    """A scene in a Maya that is not there.

    Attributes that tests set:
        app: "interactive", "batch" (maya -batch), "library" (mayapy) or "base_ui".
        version_year: such as 2025. app_dir: where preferences lie.
        dual_quaternion_pivot: "largest" or "first", the rule that nobody outside knows.
        press_escape: the next question whether to stop is answered by yes (`escape_after` steps).
        answers: what dialogs return, the next first.
    Attributes that tests read:
        said: (kind, text) of what was shown: "info", "warning", "error", "result", "output".
        commands: all commands by name. undo: the queue. ui: windows and menus. evaluations: frames stepped to.
    """

    def __init__(self, app_dir: Path | None = None) -> None:
        self.version = 0
        self.depth = 0
        self._time_override: float | None = None
        self.said: list[tuple[str, str]] = []
        self.app = INTERACTIVE
        self.version_year = 2025
        self.app_dir = app_dir or Path("/home/artist/maya")
        self.dual_quaternion_pivot = "largest"
        self.binds_in_reverse = False  # no order of the influences of a new skinCluster is promised
        self.option_vars: dict[str, Any] = {}
        self.evaluation_mode = "parallel"
        self.evaluators: dict[str, bool] = {"deformer": True, "cache": True}
        self.refresh_suspended = False
        self.viewport_paused = False
        self.evaluations: list[float] = []
        self.modified = False
        self.escape_after: int | None = None
        self.answers: list[Any] = []
        self.idle: list[Callable[[], Any]] = []
        self.modules: dict[str, str] = {}
        self.files: dict[str, Any] = {}
        self.python_objects: dict[str, Any] = {}
        self.paintable: set[tuple[str, str]] = set()
        self.colors: dict[tuple[str, int], Any] = {}
        self.commands: dict[str, Command] = dict(REGISTRY)
        self.mel_variables: dict[str, Any] = {}
        self.main_names: dict[str, Any] = {"__name__": "__main__"}
        self.refresh_module: Callable[[], None] = lambda: None
        super().__init__()
        evaluate.install(self)
        self.undo = UndoQueue(self)
        self.callbacks = Callbacks(self)
        self.watchers.append(self.callbacks.graph_changed)
        self.plugins = Plugins(self)
        self.ui = Interface(self)

    # what tests do

    def run(self, name: str, /, *args: Any, **flags: Any) -> Any:
        """Call a command as `cmds.name(...)` does."""
        if name not in self.commands:
            raise AttributeError(f"module 'maya.cmds' has no attribute '{name}'")
        return invoke(self, self.commands[name], args, flags)

    def press_escape(self, after: int = 0) -> None:
        """The artist presses Esc, after so many questions of a command whether to stop."""
        self.escape_after = after

    def process_idle_events(self) -> None:
        """Maya finds the time to run what was deferred; in batch it never does."""
        if not self.interactive:
            return
        self.run_deferred()

    def run_deferred(self) -> None:
        """Run what was deferred, as `maya.utils.processIdleEvents` does."""
        waiting, self.idle[:] = list(self.idle), []
        for run in waiting:
            run()

    def texts(self, kind: str) -> list[str]:
        """What was said of one kind: info, warning, error, output."""
        return [text for said, text in self.said if said == kind]

    def edit_from_api(self, node: Node, change: Callable[[Node], None]) -> None:
        """Change a node so that undo does not know, as the API does."""
        self.undo.api_edit(node, change)

    # what the rest of the fake does

    def commands_changed(self) -> None:
        """Let `maya.cmds` have the commands that there are now; `install` sets what does it."""
        self.refresh_module()

    def run_script(self, script: Any, kind: str = "mel") -> Any:
        """Run a callable, or a text of MEL or Python; what fails is shown, not raised, as for a click."""
        try:
            if callable(script):
                return script()
            if kind == "python":
                return exec(script, self.main_names)
            return self.mel(script)
        except Exception as error:
            self.say("error", f"{type(error).__name__}: {error}")
            return None

    def mel(self, text: str) -> Any:
        """What MEL gives for a text."""
        return evaluate_mel(self, text)

    @property
    def interactive(self) -> bool:
        """Whether there is a main window."""
        return self.app in (INTERACTIVE, BASE_UI)

    @property
    def evaluation_time(self) -> float:
        """The frame that is worked out now."""
        return self.state.time if self._time_override is None else self._time_override

    @contextmanager
    def at_time(self, frame: float | None) -> Iterator[None]:
        """Work out values at another frame, as with a context."""
        if frame is None:
            yield
            return
        previous, self._time_override = self._time_override, frame
        self._cache.clear()
        try:
            yield
        finally:
            self._time_override = previous
            self._cache.clear()

    def say(self, kind: str, text: str) -> None:
        """Show a message."""
        self.said.append((kind, text))

    def escape_pressed(self) -> bool:
        """Whether Esc has been pressed; every question counts."""
        if self.escape_after is None:
            return False
        self.escape_after -= 1
        return self.escape_after < 0

    def changed(self, what: str = "", *details: Any) -> None:
        """Count the change."""
        self.version += 1
        if what and what != "undone":
            self.modified = True
        super().changed(what, *details)

    def construct(self, node: Node) -> None:
        """The Python object of a node of a plug-in."""
        self.plugins.construct(node)

    def python_object(self, node: Node) -> Any:
        """The object behind a node of a plug-in; made anew where undo brought the node back."""
        if node.uuid not in self.python_objects:
            self.plugins.construct(node)
        return self.python_objects[node.uuid]

    def new(self) -> None:
        """An empty scene; preferences and plug-ins stay."""
        self.callbacks.scene("kBeforeNew")
        self.callbacks.forget_nodes()
        self.python_objects.clear()
        self.begin()
        self.undo.flush()
        self.modified = False
        self.callbacks.scene("kAfterNew")

    def selected_names(self, long: bool = False) -> list[str]:
        """The selection as `ls` writes it."""
        made = []
        for entry in self.state.selection:
            uuid, _, rest = entry.partition("\n")
            node = self.state.nodes[uuid]
            name = self.long_name(node) if long else self.short_name(node)
            made.append(f"{name}.{rest}" if rest else name)
        return made


__all__ = ["BASE_UI", "BATCH", "INTERACTIVE", "LIBRARY", "Scene", "Table"]
