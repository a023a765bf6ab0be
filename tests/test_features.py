"""Every rule by hand: answers come on day 100 unless said otherwise, days counted from START."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from cxanalysis.config import StudyConfig
from cxanalysis.engine import Engine, collect
from cxanalysis.errors import DataError, StudyError
from cxanalysis.features import (
    build_features,
    centres,
    code_two_part,
    lazy_features,
    unmatched_responses,
)
from cxanalysis.features.build import raw_features
from cxanalysis.features.tickets import handled_at
from cxanalysis.partition import block_columns, two_part_columns
from cxanalysis.periods import parse_period
from cxanalysis.study import Study, study_of

# Means and differences of a few doubles: only rounding may separate two orders of summing.
ROUNDING = 1e-9
START = pd.Timestamp("2026-01-01", tz="UTC")
MICROSECOND = 1 / 86_400_000_000
HOUR, MINUTE = 1 / 24, 1 / 1440
TICKET_TIMES = ("opened_at", "first_replied_at", "solved_at")
EVENT_TIMES = ("occurred_at", "promised_at", "fulfilled_at")

Row = dict[str, Any]


def table(rows: list[Row], times: tuple[str, ...]) -> pd.DataFrame:
    """Rows whose times are days since START, None where empty."""
    frame = pd.DataFrame(rows)
    for name in set(times) & set(frame):
        days = frame[name].astype(float)
        since = (days * 86_400_000_000).round().astype("Int64")
        frame[name] = START + pd.to_timedelta(since, unit="us")
    return frame


def settings(items: dict[str, Row] | None = None, **sections: Any) -> StudyConfig:
    surveys = {"path": "survey.csv", "items": items or {}}
    sections = {"stages": ["buy", "use"], **sections}
    return StudyConfig(name="test", tables={"surveys": surveys}, **sections)


def answer(customer: str | None = "a", day: float | None = 100, **more: Any) -> Row:
    row = {"customer_id": customer, "responded_at": day, "overall_satisfaction": 4.0}
    return {"response_id": f"r-{customer}", **row, **more}


def ticket(opened: float, customer: str = "a", **more: Any) -> Row:
    return {"customer_id": customer, "opened_at": opened, **more}


def event(occurred: float, stage: str = "buy", customer: str = "a", **more: Any) -> Row:
    return {"customer_id": customer, "occurred_at": occurred, "stage": stage, **more}


def study(
    tickets: list[Row] | None = None,
    events: list[Row] | None = None,
    answers: list[Row] | None = None,
    config: StudyConfig | None = None,
) -> Study:
    frames = {"surveys": table(answers or [answer()], ("responded_at",))}
    if tickets:
        frames["tickets"] = table(tickets, TICKET_TIMES)
    if events:
        frames["journeys"] = table(events, EVENT_TIMES)
    return study_of(config or settings(), frames)


def figures(of: Study) -> pd.DataFrame:
    """Figures before they are centred, with indicators; NaN where not known."""
    raw = raw_features(of)
    pairs = two_part_columns(of.config, of.columns)
    known = {indicator: raw[value].notna().astype(float) for value, indicator in pairs.items()}
    return raw.assign(**known)


def by_case(
    tickets: dict[str, list[Row]] | None = None,
    events: dict[str, list[Row]] | None = None,
    **sections: Any,
) -> pd.DataFrame:
    """Figures of many cases at once, each the records of one customer, by the case's name."""
    of = study(
        [row | {"customer_id": name} for name, rows in (tickets or {}).items() for row in rows],
        [row | {"customer_id": name} for name, rows in (events or {}).items() for row in rows],
        [answer(name) for name in tickets or events or {}],
        settings(**sections),
    )
    return figures(of).set_index("customer_id")


def only(of: Study) -> pd.Series[Any]:
    """The figures of a study's single answer."""
    (_, row), *others = figures(of).iterrows()
    assert not others
    return row


# --- rows ----------------------------------------------------------------------------------


def test_columns_are_row_names_scores_then_exactly_the_blocks() -> None:
    of = study(
        [ticket(90, csat=4.0, talk_seconds=60.0)],
        [event(80, rating=3.0, promised_at=85.0, fulfilled_at=84.0)],
        [answer(nps=9.0, signs=3.0, signs_na=False, segment="b2b")],
        settings({"signs": {}}),
    )
    names = ["response_id", "customer_id", "responded_at", "overall_satisfaction", "nps"]
    built = build_features(of)
    assert list(built) == names + block_columns(of.blocks)
    assert set(built.drop(columns=names[:3]).dtypes) == {np.dtype("float64")}
    assert str(built["responded_at"].dtype) == "datetime64[us, UTC]"


def test_only_answered_invitations_are_rows() -> None:
    of = study(answers=[answer("a"), answer("b", None)])
    assert build_features(of)["response_id"].tolist() == ["r-a"]


