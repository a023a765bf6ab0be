"""How many customers tables share, and the run that stops where they hardly share any."""

import pytest

from cxanalysis.errors import DataError
from cxanalysis.sources import matching
from cxanalysis.sources.matching import LEAST
from cxanalysis.study import check_study, open_study

N = 200


def write(folder, tables, extra=""):
    """A study of tables given as lists of lines, the first of names."""
    text = f'name = "m"\n{extra}\n'
    for name, (lines, columns) in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
        text += f'[tables.{name}]\npath = "{name}.csv"\n[tables.{name}.columns]\n{columns}\n'
    (folder / "study.toml").write_text(text)
    return folder


def tickets(keys, others=None):
    others = keys if others is None else others
    rows = [f"{k},{o},2026-03-01" for k, o in zip(keys, others, strict=True)]
    return ["requester,email,opened", *rows], 'customer_id = "requester"\nopened_at = "opened"'


def surveys(keys, others=None):
    others = keys if others is None else others
    rows = [f"{k},{o},2026-03-02,4" for k, o in zip(keys, others, strict=True)]
    return (
        ["panel,recipient mail,when,score", *rows],
        'customer_id = "panel"\nresponded_at = "when"\ncsat = "score"',
    )


def customers(keys):
    return ["customer_id", *keys], 'customer_id = "customer_id"'


def ids(prefix, n=N):
    return [f"{prefix}-{number}" for number in range(n)]


def mails(n=N):
    return [f"p{number}@example.org" for number in range(n)]


def test_tables_without_common_customers_stop_the_run_and_the_keys_to_try_are_named(tmp_path):
    folder = write(
        tmp_path,
        {
            "tickets": tickets(ids("Z"), mails()),
            "surveys": surveys(ids("panel"), [m.upper() for m in reversed(mails())]),
        },
    )
    with pytest.raises(DataError) as error:
        open_study(folder)
    message = str(error.value)
    assert "0 of 200 customers in surveys are also in tickets, which has 200" in message
    assert "'email' of tickets with 'recipient mail' of surveys: 100% meet" in message
    assert "limits.matched asks for 2.0%" in message
    assert '[tables.tickets.columns] customer_id = "email"' in message
    assert '[tables.surveys.columns] customer_id = "recipient mail"' in message
    assert "[identity]" in message
    assert "example.org" not in message
    assert "Z-1" not in message


@pytest.mark.parametrize(
    ("mine", "theirs", "form"),
    [
        (lambda n: f"00{n + 1000}", lambda n: f"{n + 1000}", "but for capitals and leading zeros"),
        (lambda n: f"KD{n}X", lambda n: f"kd{n}x", "but for capitals and leading zeros"),
        (
            lambda n: f"003D00000{n:06d}",
            lambda n: f"003D00000{n:06d}IAX",
            "by the first 15 of 18 characters",
        ),
    ],
)
def test_ids_that_differ_only_in_writing_are_told(tmp_path, mine, theirs, form):
    names = [[make(number) for number in range(N)] for make in (mine, theirs)]
    others = [ids("a"), ids("b")]
    tables = {"tickets": tickets(names[0], others[0]), "surveys": surveys(names[1], others[1])}
    with pytest.raises(DataError) as error:
        open_study(write(tmp_path, tables))
    assert f"'requester' of tickets with 'panel' of surveys: 100% meet {form}" in str(error.value)
    hints = check_study(open_study(write(tmp_path, tables, "[limits]\nmatched = 0"))).hints
    assert any("200 more customers in tickets would be in surveys" in hint for hint in hints)


def test_where_one_side_is_hashed_the_line_that_hashes_the_other_is_given(tmp_path):
    numbers = ids("K")
    lines, columns = tickets(numbers, ids("x"))
    lines[0] = "phone,email,opened"
    tables = {
        "tickets": (lines, columns.replace("requester", "phone")),
        "surveys": surveys(numbers, ids("y")),
    }
    with pytest.raises(DataError) as error:
        open_study(write(tmp_path, tables))
    line = '[privacy] hash = ["panel"]'
    assert line in str(error.value)
    study = open_study(write(tmp_path, tables, line.replace("] ", "]\n")))
    assert study.matches()["matched"].tolist() == [N, N]


def test_where_nothing_matches_better_the_run_says_so(tmp_path):
    tables = {"tickets": tickets(ids("a"), ids("b")), "surveys": surveys(ids("c"), ids("d"))}
    with pytest.raises(DataError, match="No other columns of the files match better"):
        open_study(write(tmp_path, tables))


def test_running_numbers_cities_and_names_are_no_keys_to_try(tmp_path):
    numbers = [str(n) for n in range(N)]
    names = [f"Ann Smith{chr(97 + n % 26)}" for n in range(N)]
    cities = [f"city{n % 25}" for n in range(N)]
    shared = list(zip(numbers, names, cities, strict=True))
    lines = [f"{k},2026-03-01,{a},{b},{c}" for k, (a, b, c) in zip(ids("x"), shared, strict=True)]
    other = [f"{k},2026-03-02,4,{a},{b},{c}" for k, (a, b, c) in zip(ids("y"), shared, strict=True)]
    tables = {
        "tickets": (
            ["k,opened,line,Requester name,city", *lines],
            'customer_id = "k"\nopened_at = "opened"',
        ),
        "surveys": (
            ["key,when,score,row,Full name,place", *other],
            'customer_id = "key"\nresponded_at = "when"\ncsat = "score"',
        ),
    }
    with pytest.raises(DataError, match="No other columns of the files match better"):
        open_study(write(tmp_path, tables))


