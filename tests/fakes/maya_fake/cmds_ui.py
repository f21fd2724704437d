"""Commands for docks, menus, shelves, dialogs and progress; all of them refuse batch mode but the progress window."""

from __future__ import annotations

from typing import Any

from maya_fake.commands import Call, command
from maya_fake.ui_state import Control

Scene = Any


@command(
    "workspaceControl",
    "label/l str CEQ, uiScript/ui script CE, retain/rt bool C, loadImmediately/li bool C, initialWidth/iw int "
    "CE, initialHeight/ih int CE, minimumWidth/mw int CE, minimumHeight/mh int CE, widthProperty/wp str CEQ, "
    "heightProperty/hp str CEQ, tabToControl/ttc tuple CE, dockToControl/dtc tuple CE, dockToMainWindow/dtm "
    "tuple CE, floating/fl bool CEQ, requiredPlugin/rp str CM, requiredControl/rc str CM, checksPlugins/cp "
    "bool C, closeCommand/cc script CE, visibleChangeCommand/vcc script CE, exists/ex bool CQ, visible/vis "
    "bool CEQ, close/cl bool E, restore/rs bool E, raise/r bool EQ, collapse/clp bool EQ, width/w int EQ, "
    "height/h int EQ, stateString/ss bool Q, resizeWidth/rsw int E, resizeHeight/rsh int E",
    most=1,
    undoable=False,
)
def workspace_control(scene: Scene, call: Call) -> Any:
    ui = scene.ui
    name = call.args[0] if call.args else None
    if call.get("exists"):
        return name is not None and ui.exists(name, "workspaceControl")
    if call.query:
        control = ui.find(name, "workspaceControl")
        asked = call.asked()
        if asked == "visible":
            return not control.flags.get("closed", False)
        return control.flags.get(
            asked, {"floating": False, "raise": True, "collapse": False, "stateString": ""}.get(asked)
        )
    if call.edit:
        _edit_dock(scene, ui.find(name, "workspaceControl"), call)
        return None
    for flag in ("tabToControl", "dockToControl"):
        if call.has(flag):
            ui.find(call.get(flag)[0])
    control = ui.add(name, "workspaceControl", dict(call.flags), None)
    control.flags.setdefault("label", control.name)
    ui.build(control)
    return control.name


def _edit_dock(scene: Scene, control: Control, call: Call) -> None:
    for flag, value in call.flags.items():
        if flag == "close" and value:
            close_dock(scene, control)
        elif flag in ("restore", "visible") and value:
            was_closed = control.flags.pop("closed", False)
            if was_closed and not control.flags.get("retain", True):
                scene.ui.build(control)
            if was_closed:
                scene.run_script(control.flags.get("visibleChangeCommand") or "")
        elif flag == "visible":
            control.flags["closed"] = True
        elif flag == "uiScript":
            control.flags[flag] = value
            if not control.flags.get("closed"):
                scene.ui.build(control)
        elif flag not in ("restore", "close"):
            control.flags[flag] = value


def close_dock(scene: Scene, control: Control) -> None:
    """Close a dock as the artist does; one that is not retained is gone."""
    scene.run_script(control.flags.get("closeCommand") or "", "python")
    control.flags["closed"] = True
    if control.flags.get("retain", True) is False:
        scene.ui.remove(control.name)


@command("workspaceLayoutManager", "current/cu bool C, listLayouts/ll bool C", undoable=False)
def workspace_layout_manager(scene: Scene, call: Call) -> Any:
    return "Maya Classic" if call.get("current") else ["Maya Classic"]


_SHARED = "parent/p str C, exists/ex bool CQ, annotation/ann str CEQ, enable/en bool CEQ, visible/vis bool CEQ, "


def _control(scene: Scene, call: Call, kind: str) -> Any:
    ui = scene.ui
    name = call.args[0] if call.args else None
    if call.get("exists"):
        return name is not None and ui.exists(name, kind)
    if call.query:
        control = ui.find(name, kind)
        asked = call.asked()
        if asked == "itemArray":
            return [child.name for child in ui.children(control.name)] or None
        if asked in ("childArray", "numberOfChildren", "numberOfItems"):
            children = [child.name for child in ui.children(control.name)]
            return len(children) if asked.startswith("number") else children or None
        if asked == "fullPathName":
            return ui.path(control)
        return control.flags.get(asked)
    if call.edit:
        ui.find(name, kind).flags.update(call.flags)
        return name
    flags = {flag: value for flag, value in call.flags.items() if flag != "parent"}
    control = ui.add(name, kind, flags, call.get("parent"))
    return ui.path(control)


