"""Commands for undo, preferences, files, plug-ins, messages, and what Maya says about itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from maya_fake.commands import Call, command
from maya_fake.messages import EVENTS, Job
from maya_fake.scene_files import exported, imported

Scene = Any


@command(
    "undoInfo",
    "openChunk/ock bool C, closeChunk/cck bool C, chunkName/cn str CQ, state/st bool CQ, stateWithoutFlush/swf "
    "bool CQ, infinity/infinity bool CQ, length/l int CQ, undoName/un bool Q, redoName/rn bool Q, "
    "undoQueueEmpty/uqe bool Q, redoQueueEmpty/rqe bool Q, printQueue/pq bool Q",
    undoable=False,
)
def undo_info(scene: Scene, call: Call) -> Any:
    queue = scene.undo
    if call.query:
        return {
            "state": queue.state,
            "stateWithoutFlush": queue.recording and queue.state,
            "infinity": queue.infinite,
            "length": queue.length,
            "undoName": queue.done[-1].name if queue.done else "",
            "redoName": queue.undone[-1].name if queue.undone else "",
            "undoQueueEmpty": not queue.done,
            "redoQueueEmpty": not queue.undone,
            "chunkName": queue.open[-1].name if queue.open else "",
            "printQueue": None,
        }[call.asked()]
    if call.get("openChunk"):
        queue.open_chunk(call.get("chunkName", ""))
    if call.get("closeChunk"):
        queue.close_chunk()
    if call.has("stateWithoutFlush"):
        queue.recording = call.get("stateWithoutFlush")
    if call.has("state"):
        if queue.state and not call.get("state"):
            queue.flush()
        queue.state = call.get("state")
        queue.recording = call.get("state")
    if call.has("infinity"):
        queue.infinite = call.get("infinity")
    if call.has("length"):
        queue.length = call.get("length")
    return None


@command("undo", most=0, undoable=False)
def undo(scene: Scene, call: Call) -> None:
    scene.undo.undo()
    scene.callbacks.event("Undo")


@command("redo", most=0, undoable=False)
def redo(scene: Scene, call: Call) -> None:
    scene.undo.redo()
    scene.callbacks.event("Redo")


@command("flushUndo", most=0, undoable=False)
def flush_undo(scene: Scene, call: Call) -> None:
    scene.undo.flush()


@command(
    "optionVar",
    "exists/ex str C, intValue/iv tuple CM, floatValue/fv tuple CM, stringValue/sv tuple CM, remove/rm str CM, "
    "list/l bool C, stringValueAppend/sva tuple CM, clearArray/ca str CM, arraySize/as str C, init/init bool C",
    undoable=False,
)
def option_var(scene: Scene, call: Call) -> Any:
    store = scene.option_vars
    if call.query and call.args:
        value = store.get(call.args[0], 0)
        return list(value) if isinstance(value, list) else value
    if call.has("exists"):
        return call.get("exists") in store
    if call.get("list"):
        return sorted(store)
    if call.has("arraySize"):
        value = store.get(call.get("arraySize"), [])
        return len(value) if isinstance(value, list) else 1
    for flag, kind in (("intValue", int), ("floatValue", float), ("stringValue", str)):
        for name, value in call.get(flag, []):
            if (kind is not str and not isinstance(value, (bool, int, float))) or (
                kind is str and not isinstance(value, str)
            ):
                raise TypeError(
                    f"Invalid arguments for flag '{flag}'.  Expected (string, {kind.__name__}), got {value!r}"
                )
            store[name] = kind(value)
    for name, value in call.get("stringValueAppend", []):
        store.setdefault(name, []).append(value)
    for name in call.get("clearArray", []):
        store[name] = []
    for name in call.get("remove", []):
        store.pop(name, None)
    return None


@command(
    "about",
    "batch/b bool C, version/v bool C, apiVersion/api bool C, linux/li bool C, linux64/l64 bool C, macOS/mac "
    "bool C, windows/win bool C, product/p bool C, operatingSystem/os bool C, majorVersion/mjv bool C, "
    "minorVersion/mnv bool C, preferences/pd bool C, cutIdentifier/c bool C, installedVersion/iv bool C, "
    "uiLanguage/uil bool C, qtVersion/qt bool C, application/a bool C, currentDate/cd bool C, currentTime/ct "
    "bool C, buildVariant/bv bool C",
    undoable=False,
)
def about(scene: Scene, call: Call) -> Any:
    asked = [flag for flag, value in call.flags.items() if value]
    if len(asked) != 1:
        raise RuntimeError("about: exactly one question is needed")
    year = scene.version_year
    answers = {
        "batch": not scene.interactive,
        "version": str(year),
        "apiVersion": year * 10000,
        "linux": os.name == "posix",
        "linux64": os.name == "posix",
        "macOS": False,
        "windows": os.name == "nt",
        "product": f"Maya {year}",
        "operatingSystem": os.name,
        "majorVersion": str(year),
        "minorVersion": "0",
        "preferences": str(scene.app_dir / str(year)),
        "cutIdentifier": "202400000000",
        "installedVersion": f"Maya {year}",
        "uiLanguage": "en_US",
        "qtVersion": "5.15.2" if year < 2025 else "6.5.3",
        "application": "maya",
        "currentDate": "2026/01/01",
        "currentTime": "12:00:00",
        "buildVariant": "",
    }
    return answers[asked[0]]


@command(
    "internalVar",
    "userAppDir/uad bool C, userPrefDir/upd bool C, userScriptDir/usd bool C, userShelfDir/ush bool C, "
    "userTmpDir/utd bool C, userWorkspaceDir/uwd bool C, userBitmapsDir/ubd bool C, userPresetsDir/ups bool C",
    undoable=False,
)
def internal_var(scene: Scene, call: Call) -> str:
    folder, year = scene.app_dir, str(scene.version_year)
    places = {
        "userAppDir": folder,
        "userPrefDir": folder / year / "prefs",
        "userScriptDir": folder / year / "scripts",
        "userShelfDir": folder / year / "prefs" / "shelves",
        "userTmpDir": folder / "tmp",
        "userWorkspaceDir": folder / "projects",
        "userBitmapsDir": folder / year / "prefs" / "icons",
        "userPresetsDir": folder / year / "presets",
    }
    (asked,) = [flag for flag, value in call.flags.items() if value]
    return places[asked].as_posix() + "/"


@command(
    "file",
    "new/new bool C, force/f bool C, open/o bool C, save/s bool C, rename/rn str C, sceneName/sn bool CQ, "
    "location/loc bool CQ, modified/mf bool CEQ, import/i bool C, reference/r bool CQ, namespace/ns str C, "
    "type/typ str CQM, exportAll/ea bool C, exportSelected/es bool C, returnNewNodes/rnn bool C, "
    "ignoreVersion/iv bool C, prompt/prompt bool CQ, shortName/shn bool CQ, exists/ex bool CQ",
    undoable=False,
)
def file(scene: Scene, call: Call) -> Any:
    if call.query:
        return _file_answer(scene, call)
    if call.edit or set(call.flags) == {"modified"}:
        scene.modified = bool(call.get("modified", scene.modified))
        return None
    if call.get("new"):
        if scene.modified and not call.get("force"):
            raise RuntimeError("Unsaved changes.")
        scene.new()
        return scene.state.file
    if call.has("rename"):
        scene.state.file = call.get("rename")
        return scene.state.file
    if call.get("save"):
        if not scene.state.file:
            raise RuntimeError("file: No scene name was given")
        scene.callbacks.scene("kBeforeSave")
        scene.files[scene.state.file] = exported(scene)
        scene.modified = False
        scene.callbacks.scene("kAfterSave")
        return scene.state.file
    (path,) = call.args
    if call.get("exportAll") or call.get("exportSelected"):
        scene.files[path] = exported(scene)
        return path
    if path not in scene.files:
        raise RuntimeError(f"File not found: {path}")
    if call.get("open"):
        if scene.modified and not call.get("force"):
            raise RuntimeError("Unsaved changes.")
        scene.callbacks.scene("kBeforeOpen")
        scene.new()
        imported(scene, scene.files[path], None, referenced=False)
        scene.state.file, scene.modified = path, False
        scene.callbacks.scene("kAfterOpen")
        return path
    if call.get("import") or call.get("reference"):
        made = imported(scene, scene.files[path], call.get("namespace"), referenced=call.get("reference", False))
        for node in made:
            node.extra["file"] = path
        scene.callbacks.scene("kAfterReference" if call.get("reference") else "kAfterImport")
        return [scene.long_name(node) for node in made] if call.get("returnNewNodes") else path
    raise RuntimeError("file: nothing to do")


def _file_answer(scene: Scene, call: Call) -> Any:
    asked = {flag for flag, value in call.flags.items() if value}
    if "sceneName" in asked:
        return Path(scene.state.file).name if "shortName" in asked else scene.state.file
    if "location" in asked:
        return scene.state.file or "unknown"
    if "modified" in asked:
        return scene.modified
    if "exists" in asked:
        return call.args[0] in scene.files
    raise RuntimeError(f"file: the query of {sorted(asked)} is not faked")


@command(
    "workspace",
    "expandName/en str CQN, rootDirectory/rd bool CQ, directory/dir str CQ, fullName/fn bool CQ",
    undoable=False,
)
def workspace(scene: Scene, call: Call) -> str:
    root = scene.app_dir / "projects" / "default"
    if call.has("expandName"):
        wanted = Path(call.get("expandName"))
        return (wanted if wanted.is_absolute() else root / wanted).as_posix()
    return root.as_posix() + "/"


@command("warning", "noContext/n bool C, showLineNumber/sl bool C", undoable=False)
def warning(scene: Scene, call: Call) -> None:
    scene.say("warning", " ".join(str(each) for each in call.args))


@command("error", "noContext/n bool C, showLineNumber/sl bool C", undoable=False)
def error(scene: Scene, call: Call) -> None:
    text = " ".join(str(each) for each in call.args)
    scene.say("error", text)
    raise RuntimeError(text)


@command(
    "evalDeferred",
    "lowestPriority/lp bool C, lowPriority/low bool C, list/ls bool C, evaluateNext/en bool C",
    undoable=False,
    takes_callables=True,
)
def eval_deferred(scene: Scene, call: Call) -> None:
    (script,) = call.args
    scene.idle.append(lambda: scene.run_script(script, "python"))


@command(
    "scriptJob",
    "event/e tuple C, parent/p str C, runOnce/ro bool C, kill/k int C, exists/ex int C, listJobs/lj bool C, "
    "listEvents/le bool C, force/f bool C, protected/pro bool C, replacePrevious/rp bool C, idleEvent/ie "
    "script C, killAll/ka bool C, uiDeleted/uid tuple C, killWithScene/kws bool C, compressUndo/cu bool C",
    undoable=False,
)
def script_job(scene: Scene, call: Call) -> Any:
    jobs = scene.callbacks.jobs
    if call.has("exists"):
        return call.get("exists") in jobs
    if call.get("listEvents"):
        return list(EVENTS)
    if call.get("listJobs"):
        return [f'{number}: event=["{job.event}"]' for number, job in jobs.items()]
    if call.has("kill"):
        if call.get("kill") not in jobs:
            raise RuntimeError(f"scriptJob: there is no job {call.get('kill')}")
        if jobs[call.get("kill")].protected and not call.get("force"):
            raise RuntimeError(f"scriptJob: job {call.get('kill')} is protected")
        del jobs[call.get("kill")]
        return None
    if not call.has("event"):
        raise RuntimeError("scriptJob: only events are faked")
    name, script = call.get("event")
    if name not in EVENTS:
        raise RuntimeError(f"scriptJob: unknown event '{name}'")
    if call.has("parent"):
        scene.ui.find(call.get("parent"))
    return scene.callbacks.add_job(
        Job(name, script, call.get("parent"), call.get("runOnce", False), call.get("protected", False))
    )


@command("commandEcho", "state/st bool CQ, lineNumbers/ln bool CQ, filter/f str CQM", undoable=False)
def command_echo(scene: Scene, call: Call) -> Any:
    return False if call.query else None


@command(
    "referenceQuery",
    "isNodeReferenced/inr bool C, filename/f bool C, namespace/ns bool C",
    most=1,
    undoable=False,
)
def reference_query(scene: Scene, call: Call) -> Any:
    node = scene.node(call.args[0])
    if call.get("isNodeReferenced"):
        return node.referenced
    if not node.referenced:
        raise RuntimeError(f"referenceQuery: '{node.name}' is not from a referenced file.")
    return node.extra["file"] if call.get("filename") else ":" + node.name.rpartition(":")[0]


@command("quit", "force/f bool C, abort/a bool C, exitCode/ec int C", undoable=False)
def quit_maya(scene: Scene, call: Call) -> None:
    scene.callbacks.scene("kMayaExiting")
