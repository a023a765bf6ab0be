"""The service report's findings from small studies, and what their pictures draw."""

from findings_of_service import BACKLOG, SERVICE, STAFFING
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from test_metrics_hours import WEEKEND, study, times

from cxanalysis.config import StudyConfig
from cxanalysis.findings import find_backlog, find_service, find_staffing
from cxanalysis.findings.service import AREAS
from cxanalysis.metrics import service_metrics
from cxanalysis.plots import plot
from cxanalysis.study import study_of


def test_every_figure_of_service_has_its_area():
    named = [metric for metrics in AREAS.values() for metric in metrics]
    assert sorted(named) == sorted(service_metrics(study(WEEKEND))["metric"])


def test_service_holds_what_is_known_withheld_and_missing():
    finding = find_service(study(WEEKEND, reply_hours={"email": 1.5}))
    known = {figure.metric for figure in finding.figures}
    assert "first_reply_business" in known
    assert "Handle time" in {item.label for item in finding.missing}
    (channel,) = finding.channels
    assert (channel.name, channel.target_hours, channel.n) == ("email", 1.5, 3)
    small = find_service(study(WEEKEND, min_base=30))
    assert small.figures == ()
    assert "First reply" in {figure.label for figure in small.withheld}


def test_without_tickets_every_figure_names_them():
    nothing = study_of(StudyConfig.model_validate({"name": "Test", "tables": {}}), {})
    assert {item.needs for item in find_service(nothing).missing} == {"tickets"}
    assert find_staffing(nothing).n == 0
    assert find_backlog(nothing).points == ()


def test_blocks_are_the_narrowest_that_can_be_shown_and_the_worst_is_clear():
    opened = times(*["2026-03-02 09:10"] * 40, *["2026-03-03 10:10"] * 40)
    tickets = WEEKEND.iloc[[0] * 80].assign(
        opened_at=opened.to_numpy(),
        abandoned=[True] * 30 + [False] * 50,
        first_replied_at=opened.to_numpy(),
        solved_at=opened.to_numpy(),
    )
    finding = find_staffing(study(tickets, min_base=30))
    assert (finding.width, finding.n, len(finding.shown)) == (1, 80, 2)
    assert finding.worst is not None
    assert (finding.worst.weekday, finding.worst.hour) == (0, 9)
    assert finding.n_above == 1
    assert find_staffing(study(tickets, min_base=80)).worst is None
    # 12 of 40 against 6 of 40: one-sided p = 0.09, and two blocks are compared.
    near = tickets.assign(abandoned=[*[True] * 12, *[False] * 28, *[True] * 6, *[False] * 34])
    assert find_staffing(study(near, min_base=30)).worst is None
    assert (finding.n_inside, finding.n_outside) == (80, 0)


def test_heat_map_prints_shares_with_their_base_and_greys_what_is_withheld():
    figure = plot(STAFFING)
    assert figure is not None
    texts = {text.get_text() for text in figure.findobj(Text)}
    assert {"21%\n140", "12", "4%\n148"} <= texts
    (axes,) = figure.findobj(Axes)
    assert sum(isinstance(patch, Rectangle) for patch in axes.patches) == 4


def test_channels_and_open_contacts_are_drawn_as_they_are():
    channels = plot(SERVICE)
    open_contacts = plot(BACKLOG)
    assert channels is not None
    assert open_contacts is not None
    labels = [label.get_text() for label in channels.findobj(Axes)[0].get_yticklabels()]
    assert labels == ["email, 12.0 hours", "phone, 3 min"]
    bars = open_contacts.findobj(Axes)[0].patches
    assert [bar.get_height() for bar in bars] == [28, 38, 59]


def test_few_periods_of_the_backlog_each_have_their_name() -> None:
    figure = plot(BACKLOG)
    assert figure is not None
    texts = {text.get_text() for text in figure.findobj(Text)}
    assert {"August 2026", "September 2026", "October 2026"} <= texts
