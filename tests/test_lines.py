"""Counting the records of a text file by its bytes: the same as Python's reader, or not at all."""

import pytest
from test_sources import GOOD, HEADER, problems, write

from cxanalysis.sources import lines
from cxanalysis.sources.delimited import CsvFile
from cxanalysis.sources.lines import count_records
from cxanalysis.sources.records import line_numbers
from cxanalysis.study import open_study

ODD = '1,a\n\n2,"b\n\nb"\r\n3\n"4","c""c"\n   \n5,d'


def file_of(tmp_path, text, **more):
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    return CsvFile("t.csv", path, ",", '"', ("a", "b"), 1, **more)


@pytest.mark.parametrize("chunk", [1, 2, 7, 1 << 20])
def test_records_and_their_lines_are_those_of_a_reader(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(lines, "CHUNK", chunk)
    file = file_of(tmp_path, "a,b\n" + ODD)
    content = file.path.read_bytes()
    left_out = [content.index(b"3\n"), content.index(b"   \n")]
    counted = count_records(file, left_out)
    assert counted is not None
    assert (counted.lines([1, 2, 3, 4, 9]), counted.records) == line_numbers(file, [1, 2, 3, 4])
    assert [(r.line, r.value) for r in counted.ragged] == [(7, "expected 2 fields, found 1")]


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("1,a\r2,b\n", ()),  # a lone return ends a line, too
        ('1,a\n2,"b\n', ()),  # the quote never closes
        ("1,a\n2,b\n", (4,)),  # the record left out is sound
        ("1,a\n2\n", (5,)),  # no record begins there
    ],
)
def test_what_bytes_cannot_tell_is_left_to_a_reader(tmp_path, text, left_out):
    file = file_of(tmp_path, "a,b\n" + text)
    assert count_records(file, left_out) is None


def test_broken_lines_do_not_make_python_read_the_file(tmp_path, monkeypatch):
    """Only so can ten million rows with some broken lines be read in reasonable time."""
    monkeypatch.setattr("cxanalysis.sources.insert.clean_copy", None)
    monkeypatch.setattr("cxanalysis.sources.raw.line_numbers", None)
    content = HEADER + GOOD + '2,"b\nb",2026-03-01,,1\n3,c\n4,"d"x,2026-03-01,,1\n5,e,soon,,1\n'
    for end in ("\n", "\r\n"):
        study = open_study(write(tmp_path, "\ufeff" + content.replace("\n", end)))
        assert problems(study) == [
            (5, "", "expected 5 fields, found 2", "ragged line"),
            (6, "", "text after a closing quote", "broken quoting"),
            (7, "opened", "soon", "unreadable time"),
        ]
        assert study.reading[0].rows_kept == 2