def test_without_response_times_any_score_makes_an_answer() -> None:
    rows = [
        {"response_id": "1", "overall_satisfaction": None, "nps": 3.0},
        {"response_id": "2", "overall_satisfaction": None, "nps": None},
        {"response_id": "3", "overall_satisfaction": 5.0, "nps": None},
    ]
    built = build_features(study(answers=rows))
    assert list(built) == ["response_id", "overall_satisfaction", "nps"]
    assert built["response_id"].tolist() == ["1", "3"]


def test_only_answers_of_the_period_are_rows_and_the_lookback_reaches_before_it() -> None:
    march = parse_period("2026-03")  # days 59 to 89
    rows = [answer("a", 58.9), answer("b", 59), answer("c", 89.9), answer("d", 90)]
    whole = study([ticket(50, "b")], answers=rows)
    narrowed = Study(whole.path, whole.config, whole.engine, whole.tables, period=march)
    built = build_features(narrowed).set_index("customer_id")
    assert list(built.index) == ["b", "c"]
    assert built["contacted"].to_dict() == {"b": 1.0, "c": 0.0}


def test_only_answers_of_the_segment_are_rows() -> None:
    whole = study(answers=[answer("a", region="north"), answer("b", region="south")])
    segment = ("region", "south")
    narrowed = Study(whole.path, whole.config, whole.engine, whole.tables, segment=segment)
    assert build_features(narrowed)["customer_id"].tolist() == ["b"]


def test_segment_that_answers_cannot_be_told_by_is_an_error() -> None:
    whole = study()
    narrowed = Study(
        whole.path, whole.config, whole.engine, whole.tables, segment=("region", "south")
    )
    with pytest.raises(DataError, match=r"surveys\.region"):
        build_features(narrowed)


def test_rows_come_in_the_order_of_their_ids() -> None:
    rows = [answer(name) for name in ("c", "a", "b")]
    assert build_features(study(answers=rows))["response_id"].tolist() == ["r-a", "r-b", "r-c"]


def test_two_answers_of_one_customer_each_look_back_from_their_own_day() -> None:
    rows = [answer(day=100), answer(day=95) | {"response_id": "r-early"}]
    built = figures(study([ticket(94), ticket(97)], answers=rows)).set_index("response_id")
    assert built["contacts"].to_dict() == {"r-a": 2.0, "r-early": 1.0}


def test_weights_and_another_outcome_come_along() -> None:
    config = settings(model={"weights": "w", "outcome": "liking"})
    built = build_features(study(answers=[answer(w=2, liking=7)], config=config))
    assert built[["liking", "w"]].to_numpy().tolist() == [[7.0, 2.0]]


def test_missing_weight_column_is_an_error_with_the_closest_name() -> None:
    of = study(answers=[answer(weight=1.0)], config=settings(model={"weights": "wieght"}))
    with pytest.raises(StudyError, match=r"no column 'wieght'. Did you mean 'weight'\?"):
        build_features(of)


def test_study_without_surveys_is_an_error() -> None:
    of = study_of(settings(), {"tickets": table([ticket(1)], TICKET_TIMES)})
    with pytest.raises(DataError, match="no table of surveys"):
        build_features(of)


def test_surveys_without_times_and_scores_are_an_error() -> None:
    with pytest.raises(DataError, match="neither responded_at nor any of"):
        build_features(study(answers=[{"response_id": "1", "customer_id": "a"}]))


def test_given_frames_stay_as_they_were() -> None:
    frames = {
        "surveys": table([answer()], ("responded_at",)),
        "tickets": table([ticket(90, first_replied_at=91.0)], TICKET_TIMES),
        "journeys": table([event(80, rating=3.0)], EVENT_TIMES),
    }
    before = {name: frame.copy() for name, frame in frames.items()}
    build_features(study_of(settings(), frames))
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, before[name])


# --- answers that no record belongs to -----------------------------------------------------


def test_customer_without_contact_keeps_the_row_with_zeros() -> None:
    of = study(
        [ticket(90, "other", csat=4.0, first_replied_at=91.0, queue_wait_seconds=5.0)],
        [event(90, customer="other", rating=5.0, promised_at=91.0, fulfilled_at=92.0)],
    )
    built = build_features(of)
    assert (built[block_columns(of.blocks)] == 0).all(axis=None)


def test_answer_without_customer_is_counted_and_gets_no_log_features() -> None:
    rows = [answer("a"), answer(None), answer("b")]
    of = study([ticket(90)], answers=rows)
    assert unmatched_responses(of) == 1
    assert build_features(of)["contacted"].tolist() == [0.0, 1.0, 0.0]  # r-None first


