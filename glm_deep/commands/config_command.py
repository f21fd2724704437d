"""`glm-deep config`: what a configuration says, whether it is right, and what one may write into it."""

from __future__ import annotations

import argparse
import json
import re
from typing import TYPE_CHECKING

from glm_deep.errors import ExitCode

if TYPE_CHECKING:
    from glm_deep.dio import Document

_HEADINGS = ("key", "value", "from", "unit", "range")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers `config` with its actions show, check and schema."""
    parser = subparsers.add_parser("config", help="show or check a configuration, or print its schema")
    actions = parser.add_subparsers(dest="action", metavar="show|check|schema", required=True)
    show = actions.add_parser("show", help="print every setting, its value, and where the value is from")
    check = actions.add_parser("check", help="report everything that is wrong with a configuration")
    schema = actions.add_parser("schema", help="print the JSON schema of configurations, for editors and scripts")
    for action, run in ((show, _show), (check, _check)):
        action.add_argument("configuration", metavar="CONF.dio", help="the configuration file")
        action.set_defaults(run=run)
    schema.set_defaults(run=_schema)


def table_of(document: Document) -> list[tuple[str, str, str, str, str]]:
    """For every setting its key, value, origin (the file or the default), unit and range."""
    from glm_deep.config import fields
    from glm_deep.configuration.fields import dotted, leaves, spelled

    described = {field.key: field for field in fields()}
    written = {dotted(path) for path, _ in leaves(document.values)}
    rows = []
    for path, value in leaves(document.config.to_json()):
        key = dotted(path)
        field = described.get(re.sub(r"\[\d+\]", "[]", key))  # None for an empty list of objects
        origin = "file" if key in written else "default"
        unit, allowed = (field.unit, field.range) if field else ("", "")
        rows.append((key, spelled(value), origin, unit, allowed))
    return rows


def _show(arguments: argparse.Namespace) -> ExitCode:
    from glm_deep import dio

    rows = [_HEADINGS, *table_of(dio.load(arguments.configuration))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    return ExitCode.OK


def _check(arguments: argparse.Namespace) -> ExitCode:
    from glm_deep import dio

    dio.load(arguments.configuration)
    print("ok")
    return ExitCode.OK


def _schema(arguments: argparse.Namespace) -> ExitCode:
    from glm_deep.config import json_schema

    print(json.dumps(json_schema(), indent=2))
    return ExitCode.OK
