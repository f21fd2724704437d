"""Windows, docks, menus, shelves and progress bars, as data; real widgets where there is a Qt application."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MAIN_WINDOW, MAIN_BAR, SHELF, FRONT = "MayaWindow", "mainProgressBar", "ShelfLayout", "Custom"
VARIABLES = {"gMainWindow": MAIN_WINDOW, "gMainProgressBar": MAIN_BAR, "gShelfTopLevel": SHELF}
"""The global variables of MEL that name parts of the interface."""


@dataclass
class Control:
    """A part of the interface: its name, its command (such as `menuItem`), its parent, and its flags."""

    name: str
    kind: str
    parent: str | None = None
    flags: dict[str, Any] = field(default_factory=dict)
    widget: Any = None


class Interface:
    """What the artist sees."""

    def __init__(self, scene: Any) -> None:
        self._scene = scene
        self.controls: dict[str, Control] = {}
        self.parents: list[str] = []
        self.progress: Control | None = None
        self.saved_docks: dict[str, dict[str, Any]] = {}
        for name, kind in (
            (MAIN_WINDOW, "window"),
            (MAIN_BAR, "progressBar"),
            (SHELF, "shelfTabLayout"),
            ("mainChannelBox", "channelBox"),
            ("AttributeEditor", "workspaceControl"),
            ("ChannelBoxLayerEditor", "workspaceControl"),
            ("Outliner", "workspaceControl"),
        ):
            self.controls[name] = Control(name, kind)
        self.controls[FRONT] = Control(FRONT, "shelfLayout", SHELF)
        self.controls[SHELF].flags["selectTab"] = FRONT

    def add(self, name: str | None, kind: str, flags: dict[str, Any], parent: str | None = None) -> Control:
        """A new control.

        Raises:
            RuntimeError: there is no interface, the name is taken, or the parent does not exist.
        """
        self.need(kind)
        if name is None:
            count = 1
            while f"{kind}{count}" in self.controls:
                count += 1
            name = f"{kind}{count}"
        if name in self.controls:
            raise RuntimeError(f"{kind}: Object's name '{name}' is not unique.")
        above = parent if parent is not None else (self.parents[-1] if self.parents else None)
        if kind == "workspaceControl":
            above = None  # a dock lies in no menu and in no other dock
        if above is not None:
            above = self.find(above).name
        made = self.controls[name] = Control(name, kind, above, flags)
        return made

    def need(self, kind: str) -> None:
        """Refuse in batch mode.

        Raises:
            RuntimeError: there is no interface.
        """
        if not self._scene.interactive:
            raise RuntimeError(f"{kind}: cannot be used in batch mode")

    def find(self, name: str, kind: str | None = None) -> Control:
        """The control with this name or path.

        Raises:
            RuntimeError: there is none of this kind.
        """
        control = self.controls.get(name) or self.controls.get(name.rpartition("|")[2])
        if control is None or (kind is not None and control.kind != kind):
            raise RuntimeError(f"Object '{name}' not found.")
        return control

    def exists(self, name: str, kind: str | None = None) -> bool:
        """Whether there is such a control."""
        control = self.controls.get(name) or self.controls.get(name.rpartition("|")[2])
        return control is not None and (kind is None or control.kind == kind)

    def path(self, control: Control) -> str:
        """Its name below its parents."""
        parts = [control.name]
        while control.parent is not None:
            control = self.controls[control.parent]
            parts.append(control.name)
        return "|".join(reversed(parts))

    def children(self, name: str) -> list[Control]:
        """What lies in a control."""
        return [control for control in self.controls.values() if control.parent == name]

    def remove(self, name: str) -> None:
        """Delete a control with what lies in it; its scriptJobs go too."""
        control = self.find(name)
        for child in self.children(control.name):
            self.remove(child.name)
        del self.controls[control.name]
        self._scene.callbacks.control_deleted(control.name)
        if control.widget is not None:
            control.widget.deleteLater()

    def click(self, name: str) -> Any:
        """The artist clicks a menu item or a shelf button."""
        control = self.find(name)
        return self._scene.run_script(control.flags["command"], control.flags.get("sourceType", "mel"))

    def quit_and_start(self) -> None:
        """Maya ends and starts again: docks come back and run their uiScript, or not if their plug-in is missing."""
        docks = {
            name: dict(control.flags)
            for name, control in self.controls.items()
            if control.kind == "workspaceControl" and control.flags.get("label") is not None
        }
        for name in docks:
            self.remove(name)
        for name, flags in docks.items():
            control = self.add(name, "workspaceControl", flags)
            if not flags.get("closed"):
                self.build(control)

    def build(self, control: Control) -> None:
        """Let the uiScript of a dock fill it."""
        script = control.flags.get("uiScript")
        needed = control.flags.get("requiredPlugin", [])
        for plugin in needed:
            if not self._scene.plugins.loaded(plugin):
                self._scene.run("loadPlugin", plugin)
        if not script:
            return
        self.parents.append(control.name)
        try:
            self._scene.run_script(script, "python")
        finally:
            self.parents.remove(control.name)
