"""What a rating question says of its own codes, beside what its table says."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from test_sources import write

from cxanalysis.engine import collect
from cxanalysis.study import open_study

CONTENT = "id,food,staff\n1,N/A,N/A\n2,4,3\n3,,5\n"
COLUMNS = """
[tables.surveys.columns]
response_id = "id"
[tables.surveys.items]
food = { low = 1, high = 5, not_applicable = "N/A" }
staff = { low = 1, high = 5 }
"""


def test_what_a_question_calls_not_applicable_outranks_what_its_table_calls_missing(
    tmp_path: Path,
) -> None:
    study = open_study(write(tmp_path, CONTENT, COLUMNS, table="surveys"))
    read = collect(study.tables["surveys"]).set_index("response_id").sort_index()
    assert read["food_na"].tolist() == [True, False, False]
    assert read["staff_na"].tolist() == [False, False, False]
    assert pd.isna(read["food"]).tolist() == [True, False, True]
    assert pd.isna(read["staff"]).tolist() == [True, False, False]
