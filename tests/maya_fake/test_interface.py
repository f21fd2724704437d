"""Docks, menus, shelves, progress, deferred calls, dialogs."""

# ruff: noqa: N802  (the names are those of Maya and Qt)
from __future__ import annotations

import threading
from typing import Any

import pytest


def test_a_dock_runs_its_script_when_it_is_made_and_when_maya_starts_again(maya: Any) -> None:
    maya.main_names["log"] = []
    maya.run("workspaceControl", "glmDock", label="Deep", uiScript="log.append('built')", retain=False)
    assert maya.run("workspaceControl", "glmDock", query=True, exists=True)
    with pytest.raises(RuntimeError, match="not unique"):
        maya.run("workspaceControl", "glmDock")
    maya.ui.quit_and_start()
    assert maya.main_names["log"] == ["built", "built"]
    maya.run("workspaceControl", "glmDock", edit=True, close=True)
    assert not maya.run("workspaceControl", "glmDock", query=True, exists=True)


def test_a_script_that_fails_is_shown_and_does_not_stop_maya(maya: Any) -> None:
    maya.run("workspaceControl", "glmDock", uiScript="import package_that_is_gone")
    assert "package_that_is_gone" in maya.texts("error")[0]


def test_a_script_job_ends_with_its_control(maya: Any) -> None:
    heard: list[int] = []
    maya.run("workspaceControl", "glmDock", uiScript="pass")
    job = maya.run("scriptJob", event=["SelectionChanged", lambda: heard.append(1)], parent="glmDock")
    maya.run("select", "persp")
    assert heard == []
    maya.process_idle_events()
    assert heard == [1]
    maya.run("deleteUI", "glmDock", control=True)
    assert not maya.run("scriptJob", exists=job)


def test_a_menu_with_items_that_are_clicked(maya: Any) -> None:
    clicked: list[Any] = []
    maya.run("menu", "glmMenu", label="Deep", parent="MayaWindow", tearOff=True)
    item = maya.run("menuItem", label="Open", command=lambda *args: clicked.append(args))
    maya.run("menuItem", "glmPrint", label="Print", command='print "hi"')
    assert item == "MayaWindow|glmMenu|menuItem1"
    maya.ui.click(item)
    maya.ui.click("glmPrint")
    assert clicked == [()]
    assert maya.texts("output") == ["hi"]
    assert maya.run("menu", "glmMenu", query=True, itemArray=True) == ["menuItem1", "glmPrint"]
    maya.run("deleteUI", "glmMenu", menu=True)
    assert not maya.run("menu", "glmMenu", exists=True)
    assert "glmPrint" not in maya.ui.controls


def test_a_shelf_button(maya: Any) -> None:
    top = maya.mel("$t = $gShelfTopLevel")
    shelf = maya.run("shelfLayout", "Deep", parent=top)
    maya.run("shelfButton", parent=shelf, label="Deep", image="x.png", command="done = 1", sourceType="python")
    assert maya.run("shelfLayout", "Deep", query=True, childArray=True) == ["shelfButton1"]
    maya.ui.click("shelfButton1")
    assert maya.main_names["done"] == 1


def test_escape_is_seen_once_it_is_pressed(maya: Any) -> None:
    bar = maya.mel("$tmp = $gMainProgressBar")
    maya.run("progressBar", bar, edit=True, beginProgress=True, isInterruptable=True, status="x", maxValue=10)
    maya.press_escape(after=2)
    seen = []
    for _ in range(4):
        maya.run("progressBar", bar, edit=True, step=1)
        seen.append(maya.run("progressBar", bar, query=True, isCancelled=True))
    assert seen == [False, False, True, True]
    assert maya.run("progressBar", bar, query=True, progress=True) == 4
    maya.run("progressBar", bar, edit=True, endProgress=True)
    assert not maya.run("progressBar", bar, query=True, isCancelled=True)


