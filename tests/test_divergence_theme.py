"""Theme of the well served who are not content: findings of small studies, and the picture."""

from __future__ import annotations

from findings_of_divergence import DIVERGENCE
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from test_metrics_divergence import CONTACTS, FOUR, pairs
from test_metrics_sides import touches

from cxanalysis.findings.divergence import find_divergence
from cxanalysis.narrative import describe
from cxanalysis.plots import plot
from cxanalysis.plots.theme import JOURNEY


def test_finding_holds_the_cells_of_the_study() -> None:
    finding = find_divergence(pairs(FOUR, CONTACTS))
    assert (finding.n, finding.contact_best, finding.overall_best) == (4, "4 or 5", "4 or 5")
    assert finding.cell(served_well=True, content=False).within.value == 0.5
    assert finding.places == ()


def test_finding_falls_back_to_all_touches_where_places_have_too_few_ratings() -> None:
    journeys = touches(
        ("a", "2026-01-05", "use/app", 5),
        ("a", "2026-01-06", "buy/shop", 4),
        ("b", "2026-01-05", "use/app", 2),
        ("b", "2026-01-06", "buy/shop", 3),
    )
    finding = find_divergence(pairs(FOUR, CONTACTS, journeys=journeys))
    assert (finding.level, len(finding.places)) == ("journey", 1)


def test_without_ratings_of_contacts_it_says_what_it_needs() -> None:
    finding = find_divergence(pairs(FOUR, CONTACTS.drop(columns="csat")))
    assert describe(finding) == (
        "**Whether the well served are content cannot be told:** that needs ratings of contacts "
        "in tickets.",
    )


def test_picture_has_a_cell_for_each_and_marks_the_one_in_question() -> None:
    figure = plot(DIVERGENCE)
    assert figure is not None
    axes = figure.findobj(Axes)[0]
    cells = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert len(cells) == 4
    marked = [patch.get_xy() for patch in cells if to_hex(patch.get_facecolor()) == JOURNEY.lower()]
    assert marked == [(0.0, 0.0)]
    texts = " ".join(text.get_text() for text in axes.texts)
    assert "80 answers" in texts