@command(
    "menu",
    _SHARED.replace("annotation/ann str CEQ, ", "")
    + "label/l str CEQ, tearOff/to bool C, itemArray/ia bool Q, numberOfItems/ni bool Q, postMenuCommand/pmc "
    "script CE, deleteAllItems/dai bool E, familyImage/fi str CEQ, mnemonic/mn str CEQ, helpMenu/hm bool CEQ",
    most=1,
    undoable=False,
)
def menu(scene: Scene, call: Call) -> Any:
    if call.edit and call.get("deleteAllItems"):
        for child in scene.ui.children(scene.ui.find(call.args[0], "menu").name):
            scene.ui.remove(child.name)
        return None
    made = _control(scene, call, "menu")
    if call.mode == "create" and not call.get("exists"):
        scene.ui.parents[:] = [made.rpartition("|")[2]]
    return made


@command(
    "menuItem",
    _SHARED + "label/l str CEQ, command/c script CEQ, sourceType/stp str CEQ, divider/d bool CQ, dividerLabel/dl str "
    "CEQ, subMenu/sm bool CQ, tearOff/to bool CQ, image/i str CEQ, optionBox/ob bool CQ, checkBox/cb bool CEQ, "
    "insertAfter/ia str C, boldFont/bld bool CQ, longDivider/ld bool CQ",
    most=1,
    undoable=False,
)
def menu_item(scene: Scene, call: Call) -> Any:
    _source(call)
    return _control(scene, call, "menuItem")


def _source(call: Call) -> None:
    if call.get("sourceType", "mel") not in ("mel", "python"):
        raise RuntimeError(f"{call.name}: sourceType must be mel or python")


@command(
    "shelfLayout",
    _SHARED + "childArray/ca bool Q, numberOfChildren/nch bool Q, fullPathName/fpn bool Q, cellWidth/cw int CEQ, "
    "cellHeight/ch int CEQ, style/st str CEQ, version/ver str CEQ",
    most=1,
    undoable=False,
)
def shelf_layout(scene: Scene, call: Call) -> Any:
    return _control(scene, call, "shelfLayout")


@command(
    "shelfTabLayout",
    _SHARED + "selectTab/st str CEQ, childArray/ca bool Q, numberOfChildren/nch bool Q, tabLabel/tl tuple CEQM",
    most=1,
    undoable=False,
)
def shelf_tab_layout(scene: Scene, call: Call) -> Any:
    return _control(scene, call, "shelfTabLayout")


@command(
    "shelfButton",
    _SHARED + "label/l str CEQ, image/i str CEQ, image1/i1 str CEQ, command/c script CEQ, sourceType/stp str CEQ, "
    "imageOverlayLabel/iol str CEQ, style/st str CEQ, width/w int CEQ, height/h int CEQ, "
    "doubleClickCommand/dcc script CEQ, noDefaultPopup/ndp bool C, docTag/dtg str CEQ",
    most=1,
    undoable=False,
)
def shelf_button(scene: Scene, call: Call) -> Any:
    _source(call)
    return _control(scene, call, "shelfButton")


@command(
    "channelBox",
    "exists/ex bool C, mainObjectList/mol bool Q, selectedMainAttributes/sma bool Q",
    most=1,
    undoable=False,
)
def channel_box(scene: Scene, call: Call) -> Any:
    """The one of Maya's main window; what is selected in it are the short names in `selected` of its flags."""
    if call.get("exists"):
        return scene.ui.exists(call.args[0], "channelBox")
    found = scene.ui.find(call.args[0], "channelBox")
    chosen = list(found.flags.get("selected", ()))
    if call.get("mainObjectList"):
        return scene.run("ls", selection=True) or None
    return chosen or None


