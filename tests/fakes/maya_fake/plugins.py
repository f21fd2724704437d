"""Plug-ins: Python files that are really run, the commands and types of nodes that they register, unloading."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from maya_fake.state import Node


@dataclass
class Plugin:
    """A loaded plug-in."""

    name: str
    path: Path
    vendor: str = "Unknown"
    version: str = "Unknown"
    api_required: str = "Any"
    commands: list[str] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)


class Plugins:
    """The plug-ins of a Maya."""

    def __init__(self, scene: Any) -> None:
        self._scene = scene
        self.all: dict[str, Plugin] = {}
        self.autoload: set[str] = set()

    def loaded(self, name: str) -> Plugin | None:
        """The loaded plug-in with this name, file name or path."""
        plugin = self.all.get(Path(name).stem)
        if plugin is None or (Path(name).is_absolute() and plugin.path != Path(name)):
            return None
        return plugin

    def find(self, name: str) -> Path:
        """The file of a plug-in: a path, or a name on MAYA_PLUG_IN_PATH.

        Raises:
            RuntimeError: there is none.
        """
        wanted = Path(name)
        folders = [Path(each) for each in os.environ.get("MAYA_PLUG_IN_PATH", "").split(os.pathsep) if each]
        places = [wanted] if wanted.is_absolute() else [folder / name for folder in folders]
        for place in places:
            for path in (place, place.with_name(place.name + ".py")):
                if path.suffix == ".py" and path.is_file():
                    return path
        raise RuntimeError(f'Plug-in, "{name}", was not found on MAYA_PLUG_IN_PATH.')

    def load(self, name: str) -> str:
        """Run a plug-in file and its initializePlugin; its name.

        Raises:
            RuntimeError: there is no such file, or it fails.
        """
        from maya_fake.api1.objects import MObject

        path = self.find(name)
        plugin = Plugin(path.stem, path)
        self._scene.callbacks.scene("kBeforePluginLoad")
        names: dict[str, Any] = {"__name__": path.stem}  # no __file__, which Maya does not promise
        try:
            exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)
        except Exception as error:
            self._scene.say("error", f"{type(error).__name__}: {error}")
            raise RuntimeError(f'Failed to load plug-in, "{path}": {type(error).__name__}: {error}') from error
        if "maya_useNewAPI" in names:
            raise RuntimeError("this fake loads plug-ins of API 1.0 only")
        for wanted in ("initializePlugin", "uninitializePlugin"):
            if not callable(names.get(wanted)):
                raise RuntimeError(f"{path.name} has no {wanted} function")
        plugin.names = names
        self.all[plugin.name] = plugin
        try:
            names["initializePlugin"](MObject._plugin(plugin))
        except Exception as error:
            self._forget(plugin)
            self._scene.say("error", f"{type(error).__name__}: {error}")
            raise RuntimeError(f"initializePlugin function failed ({path.name}): {error}") from error
        self._scene.callbacks.scene("kAfterPluginLoad")
        return plugin.name

    def in_use(self, plugin: Plugin) -> bool:
        """Whether there are nodes of its types, or undo could bring some back."""
        present = {node.type for node in self._scene.state.nodes.values()} | self._scene.undo.names_of_nodes()
        return bool(present & set(plugin.nodes))

    def unload(self, name: str, force: bool = False) -> str:
        """Run uninitializePlugin and forget what the plug-in registered; its name.

        Raises:
            RuntimeError: it is not loaded, is in use, or fails.
        """
        from maya_fake.api1.objects import MObject

        plugin = self.loaded(name)
        if plugin is None:
            raise RuntimeError(f'Plug-in, "{name}", is not loaded.')
        if self.in_use(plugin) and not force:
            raise RuntimeError(f'Plug-in, "{plugin.path.name}", cannot be unloaded because it is still in use.')
        self._scene.callbacks.scene("kBeforePluginUnload")
        if force:
            for node in [node for node in self._scene.state.nodes.values() if node.type in plugin.nodes]:
                self._scene.remove(node)
            self._scene.undo.flush()
        try:
            plugin.names["uninitializePlugin"](MObject._plugin(plugin))
        except Exception as error:
            self._scene.say("error", f"{type(error).__name__}: {error}")
            raise RuntimeError(f"uninitializePlugin function failed ({plugin.path.name}): {error}") from error
        left = [*plugin.commands, *plugin.nodes]
        self._forget(plugin)
        if left:
            raise RuntimeError(f"{plugin.path.name} left registered: {', '.join(left)}")
        self._scene.callbacks.scene("kAfterPluginUnload")
        return plugin.name

    def _forget(self, plugin: Plugin) -> None:
        for command in list(plugin.commands):
            self.remove_command(plugin, command)
        for kind in list(plugin.nodes):
            self.remove_type(plugin, kind)
        self.all.pop(plugin.name, None)

    def add_command(self, plugin: Plugin, command: Any) -> None:
        """Make a command known.

        Raises:
            RuntimeError: there is one of this name.
        """
        if command.name in self._scene.commands:
            raise RuntimeError(f"(kFailure): a command named {command.name} exists already")
        self._scene.commands[command.name] = command
        plugin.commands.append(command.name)
        self._scene.commands_changed()

    def remove_command(self, plugin: Plugin, name: str) -> None:
        """Forget a command.

        Raises:
            RuntimeError: this plug-in has not registered it.
        """
        if name not in plugin.commands:
            raise RuntimeError(f"(kFailure): {name} was not registered by {plugin.name}")
        plugin.commands.remove(name)
        del self._scene.commands[name]
        self._scene.commands_changed()

    def add_type(self, plugin: Plugin, kind: Any) -> None:
        """Make a type of nodes known.

        Raises:
            RuntimeError: there is one of this name or number.
        """
        if kind.name in self._scene.types:
            raise RuntimeError(f"(kFailure): a node type named {kind.name} exists already")
        if any(each.type_id == kind.type_id for each in self._scene.types.values() if each.type_id is not None):
            raise RuntimeError(f"(kFailure): the id of {kind.name} is taken")
        self._scene.types[kind.name] = kind
        plugin.nodes.append(kind.name)

    def remove_type(self, plugin: Plugin, name: str) -> None:
        """Forget a type of nodes."""
        plugin.nodes.remove(name)
        del self._scene.types[name]

    def construct(self, node: Node) -> None:
        """Make the Python object of a node, and tell it that the node is there."""
        kind = self._scene.types[node.type]
        made = kind.python_class()
        self._scene.python_objects[node.uuid] = made
        made._attach(node)
        made.postConstructor()
