"""Who is asked, who answers, and weights that mend what can be mended."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from silent_company import BY_CONTACT, BY_REGION, SilentCompany, silent_company

from cxanalysis.drivers import fit_drivers
from cxanalysis.errors import ModelError, StudyError
from cxanalysis.features import build_features
from cxanalysis.features.answers import fingerprint
from cxanalysis.nonresponse import (
    answer_model,
    invitation_model,
    response_weights,
    study_weights,
)
from cxanalysis.nonresponse.levels import level_out
from cxanalysis.nonresponse.logistic import logit_probabilities
from cxanalysis.nonresponse.raking import MOST_WEIGHT, capped, rake

CUSTOMERS = 3000
# Raking and Newton's method stop at steps of 1e-6.
SOLVED = 1e-4
EXACT = 1e-9


@pytest.fixture(scope="module")
def company() -> SilentCompany:
    return silent_company(CUSTOMERS, by_satisfaction=0.0)


def term(terms: pd.DataFrame, trait: str, level: str) -> pd.Series:
    return terms.set_index(["trait", "level"]).loc[(trait, level)]


# --- who is asked and who answers ----------------------------------------------------------


def test_being_asked_and_answering_are_told_apart(company: SilentCompany) -> None:
    asked, answered = invitation_model(company.study()), answer_model(company.study())
    assert (asked.question, answered.question) == ("invited", "answered")
    assert asked.n == CUSTOMERS
    assert answered.n == asked.n_yes == len(company.frames["surveys"])
    south = term(asked.terms, "region", "south")
    assert south["conf_low"] < (0.6 / 0.4) / (0.9 / 0.1) < south["conf_high"]
    assert south["reference"] == "north"
    contact = term(asked.terms, "contacted", "yes")
    assert contact["conf_low"] < 1 < contact["conf_high"]


def test_who_joined_or_left_in_the_period_had_less_time_to_be_asked(
    company: SilentCompany,
) -> None:
    base = company.frames["customers"]
    surveys = company.frames["surveys"]
    number = np.arange(CUSTOMERS)
    # One in five joined half-way, and only those invited later could be asked; the last day of
    # another fifth is in the period, of the next the period's own last.
    half = pd.Timestamp("2026-10-11", tz="UTC")
    day = pd.Timestamp("2026-10-31", tz="UTC")
    began = pd.Series(half - pd.to_timedelta(number, unit="D")).where(number % 5 > 0, half)
    began[number % 5 > 0] -= pd.Timedelta(days=30)
    ended = pd.Series(day, index=base.index).where(number % 5 == 2)
    ended[number % 5 == 1] = half
    new = set(base.loc[number % 5 == 0, "customer_id"])
    early = surveys["customer_id"].isin(new) & (surveys["invited_at"] < half)
    customers = base.assign(active_from=began, active_to=ended)
    frames = company.frames | {"customers": customers, "surveys": surveys[~early]}
    model = invitation_model(SilentCompany(frames, company.nps, company.csat).study())
    assert model.n == CUSTOMERS * 3 // 5
    tenure = model.terms[model.terms["trait"] == "tenure_days"]
    assert len(tenure) == 4
    assert (tenure["p_holm"] > 0.05).all()


def test_odds_of_answering_are_recovered(company: SilentCompany) -> None:
    terms = answer_model(company.study()).terms
    south, contact = term(terms, "region", "south"), term(terms, "contacted", "yes")
    assert south["conf_low"] < np.exp(BY_REGION["south"] - BY_REGION["north"]) < south["conf_high"]
    assert contact["conf_low"] < np.exp(BY_CONTACT) < contact["conf_high"]
    assert (terms.loc[terms["trait"] == "value", "p_holm"] > 0.05).all()
    assert south["rate"] < south["reference_rate"]


def test_a_contact_after_the_invitation_does_not_count(company: SilentCompany) -> None:
    late = company.frames["tickets"].assign(opened_at=pd.Timestamp("2026-10-28", tz="UTC"))
    frames = company.frames | {"tickets": late}
    model = answer_model(SilentCompany(frames, company.nps, company.csat).study())
    assert "contacted" not in set(model.terms["trait"])
    assert "contacted" in model.left_out


def test_a_contact_before_the_lookback_window_does_not_count(company: SilentCompany) -> None:
    model = answer_model(company.study(lookback_days=5))
    assert "contacted" in model.left_out


def test_without_invitations_it_says_that_they_cannot_be_told_apart(
    company: SilentCompany,
) -> None:
    answers = company.frames["surveys"].dropna(subset=["responded_at"])
    frames = company.frames | {"surveys": answers.drop(columns="invited_at")}
    study = SilentCompany(frames, company.nps, company.csat).study()
    assert "cannot be told apart" in invitation_model(study).note
    assert invitation_model(study).terms.empty
    answered = answer_model(study)
    assert (answered.question, answered.n) == ("answered of active", CUSTOMERS)
    assert term(answered.terms, "region", "south")["conf_high"] < 1


def test_without_customers_only_what_is_known_of_invitations_is_compared(
    company: SilentCompany,
) -> None:
    study = company.study("customers")
    assert "customers table" in invitation_model(study).note
    assert set(answer_model(study).terms["trait"]) == {"contacted"}


def test_named_columns_replace_all_others_and_unknown_ones_are_refused(
    company: SilentCompany,
) -> None:
    terms = answer_model(company.study(respond_by=("contacted", "region"))).terms
    assert set(terms["trait"]) == {"region", "contacted"}
    with pytest.raises(StudyError, match=r"'regoin' is no column .* Did you mean 'region'"):
        answer_model(company.study(respond_by="regoin"))
    with pytest.raises(StudyError, match="'customer_id' is no column"):
        answer_model(company.study(respond_by="customer_id"))


def test_a_column_filled_in_with_the_answer_foretells_nothing(company: SilentCompany) -> None:
    surveys = company.frames["surveys"]
    told = surveys.assign(touchpoint=np.where(surveys["nps"].notna(), "shop", None))
    frames = company.frames | {"surveys": told}
    model = answer_model(SilentCompany(frames, company.nps, company.csat).study())
    assert model.left_out["touchpoint"] == "not known of every invitation"


def test_everyone_answering_leaves_nothing_to_model(company: SilentCompany) -> None:
    surveys = company.frames["surveys"].dropna(subset=["responded_at"])
    study = SilentCompany(company.frames | {"surveys": surveys}, 0, 0).study()
    assert answer_model(study).note == "everybody answered"


def test_standard_errors_are_by_customer(company: SilentCompany) -> None:
    # Everyone asked twice with the same result: no more is known than before.
    surveys = company.frames["surveys"]
    twice = pd.concat([surveys, surveys.assign(response_id="x" + surveys["response_id"])])
    doubled = SilentCompany(company.frames | {"surveys": twice.reset_index(drop=True)}, 0, 0)
    once, both = (answer_model(c.study()).terms for c in (company, doubled))
    ratio = both["std_error"] / once["std_error"]
    assert ratio.to_numpy() == pytest.approx(1, abs=0.01)  # but for a factor of the size


# --- levels --------------------------------------------------------------------------------


def leveled(values: object, least: int = 30) -> tuple[tuple[str, ...], np.ndarray]:
    frame = pd.DataFrame({"trait": values})
    event = np.arange(len(frame)) % 2 == 0
    levels = level_out(frame, event, np.ones(len(frame), dtype=bool), least)
    if not levels.traits:
        return (), np.zeros(0)
    return levels.labels[0], np.bincount(levels.codes[:, 0])


def test_numbers_become_bands_of_equal_size() -> None:
    labels, sizes = leveled(np.arange(500.0))
    assert labels[0] == "lowest fifth"
    assert sizes.tolist() == [100] * 5


def test_bands_become_fewer_where_they_would_be_too_small() -> None:
    assert leveled(np.arange(120.0), least=35)[0] == (
        "lowest third",
        "middle third",
        "highest third",
    )


def test_repeated_numbers_do_not_split_over_two_bands() -> None:
    labels, sizes = leveled(np.repeat([0.0, 1.0], 250))
    assert labels == ("band 1 of 2", "band 2 of 2")
    assert sizes.tolist() == [250, 250]


def test_what_is_missing_is_a_level_of_its_own() -> None:
    labels, sizes = leveled([*np.arange(300.0), *[np.nan] * 100])
    assert labels[-1] == "unknown"
    assert sizes[-1] == 100


def test_rare_values_are_taken_together() -> None:
    labels, sizes = leveled(["a"] * 200 + ["b"] * 20 + ["c"] * 20)
    assert labels == ("a", "other")
    assert sizes.tolist() == [200, 40]


def test_a_value_too_rare_even_so_joins_the_most_frequent() -> None:
    labels, sizes = leveled(["a"] * 200 + ["b"] * 100 + ["c"] * 4)
    assert labels == ("a", "b")
    assert sizes.tolist() == [204, 100]


def test_a_trait_with_one_level_is_left_out() -> None:
    assert leveled(["a"] * 200)[0] == ()
    assert leveled([True] * 195 + [False] * 5)[0] == ()


# --- the arithmetic ------------------------------------------------------------------------


def test_raking_meets_the_margins_and_keeps_the_odds_ratio() -> None:
    # Two by two: raking leaves the odds ratio of the sample, 4, and changes the margins.
    mass = np.array([[40.0, 20.0, 10.0, 20.0]])
    levels = [np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])]
    targets = [np.array([[0.5, 0.5]]), np.array([[0.3, 0.7]])]
    factors, gaps = rake(mass, targets, levels)
    cells = (mass * factors / mass.sum())[0]
    assert cells[:2].sum() == pytest.approx(0.5, abs=SOLVED)
    assert cells[::2].sum() == pytest.approx(0.3, abs=SOLVED)
    assert cells[0] * cells[3] / (cells[1] * cells[2]) == pytest.approx(4, rel=SOLVED)
    assert gaps[0] < SOLVED


def test_no_factor_exceeds_the_cap_and_the_gap_is_told() -> None:
    mass = np.array([[99.0, 1.0]])
    factors, gaps = rake(mass, [np.array([[0.5, 0.5]])], [np.array([0, 1])])
    assert factors.max() == MOST_WEIGHT
    assert (factors * mass).sum() == pytest.approx(100, rel=SOLVED)
    assert gaps[0] == pytest.approx(0.45, abs=SOLVED)


def test_capping_spreads_what_is_cut_off() -> None:
    found = capped(np.array([[1.0, 1.0, 98.0]]), np.array([[50.0, 49.0, 1.0]]))
    assert found[0, 2] == MOST_WEIGHT
    assert found[0, :2] == pytest.approx(95 / 99, rel=SOLVED)


def test_probabilities_are_those_of_a_logistic_regression() -> None:
    rng = np.random.default_rng(3)
    design = np.column_stack([np.ones(6), rng.integers(0, 2, (6, 2))]).astype(float)
    cases = rng.integers(20, 50, (2, 6)).astype(float)
    events = rng.binomial(cases.astype(int), 0.3).astype(float)
    found = logit_probabilities(design, cases, events)
    for sample in range(2):
        both = np.column_stack([events[sample], cases[sample] - events[sample]])
        true = sm.GLM(both, design, family=sm.families.Binomial()).fit().fittedvalues
        assert found[sample] == pytest.approx(true, abs=SOLVED)


# --- weights -------------------------------------------------------------------------------


def test_raked_answers_have_the_make_up_of_active_customers(company: SilentCompany) -> None:
    study = company.study()
    weights, features = response_weights(study, "raked"), build_features(study)
    base = company.frames["customers"].set_index("customer_id")["region"]
    region = features["customer_id"].map(base)
    size = weights.of(features.index)
    assert size.mean() == pytest.approx(1, abs=EXACT)
    share = size[region == "south"].sum() / size.sum()
    assert share == pytest.approx((base == "south").mean(), abs=SOLVED)
    assert weights.kish_n < weights.n
    assert weights.kish_n == pytest.approx(size.sum() ** 2 / (size**2).sum())


@pytest.mark.parametrize("how", ["raked", "propensity"])
def test_weights_do_not_depend_on_how_often_a_customer_was_asked(
    company: SilentCompany, how: str
) -> None:
    surveys = company.frames["surveys"]
    twice = pd.concat([surveys, surveys.assign(response_id="x" + surveys["response_id"])])
    doubled = SilentCompany(company.frames | {"surveys": twice.reset_index(drop=True)}, 0, 0)
    once, both = (response_weights(c.study(), how) for c in (company, doubled))  # type: ignore[arg-type]
    assert both.weights[: once.n] == pytest.approx(once.weights, abs=SOLVED)


def test_weights_follow_the_rows_of_the_features(company: SilentCompany) -> None:
    study = company.study()
    weights = response_weights(study)
    some = build_features(study).index[[5, 2, 9]]
    assert weights.of(some).tolist() == weights.weights[[5, 2, 9]].tolist()
    with pytest.raises(ModelError, match="numbered from 0"):
        weights.of(pd.Index(["r00001"]))
    with pytest.raises(ModelError, match="numbered from 0"):
        weights.of(pd.Index([10**6]))


def test_models_and_weights_are_shown_in_one_line(company: SilentCompany) -> None:
    study = company.study()
    weights, model = response_weights(study), answer_model(study)
    assert repr(weights) == (
        f"ResponseWeights(raked by region, value, contacted, n={weights.n:,}, "
        f"kish_n={weights.kish_n:,.0f})"
    )
    answered = f"{model.n_yes:,} of {model.n:,}"
    assert repr(model) == f"ResponseModel(answered: {answered}, 3 traits)"
    without = invitation_model(company.study("customers"))
    assert repr(without) == f"ResponseModel(invited: 0 of 0, {without.note})"


def test_weights_go_with_some_of_their_answers_in_any_order(company: SilentCompany) -> None:
    study = company.study()
    features = build_features(study)
    weights = response_weights(study)
    some = features[features["nps"] > 5].sort_values("nps")
    weights.check(some)
    of_some = pd.Series(weights.of(some.index), index=some["response_id"])
    of_all = pd.Series(weights.of(features.index), index=features["response_id"])
    pd.testing.assert_series_equal(of_some, of_all.loc[some["response_id"]])


def test_weights_of_other_answers_are_refused(company: SilentCompany) -> None:
    study = company.study()
    weights, features = response_weights(study), build_features(study)
    first = features.head(500)  # as a period that begins at the same time and ends earlier
    first.attrs["answers"] = fingerprint(first["response_id"])
    with pytest.raises(ModelError, match="of another period, segment or study"):
        weights.check(first)
    anew = features.iloc[1:].reset_index(drop=True)
    with pytest.raises(ModelError, match=f"{len(anew):,} of {len(anew):,} rows are not"):
        weights.check(anew)
    with pytest.raises(ModelError, match=r"no such column\. Keep it from build_features"):
        weights.check(features.drop(columns="response_id"))


def test_a_fit_refuses_made_weights_of_other_rows_or_clusters(company: SilentCompany) -> None:
    study = company.study()
    features = build_features(study).assign(luck=lambda rows: np.arange(len(rows)) % 7)
    blocks = {"service": {"contact": ["contacted"]}, "journey": {"luck": ["luck"]}}

    def fit(frame: pd.DataFrame, **more: object) -> None:
        weights = response_weights(study)
        fit_drivers(frame, "nps", blocks, weights=weights, replicates=10, **more)  # type: ignore[arg-type]

    fit(features)
    with pytest.raises(ModelError, match="rows are not the answers whose number they bear"):
        fit(features.iloc[::-1].reset_index(drop=True))
    with pytest.raises(ModelError, match="samples of whole customers, so cluster='luck'"):
        fit(features, cluster="luck")
    with pytest.raises(ModelError, match="so cluster=None cannot be had"):
        fit(features, cluster=None)


def test_answers_of_nobody_known_have_no_weight(company: SilentCompany) -> None:
    surveys = company.frames["surveys"].copy()
    surveys.iloc[:300, 1] = "stranger"
    study = SilentCompany(company.frames | {"surveys": surveys}, 0, 0).study()
    weights = response_weights(study)
    answered = int(surveys["responded_at"].notna().iloc[:300].sum())
    assert weights.n_without == answered
    assert (weights.weights == 0).sum() == answered


@pytest.mark.parametrize("how", ["raked", "propensity"])
def test_samples_draw_whole_customers_and_weigh_them_anew(company: SilentCompany, how: str) -> None:
    study = company.study()
    weights = response_weights(study, how)  # type: ignore[arg-type]
    features = build_features(study)
    clusters = np.arange(len(features))
    draws = weights.draws(np.random.default_rng(1), 120, features.index, clusters)
    assert draws.shape == (120, len(features))
    drawn = (draws > 0).mean()
    assert drawn == pytest.approx(1 - np.exp(-1), abs=0.01)  # a customer is drawn at least once
    # Raked anew, every sample has the make-up of its own customers, so that the share of the
    # south varies as among all customers, not as among the few who answer there.
    base = company.frames["customers"].set_index("customer_id")["region"]
    south = (features["customer_id"].map(base) == "south").to_numpy()
    shares = draws[:, south].sum(axis=1) / draws.sum(axis=1)
    share = (base == "south").mean()
    expected = np.sqrt(share * (1 - share) / CUSTOMERS)
    tolerance = 0.25 if how == "raked" else 0.6  # 120 draws; propensity meets margins on average
    assert shares.std() == pytest.approx(expected, rel=tolerance)
    again = weights.draws(np.random.default_rng(1), 120, features.index, clusters)
    assert np.array_equal(draws, again)


def test_study_file_says_which_weights(company: SilentCompany) -> None:
    assert study_weights(company.study()) is None
    assert study_weights(company.study(weights="raked")).name == "raked"  # type: ignore[union-attr]
    weights = study_weights(company.study(weights="propensity"))
    assert weights is not None
    assert weights.name == "propensity"
    assert set(weights.traits) == {"region", "value", "contacted"}


def test_weights_that_are_estimated_need_no_column_of_the_surveys(company: SilentCompany) -> None:
    plain = build_features(company.study())
    assert build_features(company.study(weights="raked")).equals(plain)


def test_without_anyone_silent_there_is_nothing_to_weight_by(company: SilentCompany) -> None:
    study = company.study("customers", "surveys.invited_at")
    with pytest.raises(ModelError, match=r"Add \[tables.customers\], or map"):
        response_weights(study)
    with pytest.raises(ModelError, match="nothing to weight by"):
        response_weights(company.study("customers", "tickets"))
    with pytest.raises(ModelError, match="no weights 'rake'"):
        response_weights(company.study(), "rake")  # type: ignore[arg-type]