@command(
    "window",
    "title/t str CEQ, exists/ex bool CQ, visible/vis bool CEQ, widthHeight/wh tuple CEQ, retain/ret bool C, "
    "width/w int CEQ, height/h int CEQ, menuArray/ma bool Q",
    most=1,
    undoable=False,
)
def window(scene: Scene, call: Call) -> Any:
    if call.query and call.get("menuArray"):
        return [child.name for child in scene.ui.children(scene.ui.find(call.args[0]).name)] or None
    return _control(scene, call, "window")


@command("setParent", "menu/m bool CQ, upLevel/u bool C, topLevel/top bool C", most=1, undoable=False)
def set_parent(scene: Scene, call: Call) -> str:
    if call.query:
        return scene.ui.parents[-1] if scene.ui.parents else ""
    if call.args:
        scene.ui.parents[:] = [scene.ui.find(call.args[0]).name]
    elif scene.ui.parents:
        above = scene.ui.controls[scene.ui.parents[-1]].parent
        scene.ui.parents[:] = [above] if above else []
    return scene.ui.parents[-1] if scene.ui.parents else ""


@command(
    "deleteUI",
    "control/ctl bool C, menu/m bool C, menuItem/mi bool C, layout/lay bool C, window/wnd bool C, panel/pnl bool C",
    undoable=False,
)
def delete_ui(scene: Scene, call: Call) -> None:
    scene.ui.need("deleteUI")
    for name in call.args:
        scene.ui.remove(name)


@command(
    "control",
    "exists/ex bool CQ, visible/vis bool CEQ, fullPathName/fpn bool Q, width/w int CEQ, height/h int CEQ, "
    "enable/en bool CEQ",
    most=1,
    undoable=False,
)
def control(scene: Scene, call: Call) -> Any:
    if call.get("exists"):
        return scene.ui.exists(call.args[0])
    found = scene.ui.find(call.args[0])
    if call.edit:
        found.flags.update(call.flags)
        return None
    return scene.ui.path(found) if call.get("fullPathName") else found.flags.get(call.asked(), True)


@command(
    "layout",
    "exists/ex bool CQ, visible/vis bool CEQ, childArray/ca bool Q, fullPathName/fpn bool Q",
    most=1,
    undoable=False,
)
def layout(scene: Scene, call: Call) -> Any:
    if call.get("exists"):
        return scene.ui.exists(call.args[0])
    if call.get("childArray"):
        return [child.name for child in scene.ui.children(scene.ui.find(call.args[0]).name)] or None
    return scene.ui.path(scene.ui.find(call.args[0]))


@command(
    "progressWindow",
    "title/t str CEQ, status/st str CEQ, progress/pr int CEQ, minValue/min int CEQ, maxValue/max int CEQ, "
    "isInterruptable/ii bool CQ, isCancelled/ic bool Q, step/s int E, endProgress/ep bool C",
    most=0,
    undoable=False,
)
def progress_window(scene: Scene, call: Call) -> Any:
    """In batch it takes everything and shows nothing."""
    ui = scene.ui
    if call.get("endProgress"):
        ui.progress = None
        return None
    if call.mode == "create":
        if ui.progress is not None:
            return False
        if scene.interactive:
            ui.progress = Control(
                "progressWindow", "progressWindow", None, {"progress": 0, "maxValue": 100, **call.flags}
            )
        return scene.interactive
    if ui.progress is None:
        if scene.interactive:
            raise RuntimeError("progressWindow: there is no progress window")
        return False if call.query else None
    return _progress(scene, ui.progress, call)


def _progress(scene: Scene, bar: Control, call: Call) -> Any:
    if call.query:
        asked = call.asked()
        if asked == "isCancelled":
            return bool(bar.flags.get("isInterruptable")) and scene.escape_pressed()
        return bar.flags.get(asked)
    for flag, value in call.flags.items():
        if flag == "step":
            bar.flags["progress"] = bar.flags.get("progress", 0) + value
        else:
            bar.flags[flag] = value
    return None