def test_tables_that_a_third_links_do_not_stop(tmp_path):
    everyone = ids("c", 2 * N)
    tables = {
        "tickets": tickets(everyone[:N]),
        "surveys": surveys(everyone[N:]),
        "customers": customers(everyone),
    }
    study = open_study(write(tmp_path, tables))
    shares = study.matches().set_index(["left", "right"])["share"]
    assert shares["tickets", "surveys"] == 0
    assert shares["tickets", "customers"] == 1


def test_two_pairs_of_tables_that_never_meet_stop(tmp_path):
    tables = {
        "tickets": tickets(ids("a")),
        "surveys": surveys(ids("b")),
        "customers": customers(ids("b")),
    }
    with pytest.raises(DataError, match="0 of 200 customers in tickets are also in surveys"):
        open_study(write(tmp_path, tables))


def test_a_small_table_may_miss_all_others_by_chance(tmp_path):
    few = LEAST - 1
    tables = {"tickets": tickets(ids("a")), "surveys": surveys(ids("b", few))}
    study = open_study(write(tmp_path, tables))
    assert study.matches()["matched"].sum() == 0
    tables["surveys"] = surveys(ids("b", LEAST))
    with pytest.raises(DataError, match="Hardly any customer"):
        open_study(write(tmp_path, tables))


def test_the_limit_is_of_the_smaller_table_and_nought_turns_it_off(tmp_path):
    everyone = ids("c", 2000)
    few = [*everyone[:2], *ids("other", 98)]  # 2 % of the surveys, 0.1 % of the tickets
    tables = {"tickets": tickets(everyone), "surveys": surveys(few)}
    open_study(write(tmp_path, tables))
    with pytest.raises(DataError, match="2 of 100 customers in surveys are also in tickets"):
        open_study(write(tmp_path, tables, "[limits]\nmatched = 0.021"))
    open_study(write(tmp_path, tables, "[limits]\nmatched = 0"))


def test_a_table_of_which_no_row_has_a_customer_stops_the_run(tmp_path):
    tables = {"tickets": tickets(ids("a")), "surveys": surveys([""] * N)}
    with pytest.raises(DataError, match="surveys: none of 200 rows has a customer_id"):
        open_study(write(tmp_path, tables))
    check = check_study(open_study(write(tmp_path, tables, "[limits]\nmatched = 0")))
    assert "no row of surveys has a customer_id, so it matches no other table." in check.hints
    few = {"tickets": tickets(ids("a")), "surveys": surveys([""] * (LEAST - 1))}
    open_study(write(tmp_path, few))
    open_study(write(tmp_path, {"surveys": surveys([""] * N)}))


def test_a_join_finds_addresses_and_phone_numbers_however_they_are_written(tmp_path):
    (tmp_path / "users.csv").write_text(
        "id,mail,phone\n"
        + "".join(f"{n},P{n}@Example.org,+1 (555) 010-{n:04d}\n" for n in range(N))
    )
    join = (
        '\n[[tables.{0}.join]]\npath = "users.csv"\non = "{1}"\nright_on = "{2}"\n'
        'columns = {{ customer_id = "id" }}\n'
    )
    bare = [f"+1555010{n:04d}" for n in range(N)]
    lines, columns = tickets(bare)
    columns = columns.replace('customer_id = "requester"\n', "")
    others, more = surveys(mails())
    more = more.replace('customer_id = "panel"\n', "")
    tables = {
        "tickets": (lines, columns + join.format("tickets", "requester", "phone")),
        "surveys": (others, more + join.format("surveys", "panel", "mail")),
    }
    study = open_study(write(tmp_path, tables))
    assert study.matches()["matched"].tolist() == [N, N]
    assert not [note for reading in study.reading for note in reading.notes]


def test_matches_are_counted_once_and_then_come_from_the_cache(tmp_path, monkeypatch):
    folder = write(tmp_path, {"tickets": tickets(ids("a")), "surveys": surveys(ids("a"))})
    first = open_study(folder).matches()

    def count_together(tables):
        raise AssertionError("counted again")

    with monkeypatch.context() as patched:
        patched.setattr(matching, "count_together", count_together)
        study = open_study(folder, period="all")
        assert study.matches().equals(first)
        assert study.during("2026-03").matches().equals(first)
        (folder / ".cxanalysis" / "matches.json").write_text("{")
        with pytest.raises(AssertionError, match="counted again"):
            open_study(folder)
    write(folder, {"tickets": tickets(ids("a")), "surveys": surveys([*ids("a")[1:], "new"])})
    assert open_study(folder).matches()["matched"].tolist() == [N - 1, N - 1]


def test_a_narrowed_study_counts_its_own_customers(tmp_path):
    lines = [f"{name},{'NL' if number < 50 else 'DE'}" for number, name in enumerate(ids("a"))]
    columns = 'customer_id = "customer_id"\ncountry = "country"'
    tables = {
        "tickets": tickets(ids("a")),
        "customers": (["customer_id,country", *lines], columns),
    }
    study = open_study(write(tmp_path, tables))
    assert study.matches()["matched"].tolist() == [N]
    assert study.among("country=NL").matches()["matched"].tolist() == [50]
