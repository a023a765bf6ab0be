"""A state's view: a sentence, a picture, its bars and the rows behind each; from findings alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from matplotlib.figure import Figure

from cxanalysis.drivers.fit import LIKELIHOOD
from cxanalysis.drivers.likelihood import MOST_REPLICATES
from cxanalysis.errors import CxError
from cxanalysis.explore.rows import Rows, answers_behind, contacts_behind, touches_behind
from cxanalysis.explore.state import State, changes_of, narrowed
from cxanalysis.findings import find_answer, find_drivers, find_journey, find_service_by
from cxanalysis.findings.core import Estimate
from cxanalysis.findings.drivers import Driver
from cxanalysis.findings.fits import fit_of
from cxanalysis.metrics import service_metrics
from cxanalysis.metrics.journeys.touches import at_service, named_as_service
from cxanalysis.narrative import caption, describe, footnotes
from cxanalysis.narrative.drivers import share_of
from cxanalysis.narrative.service_by import shown
from cxanalysis.narrative.words import counted, name, score, sentence_case, to_plain, with_interval
from cxanalysis.plots import plot
from cxanalysis.study import Study

REPLICATES = 400
"""Draws of customers behind an interval while exploring; a report takes the study file's."""

WHOLE, WITHOUT, ONLY = "all touches", "without service", "service only"


@dataclass(frozen=True)
class Bar:
    """A row or column of a picture: what it stands for, and what it says, in words."""

    key: str
    says: str


@dataclass(frozen=True, eq=False)
class View:
    """What a state shows.

    ``said`` are a paragraph or two with their markup, or why there is nothing to show; ``note``
    says in plain words what it rests on, and ``more`` are further paragraphs, to be unfolded.
    ``answers`` is how many a model is of. ``alt`` says what the picture does. ``bars`` are in the
    order of the picture's marks; ``across`` is whether they are columns. ``rows`` gives the rows
    behind the key of a bar.
    """

    said: str
    note: str = ""
    more: tuple[str, ...] = ()
    answers: int | None = None
    figure: Figure | None = None
    alt: str = ""
    bars: tuple[Bar, ...] = ()
    across: bool = False
    rows: Callable[[str], Rows] | None = None


def drivers_view(study: Study, state: State) -> View:
    """How much of the outcome goes with service, and the share of every group of drivers.

    Parameters
    ----------
    study
        As it was opened.
    """
    own = study.config.model.replicates
    draws = min(own, REPLICATES)
    settings = changes_of(study.config, state)
    quick = f"{settings}\nmodel.replicates = {draws}"
    asked = narrowed(study, state, quick if draws < own else settings)
    fit = fit_of(asked, "own")
    answer = find_answer(asked, fit)
    found = find_drivers(fit, asked.config.metrics.min_base, asked)
    texts = describe(answer)
    # Without a Yes or a No, the next paragraph tells why there is none.
    lead = 1 if answer.verdict in ("yes", "no") else 2
    small = [each for each in footnotes(answer) if not each.startswith("∗")]  # that of its table
    said, more = "\n\n".join(texts[:lead]), (*texts[lead:], *small)
    if fit is None or not found.drivers:
        return View(said, more=more)
    drawn = describe(found)
    # What the picture shows, and whether the first is ahead; or why it shows the sets alone.
    notes = [to_plain(" ".join(drawn[: 2 if found.grouped else 1]))]
    usual = min(own, MOST_REPLICATES) if fit.model in LIKELIHOOD else own
    if answer.alone.has_interval and draws < usual:
        notes.append(
            f"Intervals are of {draws:,} draws while exploring; a report takes {usual:,}, so ends, "
            "and a verdict near the line, may change."
        )
    note = " ".join(notes)
    bars = tuple(Bar(f"{d.set}/{d.name}", _driver(d, share_of(found, d))) for d in found.drivers)
    if not found.grouped:  # too few answers to tell groups apart: the sets alone
        return View(said, note, more, fit.n, plot(answer), to_plain(texts[0]))
    groups = {
        f"{kind}/{group}": list(columns)
        for kind, inside in fit.blocks.items()
        for group, columns in inside.items()
    }
    return View(
        said,
        note,
        more,
        fit.n,
        plot(found),
        to_plain(caption(found)),
        bars,
        rows=lambda key: answers_behind(asked, key.split("/", 1)[1], groups[key]),
    )


def journeys_view(study: Study, state: State) -> View:
    """The journey map: stages in order with their ratings, touches and how many were rated."""
    asked = narrowed(study, state, changes_of(study.config, state, outcome=False))
    asked = _part_of_journey(asked, state.definition.text)
    found = find_journey(asked)
    figure = plot(found)
    bars = tuple(
        Bar(
            stage.stage,
            f"{sentence_case(name(stage.stage))}: {counted(stage.touches, 'touch', 'touches')}, "
            + (f"mean rating {score(stage.rating.value)}" if stage.rating.known else "no rating"),
        )
        for stage in found.stages
    )
    return View(
        describe(found)[0],
        figure=figure,
        alt=to_plain(caption(found)),
        bars=bars if figure is not None else (),
        across=True,
        rows=lambda key: touches_behind(asked, key),
    )


def tickets_view(study: Study, state: State) -> View:
    """A figure of service: of all contacts, and by channel."""
    asked = narrowed(study, state, changes_of(study.config, state, outcome=False))
    (row,) = service_metrics(asked, only=[state.outcome]).to_dict("records")
    whole = Estimate(row["value"], row["conf_low"], row["conf_high"])
    if not whole.known:
        return View(f"**{row['label']} cannot be shown:** {row['note'] or 'nothing to count'}.")
    said = (
        f"**{row['label']}: {_with_kind(with_interval(whole, row['unit']))}**, of "
        f"{counted(int(row['n']), 'case')}."
    )
    found = find_service_by(asked, ["channel"], [state.outcome])
    figure, compared = plot(found), to_plain(" ".join(describe(found)))
    bars = tuple(
        Bar(group.name, f"{sentence_case(group.name)}: {with_interval(value, row['unit'])}")
        for split in found.splits
        for group, value in shown(found, split, state.outcome)
    )
    return View(
        said,
        f"{sentence_case(str(row['definition']))}. {'' if figure else compared}".strip(),
        figure=figure,
        alt=compared,
        bars=bars if figure is not None else (),
        rows=lambda key: contacts_behind(asked, state.outcome, key),
    )


def view_of(make: Callable[[Study, State], View], study: Study, state: State) -> View:
    """The view, or what stands in its way as a sentence."""
    try:
        return make(study, state)
    except CxError as error:
        return View(str(error))


def _with_kind(text: str) -> str:
    """A figure that says of its interval what it is."""
    return text.replace("(", "(95% interval ", 1)


def _driver(driver: Driver, share: str) -> str:
    return f"{sentence_case(name(driver.name))} ({name(driver.set)}): {share}"


def _part_of_journey(study: Study, part: str) -> Study:
    """The study with the touches that are service alone, or without them."""
    if part in ("", WHOLE) or "journeys" not in study.tables:
        return study
    if not named_as_service(study):
        raise CxError(
            "Nothing of the journeys counts as service here, so it cannot be told apart. Choose "
            "touchpoints or channels under Counts as service."
        )
    service = at_service(study)
    rows = study.tables["journeys"].filter(service if part == ONLY else ~service)
    return replace(study, tables={**study.tables, "journeys": rows}, counts=None, shared=None)
