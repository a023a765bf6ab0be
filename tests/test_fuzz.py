"""A few of the damaged files of `fuzz`; tests/long reads ten thousand."""

import pytest
from fuzz import KINDS, Reader


def test_no_row_of_a_damaged_file_is_lost(tmp_path):
    reader = Reader(tmp_path)
    outcomes = [reader.case(number) for number in range(60)]
    assert sum(not outcome.refused for outcome in outcomes) > 20
    assert sum(outcome.rows_read for outcome in outcomes) > 200


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_read_or_refused_with_a_reason(tmp_path, kind):
    outcomes = []
    for number in range(6):
        folder = tmp_path / str(number)
        folder.mkdir()
        outcomes.append(KINDS[kind](number, folder))
    assert any(outcome.rows_read for outcome in outcomes)
