"""`maya.app.general.mayaMixin`: what docks a QWidget; the mixin comes before the Qt class."""

# ruff: noqa: N803  (the names are Maya's)
from __future__ import annotations

from typing import Any

from maya_fake.current import scene


class MayaQWidgetBaseMixin:
    """Gives a widget its place below Maya's main window."""

    def __init__(self, parent: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(parent, *args, **kwargs)


class MayaQWidgetDockableMixin(MayaQWidgetBaseMixin):
    """Docks a widget: `show(dockable=True, uiScript=...)` makes the control `<objectName>WorkspaceControl`."""

    def setDockableParameters(
        self,
        dockable: Any = None,
        floating: Any = None,
        area: Any = None,
        allowedArea: Any = None,
        width: Any = None,
        widthSizingProperty: Any = None,
        minWidth: Any = None,
        height: Any = None,
        heightSizingProperty: Any = None,
        x: Any = None,
        y: Any = None,
        retain: bool = True,
        plugins: Any = None,
        controls: Any = None,
        uiScript: Any = None,
        closeCallback: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        if args or kwargs:
            raise TypeError(f"setDockableParameters has no parameters {args} {kwargs}")
        if not dockable:
            return
        name = self.objectName()  # type: ignore[attr-defined]
        if not name:
            raise RuntimeError("the widget needs an objectName before it can be docked")
        control = f"{name}WorkspaceControl"
        if scene().run("workspaceControl", control, exists=True):
            raise RuntimeError(f"Object's name '{control}' is not unique.")
        flags: dict[str, Any] = {
            "label": self.windowTitle() or name,
            "retain": bool(retain),
            "floating": bool(floating),
        }  # type: ignore[attr-defined]
        for flag, value in (
            ("requiredPlugin", plugins),
            ("requiredControl", controls),
            ("closeCommand", closeCallback),
        ):
            if value:
                flags[flag] = value
        scene().run("workspaceControl", control, **flags)
        dock = scene().ui.find(control)
        if uiScript:
            dock.flags["uiScript"] = uiScript  # it fills the dock when Maya starts again, not now
        dock.flags["content"] = name

    def show(self, *args: Any, **kwargs: Any) -> None:
        if kwargs or args:
            self.setDockableParameters(*args, **kwargs)
        shown = getattr(super(), "show", None)
        if shown is not None:
            shown()

    def dockCloseEventTriggered(self) -> None:
        """Called when the dock is closed."""

    def isDockable(self) -> bool:
        return scene().ui.exists(f"{self.objectName()}WorkspaceControl")  # type: ignore[attr-defined]