@command(
    "progressBar",
    "beginProgress/bp bool CE, endProgress/ep bool CE, isInterruptable/ii bool CEQ, status/st str CEQ, "
    "minValue/min int CEQ, maxValue/max int CEQ, progress/pr int CEQ, step/s int E, isCancelled/ic bool Q, "
    "isMainProgressBar/imp bool CQ, exists/ex bool CQ, visible/vis bool CEQ, parent/p str C, width/w int CEQ, "
    "height/h int CEQ",
    most=1,
    undoable=False,
)
def progress_bar(scene: Scene, call: Call) -> Any:
    if call.mode == "create":
        return _control(scene, call, "progressBar")
    scene.ui.need("progressBar")
    bar = scene.ui.find(call.args[0], "progressBar")
    if call.edit and call.get("beginProgress"):
        if bar.flags.get("running"):
            raise RuntimeError("progressBar: the progress has begun already")
        bar.flags = {"progress": 0, "maxValue": 100, "running": True}
    if call.edit and call.get("endProgress"):
        bar.flags["running"] = False
    if call.query and call.get("isCancelled") and not bar.flags.get("running"):
        return False
    flags = {flag: value for flag, value in call.flags.items() if flag not in ("beginProgress", "endProgress")}
    return _progress(scene, bar, Call(call.name, call.args, flags, call.mode))


@command(
    "confirmDialog",
    "title/t str C, message/m str C, button/b str CM, defaultButton/db str C, cancelButton/cb str C, "
    "dismissString/ds str C, icon/icn str C, messageAlign/ma str C, parent/p str C",
    most=0,
    undoable=False,
)
def confirm_dialog(scene: Scene, call: Call) -> str:
    scene.ui.need("confirmDialog")
    scene.say("dialog", call.get("message", ""))
    if not scene.answers:
        raise AssertionError(f"a dialog came that the test does not answer: {call.get('message')}")
    answer = scene.answers.pop(0)
    buttons = [*call.get("button", ["Confirm"]), call.get("dismissString", "dismiss")]
    assert answer in buttons, f"{answer!r} is none of {buttons}"
    return str(answer)


@command(
    "fileDialog2",
    "caption/cap str C, fileFilter/ff str C, fileMode/fm int C, dialogStyle/ds int C, startingDirectory/dir "
    "str C, okCaption/okc str C, selectFileFilter/sff str C, returnFilter/rf bool C",
    most=0,
    undoable=False,
)
def file_dialog(scene: Scene, call: Call) -> Any:
    scene.ui.need("fileDialog2")
    if not scene.answers:
        raise AssertionError("a file dialog came that the test does not answer")
    return scene.answers.pop(0)


@command(
    "promptDialog",
    "title/t str C, message/m str C, text/tx str CQ, button/b str CM, defaultButton/db str C, cancelButton/cb "
    "str C, dismissString/ds str C",
    most=0,
    undoable=False,
)
def prompt_dialog(scene: Scene, call: Call) -> Any:
    scene.ui.need("promptDialog")
    return scene.answers.pop(0)


@command(
    "inViewMessage",
    "assistMessage/amg str C, message/msg str C, position/pos str C, fade/f bool C, statusMessage/smg str C, "
    "hide/hd str C, fadeStayTime/fst int C, fadeInTime/fit int C, fadeOutTime/fot int C",
    most=0,
    undoable=False,
)
def in_view_message(scene: Scene, call: Call) -> None:
    scene.ui.need("inViewMessage")
    scene.say("in view", call.get("assistMessage") or call.get("message") or call.get("statusMessage", ""))


@command("waitCursor", "state/st bool CQ", most=0, undoable=False)
def wait_cursor(scene: Scene, call: Call) -> Any:
    return False if call.query else None


@command("isolateSelect", "state/s bool CQ", undoable=False)
def isolate_select(scene: Scene, call: Call) -> Any:
    scene.ui.need("isolateSelect")
    return False if call.query else None


@command("viewFit", "fitFactor/f float C, allObjects/all bool C, animate/an bool C", undoable=False)
def view_fit(scene: Scene, call: Call) -> None:
    scene.ui.need("viewFit")


@command("headsUpMessage", "object/o str C, time/t float C, selection/s bool C", undoable=False)
def heads_up_message(scene: Scene, call: Call) -> None:
    scene.ui.need("headsUpMessage")
    scene.say("in view", " ".join(call.args))
