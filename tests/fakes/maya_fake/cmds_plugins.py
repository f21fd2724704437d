"""Commands for plug-ins and modules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from maya_fake.commands import Call, command

Scene = Any


@command(
    "loadPlugin",
    "quiet/qt bool C, addCallback/ac script C, removeCallback/rc script C, name/n str C, allPlugins/a bool C",
    undoable=False,
)
def load_plugin(scene: Scene, call: Call) -> list[str] | None:
    made = []
    for name in call.args:
        if scene.plugins.loaded(name):
            if not call.get("quiet"):
                scene.say("warning", f"Plug-in, {name}, is already loaded.")
            continue
        made.append(_outside(scene, scene.plugins.load, name))
    return made or None


@command("unloadPlugin", "force/f bool C, addCallback/ac script C, removeCallback/rc script C", undoable=False)
def unload_plugin(scene: Scene, call: Call) -> list[str]:
    return [_outside(scene, scene.plugins.unload, name, call.get("force", False)) for name in call.args]


def _outside(scene: Scene, run: Any, *args: Any) -> Any:
    """Run what calls commands itself, so that undo knows those."""
    depth, scene.depth = scene.depth, 0
    try:
        return run(*args)
    finally:
        scene.depth = depth


@command(
    "pluginInfo",
    "loaded/l bool CQ, version/v bool CQ, vendor/vd bool CQ, path/p bool CQ, name/n bool CQ, command/c bool "
    "CQ, dependNode/dn bool CQ, listPlugins/ls bool CQ, autoload/a bool CEQ, apiVersion/av bool CQ, "
    "registered/r bool CQ, unloadOk/uo bool CQ, pluginsInUse/pu bool CQ, savePluginPrefs/spp bool CE, "
    "listPluginsPath/lsp bool CQ",
    undoable=False,
)
def plugin_info(scene: Scene, call: Call) -> Any:
    plugins = scene.plugins
    if call.edit:
        (name,) = call.args
        (plugins.autoload.add if call.get("autoload") else plugins.autoload.discard)(Path(name).stem)
        return None
    asked = call.asked()
    if asked == "listPlugins":
        return list(plugins.all) or None
    if asked == "listPluginsPath":
        return [str(plugin.path) for plugin in plugins.all.values()] or None
    if asked == "pluginsInUse":
        return [each.name for each in plugins.all.values() if plugins.in_use(each)] or None
    (name,) = call.args
    plugin = plugins.loaded(name)
    if asked in ("loaded", "registered"):
        return plugin is not None
    if asked == "autoload":
        return Path(name).stem in plugins.autoload
    if plugin is None:
        raise RuntimeError(f"pluginInfo: Plug-in '{name}' is not registered")
    return {
        "version": plugin.version,
        "vendor": plugin.vendor,
        "path": plugin.path.as_posix(),
        "name": plugin.name,
        "command": list(plugin.commands) or None,
        "dependNode": list(plugin.nodes) or None,
        "apiVersion": plugin.api_required,
        "unloadOk": not plugins.in_use(plugin),
    }[asked]


@command(
    "moduleInfo",
    "moduleName/mn str C, path/p bool C, listModules/lm bool C, version/v bool C, definition/d bool C",
    undoable=False,
)
def module_info(scene: Scene, call: Call) -> Any:
    if call.get("listModules"):
        return sorted(scene.modules) or None
    name = call.get("moduleName")
    if name not in scene.modules:
        raise RuntimeError(f"moduleInfo: The module '{name}' was not found.")
    return scene.modules[name]