def test_all_answers_are_unmatched_where_surveys_have_no_times() -> None:
    rows = [{"response_id": str(n), "customer_id": "a", "nps": 9.0} for n in range(3)]
    of = study([ticket(90)], answers=rows)
    assert unmatched_responses(of) == 3
    assert (build_features(of)[block_columns(of.blocks)] == 0).all(axis=None)


def test_nothing_is_unmatched_in_a_study_of_surveys_alone() -> None:
    assert unmatched_responses(study(answers=[answer(None)])) == 0


# --- contacts ------------------------------------------------------------------------------


def test_contact_counts_inside_the_lookback_window() -> None:
    opened = {
        "at the answer": [ticket(100)],
        "just before": [ticket(100 - MICROSECOND)],
        "first instant": [ticket(90)],
        "just too old": [ticket(90 - MICROSECOND)],
        "after": [ticket(101)],
    }
    contacted = by_case(opened, model={"lookback_days": 10})["contacted"]
    assert set(contacted.index[contacted == 1]) == {"just before", "first instant"}


def test_contacts_are_centred_among_the_contacted() -> None:
    tickets = [ticket(90, "a"), ticket(91, "a"), ticket(92, "a"), ticket(90, "b")]
    of = study(tickets, answers=[answer("a"), answer("b"), answer("c")])
    built = build_features(of)
    assert built["contacted"].tolist() == [1.0, 1.0, 0.0]
    assert built["contacts"].tolist() == [1.0, -1.0, 0.0]  # 3 and 1, mean 2
    assert centres(of)["contacts"] == 2.0


def test_abandoned_contact_is_a_contact_without_handling_figures() -> None:
    row = only(
        study(
            [
                ticket(
                    90,
                    abandoned=True,
                    queue_wait_seconds=120.0,
                    talk_seconds=0.0,
                    transfers=0.0,
                    csat=None,
                    first_replied_at=None,
                )
            ]
        )
    )
    assert (row["contacted"], row["contacts"], row["answered"]) == (1.0, 1.0, 0.0)
    assert row["queue_wait_minutes"] == 2.0
    handling = ["first_reply_hours", "handle_minutes", "resolved_first", "transfers"]
    assert row[[f"{name}_known" for name in [*handling, "contact_csat"]]].eq(0).all()
    assert row["resolved_first_open_days"] == 0.0


@pytest.mark.parametrize(
    ("columns", "answered"),
    [
        ({}, 1),
        ({"abandoned": False}, 1),
        ({"abandoned": None}, 1),
        ({"abandoned": True}, 0),
        ({"talk_seconds": 30.0}, 1),
        ({"talk_seconds": 0.0}, 0),
        ({"talk_seconds": None, "abandoned": False}, 1),
        ({"first_replied_at": 91.0}, 1),
        ({"first_replied_at": None}, 0),
        ({"first_replied_at": None, "abandoned": False}, 0),
        ({"first_replied_at": 91.0, "abandoned": True}, 0),
        ({"first_replied_at": None, "talk_seconds": 30.0}, 1),
        ({"first_replied_at": None, "solved_at": 91.0}, 1),
        ({"first_replied_at": None, "solved_at": None}, 0),
    ],
    ids=str,
)
def test_contact_is_answered_by_what_the_tickets_record(columns: Row, answered: int) -> None:
    # A second ticket keeps the columns' types where the first has none.
    kinds = {"abandoned": False, "talk_seconds": 1.0, "first_replied_at": 91.0, "solved_at": 92.0}
    rows = [ticket(90, **columns), ticket(90, "b", **{name: kinds[name] for name in columns})]
    tickets = Engine().register(table(rows, TICKET_TIMES))
    moments = collect(tickets.select(handled_at=handled_at(frozenset(tickets.columns))))
    assert moments["handled_at"].notna().iloc[0] == bool(answered)


def test_talk_begins_after_the_queue() -> None:
    opened = {
        name: [ticket(99.5, queue_wait_seconds=waited, talk_seconds=60.0)]
        for name, waited in {"over": 3_600.0, "still waiting": 43_200.0}.items()
    }
    rows = by_case(opened)
    assert rows["answered"].to_dict() == {"over": 1, "still waiting": 0}
    assert rows["queue_wait_minutes_known"].to_dict() == {"over": 1, "still waiting": 0}


def test_first_reply_is_the_mean_wait_of_contacts_replied_before_the_answer() -> None:
    tickets = [
        ticket(90, first_replied_at=90 + 3 * HOUR),
        ticket(91, first_replied_at=91 + 2.5 * HOUR),
        ticket(99, first_replied_at=100.0, talk_seconds=60.0),  # at the answer: not before it
        ticket(99, first_replied_at=101.0),
        ticket(99, first_replied_at=None),
    ]
    row = only(study(tickets))
    assert row["contacts"] == 5
    assert row["first_reply_hours"] == pytest.approx(2.75, abs=ROUNDING)


