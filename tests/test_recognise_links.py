"""Which columns `init` takes for the customer across two files, and what a study then matches."""

from cxanalysis.recognise import recognise, write_study
from cxanalysis.study import check_study, open_study

N = 120
CASES = (
    "Case Number,Contact ID,Contact Email,Date/Time Opened,Date/Time Closed,Case Origin,"
    "Case Reason,Type,Status,Priority,Closed When Created,Escalated"
)


def case(n):
    day = f"{1 + n % 28:02d}/02/2026 10:00"
    return f"{n:08d},0035g0000{n:06d},p{n}@example.org,{day},{day},Phone,Bill,,Closed,Low,0,0"


def survey(folder, header, make, people):
    rows = [
        f"R{place},{make(n)},2026-03-{1 + n % 28:02d} 09:00,{1 + n % 5},{1 + n % 4}"
        for place, n in enumerate(people)
    ]
    head = f"response_id,{header},responded_at,Overall satisfaction,Satisfaction with delivery"
    (folder / "survey.csv").write_text("\n".join([head, *rows]) + "\n")


def write(folder, name, lines):
    (folder / name).write_text("\n".join(lines) + "\n")


def opened(folder, *names):
    guess = recognise([folder / name for name in names])
    return guess, open_study(write_study(guess, folder / "study.toml"))


def share(study, left, right):
    return study.matches().set_index(["left", "right"])["share"][left, right]


def test_ids_of_15_and_18_signs_meet_and_no_survey_leads_to_customers(tmp_path):
    write(tmp_path, "cases.csv", [CASES, *(case(n) for n in range(N))])
    answered = range(30, N)
    survey(
        tmp_path,
        "ExternalReference,RecipientEmail",
        lambda n: f"0035g0000{n:06d}AAI,p{n}@example.org",
        answered,
    )
    guess, study = opened(tmp_path, "cases.csv", "survey.csv")
    assert not any(table.joins for table in guess.tables)
    assert study.has("tickets", "customer_id")
    assert share(study, "tickets", "surveys") == 90 / N
    assert study.matches()["n"].tolist() == [N, 90]


def test_a_lookup_that_misses_many_is_to_be_checked(tmp_path):
    tickets = [f"{n},C{n},2026-02-{1 + n % 28:02d} 10:00" for n in range(100)]
    write(tmp_path, "tickets.csv", ["ticket_id,customer_id,created_at", *tickets])
    known = [f"C{n},p{n}@example.org,2025-01-01" for n in range(100)]
    write(tmp_path, "customers.csv", ["customer_id,email,active_from", *known])
    survey(tmp_path, "Email address", lambda n: f"P{n}@Example.org", range(N))
    guess, study = opened(tmp_path, "tickets.csv", "survey.csv", "customers.csv")
    assert "only 83 % of 'Email address' are found" in str(guess)
    assert share(study, "surveys", "customers") == 1


def test_telephone_numbers_are_the_customer_where_nothing_else_is(tmp_path):
    lines = [f"{n},+1555010{n:04d},2026-02-{1 + n % 28:02d} 10:00" for n in range(N)]
    write(tmp_path, "tickets.csv", ["ticket_id,customer phone,created_at", *lines])
    survey(tmp_path, "Phone number", lambda n: f"+1 (555) 010-{n:04d}", range(20, N))
    _, study = opened(tmp_path, "tickets.csv", "survey.csv")
    assert share(study, "surveys", "tickets") == 1


def test_a_table_without_a_customer_is_told_by_the_check(tmp_path):
    lines = [f"{n},C{n},2026-02-{1 + n % 28:02d} 10:00" for n in range(N)]
    write(tmp_path, "tickets.csv", ["ticket_id,customer_id,created_at", *lines])
    survey(tmp_path, "Branch", lambda n: "abc"[n % 3], range(N))
    guess, study = opened(tmp_path, "tickets.csv", "survey.csv")
    assert "no column says which customer" in str(guess)
    said = str(check_study(study))
    assert "matched customers\n  note: surveys has no customer_id" in said
