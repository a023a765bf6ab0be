"""The archive: one static page that lists all reports of a folder."""

from cxanalysis.archive.index import write_index

__all__ = ["write_index"]
