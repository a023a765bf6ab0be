"""Errors a user can act on: the message says what, where, how many, and the next step."""


class CxError(Exception):
    """Base of every error of this package."""


class StudyError(CxError):
    """The study file is absent, unreadable or holds a key or value that does not fit."""


class DataError(CxError):
    """A table breaks its contract so that no honest figure can be made from it."""


class EngineError(CxError):
    """The engine cannot be started, or stopped before its work was done."""


class ModelError(CxError):
    """A model cannot be fitted to these columns; the message names them."""


class SampleError(CxError):
    """The sample company cannot be written as asked."""


class ReportError(CxError):
    """A report did not run to its end, or was asked for with unfit parameters."""


class LessonError(CxError):
    """An answer of the course is not right yet; the message says in what."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the message alone, since the code is not what went wrong."""
        return [str(self)]
