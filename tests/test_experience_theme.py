"""Theme of further scores: findings of small studies, and what the picture draws."""

from __future__ import annotations

import pandas as pd
import pytest
from findings_of_experience import OVERALL, PLAIN
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from test_metrics_experience_scores import study

from cxanalysis.findings.experience import find_experience
from cxanalysis.narrative import describe
from cxanalysis.plots import plot

EXACT = 1e-9


def test_finding_parts_answers_and_names_what_was_not_asked() -> None:
    finding = find_experience(study(pd.DataFrame({"csat": [1, 3, 5, 5], "ces": [7, 6, 5, 2]})))
    (csat,) = finding.parts
    assert (csat.worst.value, csat.middle.value, csat.best.value) == (0.25, 0.25, 0.5)
    assert (csat.worst_text, csat.middle_text, csat.best_text) == ("1 or 2", "3", "4 or 5")
    unasked = [each.label for each in finding.missing if not each.asked]
    assert "Effort (CES 1.0)" in unasked
    assert next(each.label for each in finding.missing if each.asked) == "ease by task"


def test_kinds_of_survey_are_never_pooled() -> None:
    surveys = pd.DataFrame(
        {"csat": [5, 5, 1, 1], "kind": ["relational"] * 2 + ["transactional"] * 2}
    )
    kinds = {kind.name: kind for kind in find_experience(study(surveys)).kinds}
    shares = {name: kind.scores[0].value.value for name, kind in kinds.items()}
    assert shares == {"relational": 1.0, "transactional": 0.0}
    alike = find_experience(study(surveys.assign(kind="relational")))
    assert alike.kinds == ()


def test_tasks_stand_hardest_first_and_say_how_far_the_next_is_better() -> None:
    surveys = pd.DataFrame(
        {
            "ces": [2.0, 3.0, 2.0, 6.0, 7.0, 6.0, 5.0],
            "touchpoint": ["return"] * 3 + ["shop"] * 3 + ["once"],
        }
    )
    (tasks,) = find_experience(study(surveys)).tasks
    assert [task.name for task in tasks.tasks] == ["return", "shop"]  # one answer is withheld
    assert tasks.lead.value == pytest.approx(4.0, abs=EXACT)
    assert tasks.lead.low < 4.0 < tasks.lead.high


def test_of_effort_the_highest_is_the_hardest() -> None:
    surveys = pd.DataFrame(
        {"ces_effort": [1.0, 2.0, 4.0, 5.0], "touchpoint": ["shop", "shop", "return", "return"]}
    )
    (tasks,) = find_experience(study(surveys)).tasks
    assert (tasks.tasks[0].name, tasks.scale) == ("return", (1.0, 5.0))
    assert tasks.lead.value == pytest.approx(3.0, abs=EXACT)


def test_without_surveys_it_says_what_it_needs() -> None:
    whole = study(pd.DataFrame({"csat": [1]}))
    bare = type(whole)(whole.path, whole.config, whole.engine, {})
    assert describe(find_experience(bare)) == (
        "**There are no answers to tell of:** that needs surveys.",
    )


def test_picture_draws_the_parts_of_the_first_question() -> None:
    figure = plot(PLAIN)
    assert figure is not None
    bars = [p.get_width() for p in figure.findobj(Axes)[0].patches if isinstance(p, Rectangle)]
    expected = [OVERALL.worst.value, OVERALL.middle.value, OVERALL.best.value]
    assert bars == pytest.approx(expected, abs=EXACT)