def test_one_progress_window_at_a_time(maya: Any) -> None:
    assert maya.run("progressWindow", title="x", progress=0, maxValue=3, isInterruptable=True)
    assert not maya.run("progressWindow", title="y")
    maya.run("progressWindow", edit=True, step=2)
    assert maya.run("progressWindow", query=True, progress=True) == 2
    maya.press_escape()
    assert maya.run("progressWindow", query=True, isCancelled=True)
    maya.run("progressWindow", endProgress=True)
    assert maya.run("progressWindow", title="y")


def test_a_computation_asks_for_escape(maya: Any) -> None:
    import maya.OpenMaya as om1

    work = om1.MComputation()
    with pytest.raises(RuntimeError, match="beginComputation"):
        work.isInterruptRequested()
    work.beginComputation(True, True, False)
    assert not work.isInterruptRequested()
    maya.press_escape()
    assert work.isInterruptRequested()
    work.endComputation()


def test_deferred_calls_wait_for_maya_to_be_idle(maya: Any) -> None:
    from maya import utils

    heard: list[int] = []
    utils.executeDeferred(heard.append, 1)
    utils.executeDeferred("import maya.cmds; maya.cmds.createNode('transform', name='late')")
    assert heard == []
    maya.process_idle_events()
    assert heard == [1]
    assert maya.run("objExists", "late")
    maya.app = "library"
    utils.executeDeferred(heard.append, 2)
    maya.process_idle_events()
    assert heard == [1]
    utils.processIdleEvents()
    assert heard == [1, 2]


def test_a_thread_asks_the_main_thread(maya: Any) -> None:
    from maya import utils

    found: list[Any] = []
    thread = threading.Thread(
        target=lambda: found.append(utils.executeInMainThreadWithResult(maya.run, "ls", type="time"))
    )
    thread.start()
    while thread.is_alive():
        maya.process_idle_events()
        thread.join(0.01)
    assert found == [["time1"]]


def test_dialogs_get_the_answers_of_the_test(maya: Any) -> None:
    maya.answers = ["Yes", ["/a.dio"]]
    assert maya.run("confirmDialog", message="Sure?", button=["Yes", "No"]) == "Yes"
    assert maya.run("fileDialog2", fileMode=1) == ["/a.dio"]
    assert maya.texts("dialog") == ["Sure?"]
    with pytest.raises(AssertionError, match="does not answer"):
        maya.run("confirmDialog", message="And now?")


def test_state_and_version_are_those_of_the_test(maya: Any) -> None:
    import maya.api.OpenMaya as om2
    import maya.OpenMaya as om1

    maya.version_year = 2023
    assert om2.MGlobal.mayaVersion() == "2023"
    assert maya.run("about", apiVersion=True) == 20230000
    for app, state in (
        ("interactive", "kInteractive"),
        ("batch", "kBatch"),
        ("library", "kLibraryApp"),
        ("base_ui", "kBaseUIMode"),
    ):
        maya.app = app
        assert om1.MGlobal.mayaState() == getattr(om1.MGlobal, state)
    om1.MGlobal.displayWarning("careful")
    assert maya.said[-1] == ("warning", "careful")
    assert maya.run("internalVar", userAppDir=True).endswith("/maya/")


def test_a_widget_docks_itself(maya: Any) -> None:
    from maya.app.general.mayaMixin import MayaQWidgetDockableMixin

    class Widget:
        def __init__(self, parent: Any = None) -> None:
            self.shown = False

        def show(self) -> None:
            self.shown = True

        def objectName(self) -> str:
            return "glmPanel"

        def windowTitle(self) -> str:
            return "Deep"

    class Panel(MayaQWidgetDockableMixin, Widget):
        pass

    panel = Panel()
    panel.show(dockable=True, area="right", uiScript="restored = True", retain=False)
    assert panel.shown
    assert maya.run("workspaceControl", "glmPanelWorkspaceControl", query=True, exists=True)
    with pytest.raises(TypeError, match="no parameters"):
        panel.show(dockable=True, dockible=True)
    maya.ui.quit_and_start()
    assert maya.main_names["restored"]
