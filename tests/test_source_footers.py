"""What stands below the last record of an export is no bad row, and no bad row is taken for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_sources import workbook

from cxanalysis.sources.footers import LONGEST, footer_start
from cxanalysis.study import Study, open_study

SIGNS = ("Confidential", "Copyright (c)")
ROWS = "id,customer,opened,reason\n1,a,2026-03-01 10:00,late\n2,b,2026-03-02 10:00,Confidential\n"
FOOTER = '"My report"\n"Copyright (c) 2000-2026"\n"Confidential, do not\tcopy"\n"Made by: B"\n'


def opened(folder: Path, text: str | bytes, name: str = "tickets.csv") -> Study:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    (folder / "study.toml").write_text(
        f'name = "t"\nlimits.bad_rows = 1.0\n[tables.tickets]\npath = "{name}"\n'
        f'footer = ["confidential", "Copyright (c)"]\n[tables.tickets.columns]\n'
        'ticket_id = "id"\ncustomer_id = "customer"\nopened_at = "opened"\nreason = "reason"\n',
        encoding="utf-8",
    )
    return open_study(folder / "study.toml")


def told(study: Study) -> tuple[int, list[int], list[str]]:
    """Rows kept, lines set aside, and what is said of footers."""
    (reading,) = study.reading
    said = [note.partition("left out ")[2] for note in reading.notes if "footer" in note]
    return reading.rows_kept, study.rejects()["line"].tolist(), said


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_footer_is_told_and_counts_as_no_row(tmp_path: Path, ends: str) -> None:
    text = (ROWS + "\n\n" + FOOTER + "\n").replace("\n", ends)
    study = opened(tmp_path, text)
    assert told(study) == (2, [], ["4 lines of a footer"])
    assert study.reading[0].rows_read == 2


def test_broken_rows_keep_their_place_above_a_footer(tmp_path: Path) -> None:
    broken = '3\n"4, with a\nbreak",b,2026-03-02 10:00,x\n5,c\n'
    text = ROWS + broken + "\nGrand total\n\n" + FOOTER
    assert told(opened(tmp_path, text)) == (3, [4, 7, 9], ["4 lines of a footer"])


def test_a_row_that_broke_off_right_above_is_no_footer(tmp_path: Path) -> None:
    study = opened(tmp_path, ROWS + "3\n" + '"Copyright (c) 2000"\n"Confidential"\n')
    assert told(study) == (2, [4], ["2 lines of a footer"])


@pytest.mark.parametrize(
    ("text", "kept", "aside"),
    [
        (ROWS + '\n"My report"\n"Made by: B"\n', 2, [5, 6]),
        (ROWS + "\nConfidential\nx,y\n", 2, [5, 6]),
        (ROWS + "\nConfidential\n3,a,2026-03-01 10:00,late\n", 3, [5]),
        (ROWS + "\nConfidential,,,\n", 2, [5]),
        (ROWS + '3,a,2026-03-01 10:00,"late\n\nConfidential\n"\n', 3, []),
    ],
    ids=["no sign", "two fields below", "a row below", "padded", "inside a value"],
)
def test_what_may_be_a_row_is_no_footer(
    tmp_path: Path, text: str, kept: int, aside: list[int]
) -> None:
    study = opened(tmp_path, text)
    assert told(study) == (kept, aside, [])
    assert study.reading[0].rows_read == kept + len(aside)


def test_each_file_has_a_footer_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "more-1.csv").write_text(ROWS + "\n" + FOOTER)
    text = ROWS.replace("1,a", "7,a").replace("2,b", "8,b") + "9\n\n" + FOOTER
    (tmp_path / "more-2.csv").write_text(text)
    opened(tmp_path, ROWS)
    text = (tmp_path / "study.toml").read_text().replace("tickets.csv", "more-*.csv")
    (tmp_path / "study.toml").write_text(text)
    study = open_study(tmp_path / "study.toml")
    assert told(study) == (4, [4], ["4 lines of a footer"] * 2)


def test_a_sheet_has_a_footer_too(tmp_path: Path) -> None:
    rows = [line.split(",") for line in ROWS.splitlines()]
    rows += [[], ["My report"], ["", "Confidential"], ["Made by: B"], []]
    study = opened(tmp_path, workbook(rows), "t.xlsx")
    assert told(study) == (2, [], ["3 lines of a footer"])


def test_a_footer_may_fill_all_that_is_looked_at() -> None:
    assert footer_start([["x"]] * (LONGEST - 1) + [["CONFIDENTIAL"]], SIGNS) == LONGEST - 1
    assert footer_start([], SIGNS) is None
