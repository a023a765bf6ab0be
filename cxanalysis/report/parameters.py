"""The parameters of a report notebook: read from its parameters cell, checked before a run."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass

from nbformat import NotebookNode

from cxanalysis.config import closest
from cxanalysis.errors import ReportError
from cxanalysis.report.notebooks import tags

Value = str | int | float | bool
TYPES: dict[str, type[Value]] = {"str": str, "int": int, "float": float, "bool": bool}


@dataclass(frozen=True)
class Parameter:
    """One line of the parameters cell: ``name: type = default  # help``."""

    name: str
    type: str
    default: Value
    help: str


def read_parameters(notebook: NotebookNode, name: str) -> dict[str, Parameter]:
    """Parameters that a notebook takes, in the order of its parameters cell.

    Parameters
    ----------
    name
        File name of the notebook, for error messages.

    Raises
    ------
    ReportError
        When no cell or more than one is tagged "parameters", or a line of it is not plain.
    """
    cells = [
        cell for cell in notebook.cells if cell.cell_type == "code" and "parameters" in tags(cell)
    ]
    if len(cells) != 1:
        found = "no cell" if not cells else f"{len(cells)} cells"
        raise ReportError(
            f"{name} has {found} tagged 'parameters', so a run cannot be told its study and "
            'period. Tag the one cell that holds lines such as: period: str = ""  # 2026-10'
        )
    source = cells[0].source
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise _not_plain(name, source, error.lineno or 1) from error
    comments = _comments(source)
    parameters = [_parameter(name, source, line, comments) for line in statements]
    return {parameter.name: parameter for parameter in parameters}


def check_parameters(
    parameters: Mapping[str, Parameter], given: Mapping[str, object], name: str
) -> dict[str, Value]:
    """The values given, after each was found among the parameters and of their type.

    Raises
    ------
    ReportError
        At the first unknown name, with the closest known one, or the first value of another
        type.
    """
    checked: dict[str, Value] = {}
    for key, value in given.items():
        if key not in parameters:
            hint = closest(key, parameters).replace(" Known:", " It takes:")
            raise ReportError(f"{name} has no parameter {key!r}.{hint or ' It takes none.'}")
        checked[key] = _of_type(parameters[key], value, name)
    return checked


def default_of(parameters: Mapping[str, Parameter], name: str) -> Value:
    """What a notebook gives a parameter by itself; empty where it takes none of that name."""
    return parameters[name].default if name in parameters else ""


def _of_type(parameter: Parameter, value: object, name: str) -> Value:
    wanted = TYPES[parameter.type]
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        raise ReportError(
            f"{name}: parameter {parameter.name!r} takes {parameter.type}, not {value!r} "
            f"({type(value).__name__})."
        )
    return value


def _parameter(
    name: str, source: str, statement: ast.stmt, comments: Mapping[int, str]
) -> Parameter:
    match statement:
        case ast.AnnAssign(
            target=ast.Name(id=key), annotation=ast.Name(id=kind), value=ast.expr() as value
        ):
            pass
        case _:
            raise _not_plain(name, source, statement.lineno)
    try:
        default = ast.literal_eval(value)
    except ValueError as error:
        raise _not_plain(name, source, statement.lineno) from error
    if kind not in TYPES:
        raise _not_plain(name, source, statement.lineno)
    parameter = Parameter(key, kind, default, comments.get(statement.lineno, ""))
    _of_type(parameter, default, name)
    return parameter


def _comments(source: str) -> dict[int, str]:
    """The comment of each line that has one, by line number."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]: token.string.lstrip("# ")
        for token in tokens
        if token.type == tokenize.COMMENT
    }


def _not_plain(name: str, source: str, line: int) -> ReportError:
    text = source.splitlines()[line - 1].strip()
    return ReportError(
        f"{name}, parameters cell, line {line}: cannot read {text!r}. Write each parameter as "
        f"name: type = value  # help, with a type of {', '.join(TYPES)} and a plain value."
    )