def test_reply_after_the_answer_leaves_a_contact_unanswered() -> None:
    row = only(study([ticket(99, first_replied_at=101.0, solved_at=102.0)]))
    assert (row["contacted"], row["answered"], row["first_reply_hours_known"]) == (1, 0, 0)
    assert row["resolved_first_known"] == 0
    assert row["resolved_first_open_days"] == 0


def test_handle_time_is_talk_hold_and_wrap_of_contacts_that_were_over() -> None:
    parts = {"hold_seconds": 30.0, "wrap_seconds": 90.0}
    tickets = [
        ticket(90, talk_seconds=120.0, **parts),  # 4 minutes
        ticket(91, talk_seconds=240.0, **parts),  # 6 minutes
        ticket(100 - 10 * MINUTE, talk_seconds=480.0, **parts),  # ends at the answer
        ticket(92, talk_seconds=60.0, hold_seconds=None, wrap_seconds=0.0),  # a part unknown
    ]
    row = only(study(tickets))
    assert row["handle_minutes"] == pytest.approx(5.0, abs=ROUNDING)


def test_contact_is_over_after_wait_and_handling() -> None:
    # Opened 10 minutes before the answer: 4 minutes of waiting, then 5 or 7 of talk.
    opened = 100 - 10 / (24 * 60)
    waited = ticket(opened, queue_wait_seconds=240.0)
    talks = {"over": 300.0, "going on": 420.0}
    rows = by_case({case: [waited | {"talk_seconds": talk}] for case, talk in talks.items()})
    assert rows["handle_minutes_known"].to_dict() == {"over": 1, "going on": 0}
    assert rows["answered"].to_dict() == {"over": 1, "going on": 1}


def test_contacts_that_the_company_began_are_none() -> None:
    mine, theirs = ticket(80, initiator="customer"), ticket(82, initiator="Company")
    rows = by_case(
        {
            "called by the company": [theirs],
            "called back": [mine, theirs],
            "unknown": [ticket(80, initiator=None)],
        }
    )
    expected = {"called by the company": 0, "called back": 1, "unknown": 1}
    assert rows["contacts"].fillna(0).to_dict() == expected
    assert rows["answered"].to_dict() == expected
    assert rows.loc["called back", "resolved_first"] == 1  # a call-back is no repeat


def test_transfers_and_rating_of_a_contact_are_known_once_it_is_solved() -> None:
    tickets = [
        ticket(80, first_replied_at=80.1, solved_at=81.0, transfers=1, csat=5.0),
        ticket(82, first_replied_at=82.1, solved_at=83.0, transfers=2, csat=None),
        ticket(99, first_replied_at=99.1, solved_at=100.5, transfers=9, csat=1.0),
    ]
    row = only(study(tickets))
    assert row["transfers"] == 1.5
    assert row["contact_csat"] == 5.0


# --- first contact resolution --------------------------------------------------------------


# Tickets, the share of known issues resolved first (None where none is known), open days.
RESOLUTION: dict[str, tuple[list[Row], float | None, float]] = {
    "a repeat within the window": ([ticket(80), ticket(87)], 0.0, 0),
    "a contact after the window begins a new issue": (
        [ticket(80), ticket(87 + MICROSECOND)],
        1.0,
        0,
    ),
    "an abandoned call-back is a repeat": (
        [ticket(80, abandoned=False), ticket(81, abandoned=True)],
        0.0,
        0,
    ),
    "an attempt given up before the first handled contact is none": (
        [ticket(80, abandoned=True), ticket(81, abandoned=False)],
        1.0,
        0,
    ),
    "only given up": ([ticket(80, abandoned=True)], None, 0),
    "a repeat after the answer is not seen": ([ticket(98), ticket(101)], None, 2),
    "a repeat at the answer is not seen": ([ticket(98), ticket(100)], None, 2),
    "just matured": ([ticket(93 - MICROSECOND)], 1.0, 0),
    "not quite matured": ([ticket(93)], None, 7),
    "fresh, in fractions of days": ([ticket(98.25)], None, 1.75),
    "a fresh contact already repeated is known": ([ticket(98), ticket(99)], 0.0, 0),
    "known and fresh issues side by side": (
        [
            *(ticket(day, reason="bill") for day in (60, 80, 82)),  # resolved, then repeated
            ticket(97, reason="login"),
            ticket(98, reason="router"),
        ],
        0.5,
        2.5,
    ),
    "another reason is no repeat": (
        [ticket(80, reason="bill"), ticket(81, reason=None)],
        1.0,
        0,
    ),
    "the issue's number decides before the reason": (
        [
            ticket(70, issue_id="1", reason="bill"),
            ticket(72, issue_id="2", reason="bill"),
            ticket(74, issue_id="1", reason="router"),
            ticket(90, issue_id="2", reason="bill"),  # the same issue, but after its window
        ],
        0.5,
        0,
    ),
    "without a number the reason decides": (
        [ticket(70, issue_id="7"), ticket(71, issue_id=None), ticket(72, issue_id=None)],
        0.5,
        0,
    ),
    "attempts at the same instant are one step": (
        [ticket(80), ticket(80), ticket(88), ticket(88), ticket(90)],
        0.5,
        0,
    ),
    "an issue begun before the lookback does not begin again in it": (
        [ticket(8), ticket(14), ticket(20)],
        None,
        0,
    ),
    "an issue wholly before the lookback": ([ticket(1)], None, 0),
}


