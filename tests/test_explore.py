"""Exploring: controls say a state, a state is a view of findings, a bar has its rows."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest

import cxanalysis as cx
from cxanalysis.config import StudyConfig
from cxanalysis.errors import ReportError
from cxanalysis.explore import choices, explore_drivers, explore_journeys, explore_tickets
from cxanalysis.explore.controls import TICKETS, Explorer, rows_page
from cxanalysis.explore.picture import drawn
from cxanalysis.explore.rows import MOST, Rows, answers_behind, contacts_behind, touches_behind
from cxanalysis.explore.saving import home_of, save_report
from cxanalysis.explore.state import Definition, Mark, State, changes_of, narrowed
from cxanalysis.explore.views import REPLICATES, View, drivers_view, journeys_view, view_of
from cxanalysis.metrics.service_groups import MAIN
from cxanalysis.narrative import describe
from cxanalysis.narrative.words import to_html, to_plain
from cxanalysis.report.parameters import read_parameters
from cxanalysis.study import Study, study_of

PHONE = Mark("channel", "phone")
PERSONAL = {"customer_id", "ticket_id", "issue_id", "event_id", "response_id", "comment"} | {
    "role",
    "value",
    "expected_value",
}


@pytest.fixture(scope="module")
def study() -> Study:
    return cx.read_sample(period="last")


@pytest.fixture(scope="module")
def drivers(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Explorer:
    """The drivers as they open, then with the phone as service, too."""
    explorer = explore_drivers(study, tmp_path_factory.mktemp("views"))
    explorer.service.value = (PHONE,)
    return explorer


def usual(**changes: object) -> State:
    return replace(State("", "2026-Q3", "overall_satisfaction"), **changes)  # type: ignore[arg-type]


def test_a_state_names_all_that_the_controls_say() -> None:
    state = State("plan=plus", "2026", "nps", (PHONE,), Definition("within 14 days", "x = 1"))
    assert str(state) == (
        "segment=plan=plus period=2026 outcome=nps service=tickets, phone (channel) "
        "definition=within 14 days"
    )
    assert str(usual()).startswith("segment=everyone period=2026-Q3 outcome=overall_satisfaction")


def test_what_differs_from_the_study_file_is_all_that_is_set() -> None:
    items = {'the "staff"': {"service": True}, "food": {}}
    tables = {"surveys": {"path": "s.csv", "items": items}}
    service = {"channels": ["phone"]}
    config = StudyConfig.model_validate({"name": "x", "tables": tables, "service": service})
    as_filed = usual(service=(PHONE, Mark("survey item", 'the "staff"')))
    assert changes_of(config, as_filed) == ""
    other = usual(outcome="nps", service=(Mark("touchpoint", "desk"), Mark("survey item", "food")))
    changed = study_of(config, {}).under(changes_of(config, other)).config
    assert (changed.service.channels, changed.service.touchpoints) == ((), ("desk",))
    assert changed.model.outcome == "nps"
    surveys = changed.tables.surveys
    assert surveys is not None
    assert {name: item.service for name, item in surveys.items.items()} == {
        'the "staff"': False,
        "food": True,
    }
    assert "outcome" not in changes_of(config, other, outcome=False)


def test_what_counts_as_service_moves_the_answer_and_the_one_before_stays(drivers) -> None:
    assert "service=tickets, phone (channel)" in drivers.stands.value
    assert "service/service touchpoints" in [bar["key"] for bar in drivers.picture.bars]
    assert "Before: segment=everyone" in drivers.before.value
    first, second = list(drivers.seen.values())
    assert "service/service touchpoints" not in [bar.key for bar in first.bars]
    assert first.said != second.said
    assert to_html(first.said) in drivers.before.value
    assert "rest on the same answers; whether they differ is not tested" in drivers.before.value


def test_the_answer_is_that_of_the_package_with_fewer_draws(study: Study, drivers) -> None:
    asked = study.under(f"service.channels = ['phone']\nmodel.replicates = {REPLICATES}")
    fit = cx.fit_study(asked)
    texts = describe(cx.find_answer(asked, fit))
    assert "\n\n".join([drivers.view.said, *drivers.view.more]).startswith("\n\n".join(texts))
    assert f"{REPLICATES} draws" in drivers.view.note and "2,000" in drivers.view.note
    assert drivers.stands.value.count(f" answers={fit.n}<") == 1
    assert len(drivers.view.bars) == len(cx.find_drivers(fit).drivers)


def test_several_views_are_no_verdict_and_the_file_s_own_is_named(drivers) -> None:
    own = to_plain(drivers.first.said).split(":")[0]
    assert f"{len(drivers.tried)} views seen here. As it opened, by the study file: {own}" in (
        drivers.now.value
    )
    drivers.service.value = ()
    assert "views seen here. A verdict" in drivers.now.value
    drivers.service.value = (PHONE,)


def test_a_state_seen_before_is_not_worked_out_again(drivers) -> None:
    seen = dict(drivers.seen)
    drivers.service.value = ()
    drivers.service.value = (PHONE,)
    assert drivers.seen == seen


def test_pressing_a_bar_shows_its_rows_until_the_view_moves(drivers) -> None:
    drivers.picture.chosen = "service/service touchpoints"
    assert "<h3>Rows behind service touchpoints</h3>" in drivers.rows.value
    assert 'tabindex="0"' in drivers.rows.value
    drivers.service.value = ()
    assert (drivers.rows.value, drivers.picture.chosen) == ("", "")
    drivers.service.value = (PHONE,)


def test_as_text_a_view_is_its_state_and_its_sentence(drivers) -> None:
    shown = drivers._repr_mimebundle_()
    assert shown["text/plain"] == f"{drivers.state}\n{to_plain(drivers.view.said)}"
    assert "application/vnd.jupyter.widget-view+json" in shown


def test_a_saved_view_is_a_report_with_its_parameters(study: Study, drivers) -> None:
    drivers.save.click()
    drivers.save.click()
    names = ["cx_report_2026-Q3_everyone.ipynb", "cx_report_2026-Q3_everyone_2.ipynb"]
    made = [drivers.folder / name for name in names]
    assert (
        f"Saved: {names[1]}" in drivers.saved.value and "cxanalysis report" in drivers.saved.value
    )
    takes = read_parameters(nbformat.read(made[0], as_version=4), names[0])
    given = {name: one.default for name, one in takes.items()}
    assert (drivers.folder / str(given.pop("study"))).resolve() == study.path.resolve()
    assert given == {
        "period": "2026-Q3",
        "segment": "",
        "min_base": 0,
        "settings": 'service.channels = ["phone"]',
    }


def test_views_are_saved_beside_the_study_file_and_those_of_the_sample_here(study: Study) -> None:
    assert home_of(study) == Path()
    assert home_of(replace(study, path=Path("mine") / "study.toml")) == Path("mine")


def test_only_a_base_of_ones_own_is_saved(study: Study, tmp_path: Path) -> None:
    strict = cx.open_study(study.path, min_base=50)
    made = save_report(strict, usual(), "", "cx_report", tmp_path)
    takes = read_parameters(nbformat.read(made, as_version=4), made.name)
    assert takes["min_base"].default == 50


def test_a_study_on_another_drive_is_named_whole(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def elsewhere(path: object, start: object = None) -> str:
        raise ValueError(f"{path} is on another mount than {start}")

    apart = SimpleNamespace(path=SimpleNamespace(relpath=elsewhere))
    monkeypatch.setattr("cxanalysis.explore.saving.os", apart)
    made = save_report(study, usual(), "", "cx_report", tmp_path)
    assert study.path.absolute().as_posix() in made.read_text()


def test_ten_views_are_kept_and_no_more(study: Study) -> None:
    made: list[State] = []

    def view(_: Study, state: State) -> View:
        made.append(state)
        return View("**Said.**")

    explorer = Explorer(study, replace(TICKETS, view=view), None)
    for period in choices.periods(study)[1:14]:
        explorer.period.value = period
    assert (len(explorer.seen), len(made)) == (10, 14)
    explorer.period.value = choices.periods(study)[0]
    assert len(made) == 15 and len(explorer.tried) == 14
    assert explorer.now.value.count("14 views seen here") == 1


def test_rows_that_cannot_be_had_are_said(study: Study) -> None:
    def refuse(_: str) -> Rows:
        raise ReportError("There are none.")

    view = View("Said.", bars=(), rows=refuse)
    explorer = Explorer(study, replace(TICKETS, view=lambda *_: view), None)
    explorer.picture.chosen = "x"
    assert "There are none." in explorer.rows.value


def test_a_view_of_frames_cannot_be_saved(tmp_path: Path) -> None:
    config = StudyConfig.model_validate({"name": "x", "tables": {}})
    with pytest.raises(ReportError, match="was made of frames"):
        save_report(study_of(config, {}), usual(), "", "cx_report", tmp_path)


def test_what_a_view_cannot_show_is_said_in_a_sentence(study: Study) -> None:
    few = drivers_view(study, usual(segment="plan=plus", outcome="ces"))
    assert "Withheld" in few.said and few.figure is None and few.bars == ()
    sets = drivers_view(study, usual(outcome="ces"))
    assert sets.figure is not None and sets.bars == ()  # too few answers to tell groups apart
    assert "cannot be told apart" in sets.note
    assert "Ratings lie nearer to the question" in sets.said  # why there is no verdict
    assert any("reach below 0% or above 100%" in each for each in sets.more)
    no_service = usual(outcome="rating", definition=Definition("service only"))
    assert "counts as service here" in view_of(journeys_view, study, no_service).said
    assert view_of(journeys_view, study, usual(segment="plan=none")).said.startswith("'plan' has")


def test_journeys_with_and_without_service_are_all_touches(study: Study, tmp_path: Path) -> None:
    explorer = explore_journeys(study)
    assert explorer.outcome not in explorer.children[0].children  # there is only one
    explorer.service.value = (PHONE,)
    said = {}
    for text, definition in explorer.definition.options:
        explorer.definition.value = definition
        touches = [bar.says.split(": ")[1].split(" touch")[0] for bar in explorer.view.bars]
        said[text] = [int(each.replace(",", "")) for each in touches]
    parts = zip(said["without service"], said["service only"], strict=True)
    assert [sum(pair) for pair in parts] == said["all touches"]
    assert sum(said["service only"]) > 0
    assert "The two may rest on the same touches" in explorer.before.value
    explorer.folder = tmp_path
    explorer.save.click()
    assert "The report is of all touches, not of service only." in explorer.saved.value


def test_tickets_move_with_the_definition_of_the_figure(study: Study) -> None:
    explorer = explore_tickets(study)
    first = explorer.view.said
    explorer.definition.value = next(d for t, d in explorer.definition.options if "14 days" in t)
    asked = study.under("metrics.fcr_window_days = 14")
    (row,) = cx.service_metrics(asked, only=["first_contact_resolution"]).to_dict("records")
    assert f"{row['value']:.0%}" in explorer.view.said != first
    assert {bar["key"] for bar in explorer.picture.bars} == {"phone", "email", "chat"}
    assert "(95% interval " in explorer.view.said
    assert "the same contacts" in explorer.before.value
    explorer.outcome.value = "speed_of_answer"
    assert explorer.view.figure is None and "No channel can be held" in explorer.view.note
    explorer.outcome.value = "abandonment"
    assert explorer.definition.options[0][0] == "left after 5 s or more"
    assert "outcome=abandonment" in explorer.stands.value


def test_rows_name_nobody_and_say_how_many_there_are(study: Study) -> None:
    features = cx.build_features(study)
    for rows, n in (
        (touches_behind(study, "use"), 1627),
        (contacts_behind(study, "handle_time", "phone"), 397),
        (contacts_behind(study, "first_contact_resolution", "phone"), 272),
        (
            answers_behind(study, "use", ["use_touched", "use_rating"]),
            (features["use_touched"] > 0).sum(),
        ),
    ):
        assert rows.n == n
        assert len(rows.table) == min(rows.n, MOST) > 0
        assert not PERSONAL & {name.replace(" ", "_") for name in rows.table}
        assert f"{rows.n:,}" in rows.note
        times = [name for name in rows.table if name.endswith(" at")]
        assert times and rows.table[times[0]].is_monotonic_increasing
        assert all(rows.table[name].str.fullmatch(r"[0-9-]{10}|–").all() for name in times)


@pytest.mark.parametrize("figure", MAIN)
def test_rows_of_a_channel_are_as_many_as_its_bar_counts(study: Study, figure: str) -> None:
    table = cx.service_by(study, "channel")
    counted = table.query("metric == @figure and n > 0").set_index("channel")["n"]
    assert len(counted)
    for channel, n in counted.items():
        assert contacts_behind(study, figure, str(channel)).n == n


def test_channels_rows_are_none_of_a_team_of_that_name() -> None:
    frame = pd.DataFrame(
        {
            "ticket_id": [f"T{place}" for place in range(6)],
            "customer_id": ["a", "b", "a", "b", "c", "d"],
            "opened_at": pd.Timestamp("2026-01-05", tz="UTC"),
            "channel": ["chat", "chat", "phone", "phone", None, None],
            "team": ["one", "one", "chat", "chat", "one", "one"],
            "talk_seconds": 60.0,
        }
    )
    content = {"name": "x", "tables": {}, "metrics": {"min_base": 2}}
    small = study_of(StudyConfig.model_validate(content), {"tickets": frame})
    assert contacts_behind(small, "handle_time", "chat").n == 2
    assert len(contacts_behind(small, "handle_time", "unknown").table) == 2


def test_rows_of_few_customers_are_withheld() -> None:
    frame = pd.DataFrame(
        {
            "event_id": [f"E{place}" for place in range(40)],
            "customer_id": "a",
            "occurred_at": pd.Timestamp("2026-01-05", tz="UTC"),
            "stage": "buy",
        }
    )
    config = StudyConfig.model_validate({"name": "x", "tables": {}})
    rows = touches_behind(study_of(config, {"journeys": frame}), "buy")
    assert rows.table.empty and "40 touches of 1 customer: those of fewer than 30" in rows.note


def test_answers_are_listed_as_they_were_given(study: Study) -> None:
    columns = ["purchase_touched", "purchase_rated", "purchase_rating"]
    table = answers_behind(study, "purchase", columns).table
    figures = ["purchase touched", "purchase rating"]
    assert list(table) == ["responded at", "overall satisfaction", *figures]
    ratings = table["purchase rating"][table["purchase rating"] != "–"].astype(float)
    assert ratings.between(1, 5).all() and len(ratings) < MOST


def test_few_rows_are_withheld(study: Study) -> None:
    wide = cx.open_study(study.path, period="last", min_base=2000)
    rows = touches_behind(wide, "use")
    assert rows.table.empty and "fewer than 2000 are not listed" in rows.note


def test_names_in_the_data_are_no_markup() -> None:
    table = pd.DataFrame({"<i>a</i>": ["<script>x</script>"]})
    page = rows_page(Rows("<b>x</b>", 1, table, "<u>"))
    assert not {"<script>", "<b>", "<i>", "<u>"} & set(page.replace(">", "> ").split())
    assert "&lt;script&gt;" in page


def test_buttons_lie_on_their_bars(study: Study) -> None:
    for across, finding in (
        (True, cx.find_journey(study)),
        (False, cx.find_service_by(study, ["channel"], ["handle_time"])),
    ):
        figure = cx.plot(finding)
        assert figure is not None
        image, boxes = drawn(figure, across=across)
        assert image.startswith("data:image/svg+xml;base64,")
        start, size = ("left", "width") if across else ("top", "height")
        assert list(boxes) == list(range(8 if across else 2))
        ends = [(box[start], box[start] + box[size]) for box in boxes.values()]
        assert all(0 <= low < high <= 1 for low, high in ends)
        assert all(after[0] >= before[1] - 1e-9 for before, after in pairwise(ends))


def test_what_is_offered_is_what_the_study_has(study: Study) -> None:
    offered = choices.segments(study)
    assert offered[0] == "preferred_channel=chat" and "region=east" in offered
    assert choices.periods(study)[:2] == ["2026-Q3", "all"]
    assert "2026-10" in choices.periods(study)
    assert choices.outcomes(study)[0] == "overall_satisfaction"
    assert {PHONE, Mark("touchpoint", "installation")} <= set(choices.marks(study))
    assert [d.text for d in choices.definitions(study, "first_contact_resolution")] == [
        "no repeat within 7 days",
        "no repeat within 1 day",
        "no repeat within 14 days",
        "no repeat within 30 days",
    ]


def test_segments_are_of_other_tables_where_there_are_no_customers() -> None:
    frame = pd.DataFrame(
        {
            "ticket_id": [f"T{place}" for place in range(65)],
            "country": ["NL"] * 34 + ["DE"] * 31,
            "reason": [f"reason {place % 13}" for place in range(65)],
        }
    )
    config = StudyConfig.model_validate({"name": "x", "tables": {}})
    assert choices.segments(study_of(config, {"tickets": frame})) == ["country=DE", "country=NL"]


def test_study_of_surveys_alone_has_only_what_it_can_choose() -> None:
    frame = pd.DataFrame({"response_id": ["a", "b"], "nps": [1.0, 2.0], "ces": [None, None]})
    config = StudyConfig.model_validate({"name": "x", "tables": {}})
    small = study_of(config, {"surveys": frame})
    assert choices.segments(small) == choices.marks(small) == []
    assert choices.outcomes(small) == ["overall_satisfaction", "nps"]
    assert choices.periods(small) == ["all"]
    assert isinstance(explore_drivers(small).view, View)
    assert "cannot" in explore_tickets(small).view.said


def test_a_narrowed_study_is_refused(study: Study) -> None:
    for asked in (study.among("region=east"), study.under("metrics.fcr_window_days = 9")):
        with pytest.raises(ReportError, match="narrowed already"):
            explore_drivers(asked)


def test_a_state_narrows_to_its_period_and_segment(study: Study) -> None:
    asked = narrowed(study, usual(segment="region=east", period="2026-10"))
    assert asked.segment == ("region", "east")
    assert asked.period is not None and asked.period.label == "2026-10"
