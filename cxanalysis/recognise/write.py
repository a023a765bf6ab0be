"""A guess as a commented study.toml."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cxanalysis.config import SCHEMA_VERSION, read_config
from cxanalysis.errors import StudyError
from cxanalysis.recognise.guess import ColumnGuess, Guess, TableGuess
from cxanalysis.sources.privacy import mask

_HEAD = """\
# Written by `cxanalysis init` from what the files look like. Every line is a guess: the comment
# behind it says why. Correct what is wrong, then run `cxanalysis check` on this file.
"""


def write_study(guess: Guess, path: Path, *, overwrite: bool = False) -> Path:
    """Write the study file; paths of the data are written relative to it where they can be.

    Raises
    ------
    StudyError
        When it is a folder, or is there already and ``overwrite`` is not set.
    """
    path = Path(path)
    if path.is_dir():
        raise StudyError(f"{path}: a folder. Name a file in it, such as {path / 'study.toml'}")
    if path.exists() and not overwrite:
        raise StudyError(
            f"{path}: there already. Give another name with --output, or --force to replace it."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(study_text(guess, path.parent), encoding="utf-8")
        read_config(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def study_text(guess: Guess, folder: Path) -> str:
    """The study file's text, for data files seen from a folder."""
    lines = [_HEAD.rstrip(), *_loud(guess.doubts), *_comments("Customers", guess.matches), ""]
    lines += [f"schema_version = {SCHEMA_VERSION}", f"name = {toml(guess.name)}"]
    lines += _setting(guess, "time_zone", folder) + _setting(guess, "stages", folder)
    lines += _setting(guess, "stage_aliases", folder)
    for table in guess.tables:
        lines += ["", *_table(table, folder)]
    for unused, why in guess.unused:
        lines += ["", f"# CHECK: {_line(unused.name)} is not used: {_line(why)}"]
    for section in ("identity", "service", "model", "privacy", "report"):
        keys = [key for key in {**guess.reasons, **guess.settings} if key.startswith(f"{section}.")]
        if keys:
            lines += ["", f"[{section}]"]
            lines += [line for key in keys for line in _setting(guess, key, folder)]
    return "\n".join(lines) + "\n"


def _setting(guess: Guess, key: str, folder: Path) -> list[str]:
    reason = guess.reasons.get(key, "")
    if key not in guess.settings:
        return [f"# {reason}"] if reason else []
    value = guess.settings[key]
    written = toml(_relative(value, folder) if isinstance(value, Path) else value)
    return [_with_comment(f"{key.rpartition('.')[2]} = {written}", reason)]


def _table(table: TableGuess, folder: Path) -> list[str]:
    name = table.table
    lines = [
        f"# {', '.join(path.name for path in table.files)}: {table.rows:,} rows, "
        f"{table.recognised} of {table.headers} columns recognised. Why {name}: {_line(table.why)}."
    ]
    lines += _loud(table.all_doubts)
    lines += _comments("Note", table.notes)
    lines.append(f"[tables.{name}]")
    paths = [
        path if isinstance(path, str) else _relative(path, folder)
        for path in table.written or table.files
    ]
    lines.append(f"path = {toml(paths[0] if len(paths) == 1 else paths)}")
    for key, value in table.settings.items():
        lines.append(_with_comment(f"{key} = {toml(value)}", table.setting_notes.get(key, "")))
    if table.scale:
        lines.append(_with_comment(f"scale = {toml(table.scale)}", table.scale_why))
    lines += ["", f"[tables.{name}.columns]"]
    lines += [_with_comment(f"{toml_key(c.role)} = {_column(c)}", c.why) for c in table.columns]
    for join in table.joins:
        lines += ["", f"# {_line(join.why)}.", f"[[tables.{name}.join]]"]
        lines += [f"path = {toml(_relative(join.path, folder))}", f"on = {toml(join.on)}"]
        lines += [f"records = {toml(join.records)}"] if join.records is not None else []
        lines += [f"right_on = {toml(join.right_on)}", f"columns = {toml(join.columns)}"]
    for event in table.events:
        lines += ["", f"[[tables.{name}.events]]", f"stage = {toml(event.stage)}"]
        lines += [f"touchpoint = {toml(event.touchpoint)}"]
        lines.append(_with_comment(f"occurred_at = {toml(event.source)}", event.why))
        lines += [f"columns = {toml(event.columns)}"] if event.columns else []
    if table.items:
        lines += ["", "# Every rating question becomes a driver. Correct stage, and service = true",
                  "# for what people in service do.", f"[tables.{name}.items]"]  # fmt: skip
        lines += [
            _with_comment(f"{toml_key(i.name)} = {toml(i.settings)}", i.why) for i in table.items
        ]
    if table.unread:
        lines += ["", "# Not read:"]
        lines += [f"#   {_line(mask(unread.source))}: {unread.why}" for unread in table.unread]
    return lines


def _column(column: ColumnGuess) -> str:
    settings = dict(column.settings)
    if settings.keys() & {"columns", "first_of", "value"}:
        return toml(settings)
    if not settings:
        return toml(column.source)
    return toml({"column": column.source, **settings})


def _loud(doubts: Iterable[str]) -> list[str]:
    return [f"# CHECK: {_line(doubt)}" for doubt in doubts]


def _comments(head: str, texts: Iterable[str]) -> list[str]:
    return [f"# {head}: {_line(text)}" for text in texts]


def _with_comment(line: str, comment: str) -> str:
    return f"{line}  # {_line(comment)}" if comment else line


def _line(text: str) -> str:
    """A text that stays within one comment line."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _relative(path: Path, folder: Path) -> str:
    """The way from the study file to a data file, with forward slashes."""
    try:
        way = os.path.relpath(path.resolve(), folder.resolve())
    except ValueError:  # another drive
        return path.resolve().as_posix()
    return Path(way).as_posix()


def toml(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{toml_key(str(key))} = {toml(item)}" for key, item in value.items())
        return f"{{ {pairs} }}"
    return f"[{', '.join(toml(item) for item in value)}]"


def toml_key(name: str) -> str:
    """A key, quoted where it has to be."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)


def _text(text: str) -> str:
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(
        escapes.get(sign) or (sign if sign.isprintable() else f"\\U{ord(sign):08x}")
        for sign in text
    ) + '"'  # fmt: skip