@pytest.fixture(scope="module")
def resolution() -> pd.DataFrame:
    return by_case({name: tickets for name, (tickets, _, _) in RESOLUTION.items()})


@pytest.mark.parametrize("case", RESOLUTION)
def test_first_contact_resolution_as_it_stood(case: str, resolution: pd.DataFrame) -> None:
    _, resolved, open_days = RESOLUTION[case]
    row = resolution.loc[case]
    assert row["resolved_first_known"] == (resolved is not None)
    assert row["resolved_first"] == pytest.approx(resolved or 0.0) or resolved is None
    assert row["resolved_first_open_days"] == pytest.approx(open_days, abs=ROUNDING)


def test_repeat_is_seen_by_the_answer_after_it_only() -> None:
    rows = [answer(day=100), answer(day=110) | {"response_id": "r-late"}]
    built = figures(study([ticket(98), ticket(101)], answers=rows)).set_index("response_id")
    assert built["resolved_first_known"].to_dict() == {"r-a": 0, "r-late": 1}
    assert built.loc["r-late", "resolved_first"] == 0.0


def test_window_of_repeats_is_the_study_file_s() -> None:
    config = settings(metrics={"fcr_window_days": 2})
    assert only(study([ticket(80), ticket(83)], config=config))["resolved_first"] == 1.0


# --- journeys ------------------------------------------------------------------------------


def test_stage_counts_events_inside_the_window_only() -> None:
    config = settings(model={"lookback_days": 10}, stages=["awareness", "buy", "use", "leave"])
    events = [
        event(90, "buy"),
        event(90 - MICROSECOND, "awareness"),
        event(100, "use"),
        event(99, "leave", "other"),
    ]
    row = only(study(events=events, config=config))
    assert row[["awareness_touched", "buy_touched", "use_touched", "leave_touched"]].tolist() == [
        *(0.0, 1.0, 0.0, 0.0)
    ]


def test_rating_is_the_mean_of_rated_events_centred_among_rated_customers() -> None:
    events = [
        event(90, rating=4.0),
        event(91, rating=5.0),
        event(92, rating=None),
        event(90, customer="b", rating=2.0),
        event(90, customer="c", rating=None),
    ]
    of = study(events=events, answers=[answer(name) for name in "abcd"])
    built = build_features(of)
    assert built["buy_touched"].tolist() == [1.0, 1.0, 1.0, 0.0]
    assert built["buy_rated"].tolist() == [1.0, 1.0, 0.0, 0.0]
    assert built["buy_rating"].tolist() == [1.25, -1.25, 0.0, 0.0]
    assert centres(of)["buy_rating"] == 3.25


def test_many_stages_are_told_apart() -> None:
    names = [f"s{number}" for number in range(100, 160)]
    marked = {"s100", "s149", "s150", "s159"}
    events = [event(85, stage, promised_at=None, fulfilled_at=None) for stage in marked]
    events.append(event(86, "s159", promised_at=90.0, fulfilled_at=None))
    row = only(study(events=events, config=settings(stages=names)))
    assert {name for name in names if row[f"{name}_touched"] == 1} == marked
    assert [name for name in names if row[f"{name}_promised"] == 1] == ["s159"]


# Promised, fulfilled, days late at the answer (None where nothing was due).
PROMISES: dict[str, tuple[float, float | None, float | None]] = {
    "late": (90, 91.5, 1.5),
    "early": (90, 89, 0),
    "broken and open": (90, None, 10),
    "fulfilled after the answer": (90, 101, 10),
    "fulfilled at the answer": (90, 100, 10),
    "fulfilled before it was due": (105, 99, 0),
    "not due and fulfilled at the answer": (105, 100, None),
    "not due": (105, None, None),
    "not due and fulfilled after the answer": (105, 104, None),
    "due at the answer": (100, None, None),
}


def test_promise_as_it_stood_at_the_answer() -> None:
    rows = by_case(
        events={
            name: [event(85, promised_at=promised, fulfilled_at=fulfilled)]
            for name, (promised, fulfilled, _) in PROMISES.items()
        }
    )
    late_days = pd.Series({name: late for name, (_, _, late) in PROMISES.items()}, dtype=float)
    assert rows["buy_promised"].eq(1).all()
    assert rows["buy_due"].eq(1).to_dict() == late_days.notna().to_dict()
    assert rows["buy_late_days"].to_dict() == pytest.approx(
        late_days.to_dict(), abs=ROUNDING, nan_ok=True
    )


def test_lateness_is_the_mean_over_due_promises_in_fractions_of_days() -> None:
    events = [
        event(80, promised_at=90.0, fulfilled_at=90.25),
        event(81, promised_at=90.0, fulfilled_at=92.0),
        event(82, promised_at=120.0, fulfilled_at=None),
        event(83, promised_at=None, fulfilled_at=None),
    ]
    assert only(study(events=events))["buy_late_days"] == pytest.approx(1.125, abs=ROUNDING)


def test_stage_without_promises_has_none() -> None:
    events = [
        event(80, "buy", promised_at=None, fulfilled_at=None),
        event(80, "use", promised_at=85.0, fulfilled_at=86.0),
    ]
    row = only(study(events=events))
    assert row[["buy_promised", "buy_due", "use_promised", "use_due"]].tolist() == [0, 0, 1, 1]


def test_events_at_service_leave_their_stage_for_the_service_set() -> None:
    config = settings(service={"channels": "phone", "touchpoints": "help desk"})
    events = [
        event(90, "buy", channel="phone", touchpoint="sales", rating=1.0),
        event(91, "use", channel="store", touchpoint="help desk", rating=2.0),
        event(92, "use", channel=None, touchpoint=None, rating=5.0),
    ]
    row = only(study(events=events, config=config))
    assert row[["service_touched", "buy_touched", "use_touched"]].tolist() == [1, 0, 1]
    assert (row["service_rating"], row["use_rating"]) == (1.5, 5.0)


# --- survey items --------------------------------------------------------------------------

ITEM_ROWS = [
    answer("a", signs=5.0, signs_na=False),
    answer("b", signs=2.0, signs_na=False),
    answer("c", signs=None, signs_na=True),
    answer("d", signs=None, signs_na=False),
    answer("e", signs=4.0, signs_na=True),
]


def test_not_used_and_blank_answers_are_told_apart() -> None:
    built = build_features(study(answers=ITEM_ROWS, config=settings({"signs": {}})))
    assert built["signs_used"].tolist() == [1, 1, 0, 1, 0]
    assert built["signs_rated"].tolist() == [1, 1, 0, 0, 0]
    assert built["signs"].tolist() == [1.5, -1.5, 0, 0, 0]


def test_complete_cases_keep_ratings_and_gaps_as_they_are() -> None:
    config = settings({"signs": {}}, model={"not_applicable": "complete-cases"})
    built = build_features(study(answers=ITEM_ROWS, config=config))
    np.testing.assert_array_equal(built["signs"], [5.0, 2.0, np.nan, np.nan, np.nan])
    assert "signs_used" not in built


def test_complete_cases_leave_log_features_without_gaps() -> None:
    config = settings({"signs": {}}, model={"not_applicable": "complete-cases"})
    of = study([ticket(90, "b")], [event(90, customer="b", rating=2.0)], ITEM_ROWS, config)
    assert build_features(of).drop(columns="signs").notna().all(axis=None)


def test_every_answer_used_an_item_that_has_no_not_used_code() -> None:
    rows = [answer("a", signs=3.0), answer("b", signs=None)]
    built = build_features(study(answers=rows, config=settings({"signs": {}})))
    assert built["signs_used"].tolist() == [1.0, 1.0]
    assert built["signs_rated"].tolist() == [1.0, 0.0]


# --- coding --------------------------------------------------------------------------------


def test_two_part_coding_centres_among_the_known() -> None:
    frame = pd.DataFrame({"wait": [1.0, np.nan, 4.0], "other": [1, 2, 3]})
    before = frame.copy()
    coded = code_two_part(frame, {"wait": "wait_known"})
    assert coded["wait_known"].tolist() == [1.0, 0.0, 1.0]
    assert coded["wait"].tolist() == [-1.5, 0.0, 1.5]
    assert coded["other"].tolist() == [1, 2, 3]
    pd.testing.assert_frame_equal(frame, before)


def test_two_part_coding_of_a_figure_nobody_has_is_all_zero() -> None:
    coded = code_two_part(pd.DataFrame({"wait": [np.nan, np.nan]}), {"wait": "wait_known"})
    assert (coded == 0).all(axis=None)


def test_r_squared_does_not_depend_on_the_centre() -> None:
    rng = np.random.default_rng(5)
    wait = pd.Series(rng.normal(10, 3, 80)).where(rng.random(80) < 0.4)
    y = rng.normal(size=80) - 0.2 * wait.fillna(0)
    coded = code_two_part(pd.DataFrame({"wait": wait}), {"wait": "known"})
    shifted = coded.assign(wait=coded["wait"] + 7 * coded["known"])

    def residual(columns: pd.DataFrame) -> float:
        return float(np.linalg.lstsq(np.c_[np.ones(80), columns], y, rcond=None)[1][0])

    assert residual(coded) == pytest.approx(residual(shifted), rel=ROUNDING)


# --- against a loop over rows --------------------------------------------------------------

LOOKBACK, REPEAT = pd.Timedelta(days=30), pd.Timedelta(days=7)


def random_frames(rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Small tables where every rule meets every other: gaps, ties, open and late records."""

    def some(n: int, values: Any, share: float) -> pd.Series[Any]:
        return pd.Series(values).where(rng.random(n) < share)

    def days(n: int) -> Any:
        return rng.integers(0, 60 * 4, n) / 4  # quarter days, so that some coincide

    customers = np.array(list("abcdefghij"))
    n = 40
    surveys = pd.DataFrame({"customer_id": some(n, rng.choice(customers, n), 0.95)})
    surveys["response_id"] = [f"{i:02d}" for i in range(n)]
    surveys["responded_at"] = some(n, days(n), 0.9)
    surveys["nps"] = rng.integers(0, 11, n).astype(float)
    n = 120
    tickets = pd.DataFrame({"customer_id": rng.choice(customers[:8], n), "opened_at": days(n)})
    tickets["issue_id"] = some(n, rng.integers(1, 6, n).astype(str), 0.3)
    tickets["reason"] = some(n, rng.choice(["bill", "router"], n), 0.9)
    tickets["abandoned"] = rng.random(n) < 0.2
    tickets["first_replied_at"] = some(n, tickets["opened_at"] + days(n) / 10, 0.6)
    tickets["solved_at"] = some(n, tickets["opened_at"] + days(n) / 5, 0.5)
    for part in ("talk", "hold", "queue_wait"):
        tickets[f"{part}_seconds"] = some(n, rng.integers(0, 40_000, n).astype(float), 0.7)
    tickets["transfers"] = rng.integers(0, 3, n)
    tickets["csat"] = some(n, rng.integers(1, 6, n).astype(float), 0.5)
    n = 200
    events = pd.DataFrame({"customer_id": rng.choice(customers, n), "occurred_at": days(n)})
    events["stage"] = rng.choice(["buy", "use"], n)
    events["channel"] = some(n, rng.choice(["web", "phone"], n), 0.9)
    events["rating"] = some(n, rng.integers(1, 6, n).astype(float), 0.6)
    events["promised_at"] = some(n, events["occurred_at"] + days(n) / 4, 0.6)
    events["fulfilled_at"] = some(n, events["promised_at"] + days(n) / 6 - 3, 0.6)
    return {
        "surveys": table(surveys.to_dict("records"), ("responded_at",)),
        "tickets": table(tickets.to_dict("records"), TICKET_TIMES),
        "journeys": table(events.to_dict("records"), EVENT_TIMES),
    }


def slow_contact_figures(past: list[Row], then: pd.Timestamp) -> Row:
    """Figures of one answer's contacts, one rule after another; ``past`` opened before it."""

    def seconds(number: float) -> pd.Timedelta:
        return pd.Timedelta(microseconds=round(number * 1e6))

    for row in past:
        wait = row["queue_wait_seconds"]
        handle = row["talk_seconds"] + row["hold_seconds"]
        taken = row["opened_at"] + seconds(0 if np.isnan(wait) else wait)
        signs = [row["first_replied_at"], row["solved_at"]]
        signs += [taken] if row["talk_seconds"] > 0 else []
        row["answered"] = not row["abandoned"] and any(sign < then for sign in signs)
        ended = taken + seconds(0 if np.isnan(handle) else handle)
        ended = ended if pd.isna(row["solved_at"]) else row["solved_at"]
        row["over"] = row["answered"] and ended < then
        row["handle"] = handle
    window = [row for row in past if row["opened_at"] >= then - LOOKBACK]
    values: dict[str, list[float]] = {
        "first_reply_hours": [
            (row["first_replied_at"] - row["opened_at"]).total_seconds() / 3600
            for row in window
            if row["answered"] and row["first_replied_at"] < then
        ],
        "queue_wait_minutes": [
            row["queue_wait_seconds"] / 60
            for row in window
            if row["opened_at"] + seconds(np.nan_to_num(row["queue_wait_seconds"], nan=1e9)) < then
        ],
        "handle_minutes": [row["handle"] / 60 for row in window if row["over"] and row["handle"]],
        "transfers": [row["transfers"] for row in window if row["over"]],
        "contact_csat": [row["csat"] for row in window if row["over"]],
    }
    means = {name: pd.Series(known, dtype=float).dropna().mean() for name, known in values.items()}
    return {
        "contacts": len(window) or np.nan,
        "answered": float(any(row["answered"] for row in window)),
        **means,
        **slow_resolution(past, then),
    }


def slow_resolution(past: list[Row], then: pd.Timestamp) -> Row:
    """Attempts in order of time, each added to its issue or beginning one."""
    issues: list[list[Row]] = []
    for row in sorted(past, key=lambda row: row["opened_at"]):
        for issue in issues:
            last = issue[-1]
            if isinstance(row["issue_id"], str) or isinstance(last["issue_id"], str):
                same = row["issue_id"] == last["issue_id"]
            else:
                same = str(row["reason"]) == str(last["reason"])
                same = same and row["opened_at"] - last["opened_at"] <= REPEAT
            if same:
                issue.append(row)
                break
        else:
            issues.append([row])
    known, ages = [], []
    for issue in issues:
        handled = [row["opened_at"] for row in issue if row["answered"]]
        if not handled or min(handled) < then - LOOKBACK:
            continue
        first = min(handled)
        if any(first < row["opened_at"] <= first + REPEAT for row in issue):
            known.append(0.0)
        elif first + REPEAT < then:
            known.append(1.0)
        else:
            ages.append((then - first) / pd.Timedelta(days=1))
    return {
        "resolved_first": np.mean(known) if known else np.nan,
        "resolved_first_open_days": np.mean(ages) if ages else 0.0,
    }


def slow_stage_figures(past: list[Row], then: pd.Timestamp) -> Row:
    figures: Row = {}
    for stage in ("service", "buy", "use"):
        rows = [
            row
            for row in past
            if row["occurred_at"] >= then - LOOKBACK
            and ("service" if row["channel"] == "phone" else row["stage"]) == stage
        ]
        late = []
        for row in rows:
            fulfilled = row["fulfilled_at"] < then
            if row["promised_at"] < then or fulfilled:
                until = row["fulfilled_at"] if fulfilled else then
                late.append(max(0.0, (until - row["promised_at"]) / pd.Timedelta(days=1)))
        ratings = [row["rating"] for row in rows if not np.isnan(row["rating"])]
        figures[f"{stage}_touched"] = float(bool(rows))
        figures[f"{stage}_rating"] = np.mean(ratings) if ratings else np.nan
        figures[f"{stage}_promised"] = float(any(pd.notna(row["promised_at"]) for row in rows))
        figures[f"{stage}_late_days"] = np.mean(late) if late else np.nan
    return figures


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_engine_agrees_with_a_loop_over_rows(seed: int) -> None:
    frames = random_frames(np.random.default_rng(seed))
    config = settings(model={"lookback_days": 30}, service={"channels": "phone"})
    of = study_of(config, frames)
    answered = frames["surveys"].dropna(subset="responded_at").sort_values("response_id")
    rows = []
    for row in answered.to_dict("records"):
        then = row["responded_at"]
        past = [
            [r for r in frames[name].to_dict("records") if r["customer_id"] == row["customer_id"]]
            for name in ("tickets", "journeys")
        ]
        contacts = [r for r in past[0] if r["opened_at"] < then]
        events = [r for r in past[1] if r["occurred_at"] < then]
        rows.append(slow_contact_figures(contacts, then) | slow_stage_figures(events, then))
    expected = code_two_part(pd.DataFrame(rows), two_part_columns(of.config, of.columns))
    built = build_features(of)
    assert built["response_id"].tolist() == answered["response_id"].tolist()
    names = block_columns(of.blocks)
    assert set(names) == set(expected)
    pd.testing.assert_frame_equal(
        built[names], expected[names], rtol=ROUNDING, atol=ROUNDING, check_exact=False
    )
    flags = [name for name in names if expected[name].isin([0, 1]).all()]
    assert expected[flags].nunique().ge(2).sum() >= 15  # the data do exercise the rules


def test_features_in_the_engine_give_the_sums_of_the_table() -> None:
    of = study_of(settings(), random_frames(np.random.default_rng(4)))
    names = block_columns(of.blocks)
    sums = collect(lazy_features(of).select(nw.col(*names).sum())).iloc[0]
    expected = build_features(of)[names].sum()
    assert sums.to_dict() == pytest.approx(expected.to_dict(), abs=ROUNDING)
    assert sums["buy_touched"] > 0


def test_two_builds_of_a_study_are_equal() -> None:
    of = study_of(settings(), random_frames(np.random.default_rng(9)))
    pd.testing.assert_frame_equal(
        build_features(of), build_features(of), rtol=ROUNDING, atol=ROUNDING
    )
