"""The same features and figures in pandas, as most analysts would write them: merge, filter, group.

No loops over rows and no needless copies, but whole tables in memory and text ids.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tests.bench import scale_figures
from tests.bench.scale_figures import Figures

DAY_US = 86_400_000_000
LOOKBACK, REPEAT = 90 * DAY_US, 7 * DAY_US
STAGES = ("service", "discovery", "purchase", "use", "advocacy")
CONTACT = (
    *("first_reply_hours", "queue_wait_minutes", "handle_minutes"),
    *("resolved_first", "transfers", "contact_csat"),
)


def frame(folder: Path) -> pd.DataFrame:
    """The columns of `build_features`, sorted by answer."""
    answers = pd.read_parquet(folder / "surveys.parquet").drop(columns="invited_at")
    answers = answers[answers["responded_at"].notna()]
    who = answers[["response_id", "customer_id", "responded_at"]]
    tickets = handled(pd.read_parquet(folder / "tickets.parquet"))
    raw = answers.set_index("response_id")
    raw = raw.join(_contacts(who, tickets)).join(_issues(who, tickets))
    raw = raw.join(_stages(who, pd.read_parquet(folder / "journeys.parquet")))
    return _coded(raw.sort_index().reset_index())


def handled(tickets: pd.DataFrame) -> pd.DataFrame:
    """Contacts with the moments at which somebody had handled them, and they were over."""
    wait = (tickets["queue_wait_seconds"] * 1e6).round()
    taken = tickets["opened_at"] + wait.fillna(0)
    seconds = tickets["talk_seconds"] + tickets["hold_seconds"] + tickets["wrap_seconds"]
    signs = tickets[["first_replied_at", "solved_at"]]
    signs = signs.assign(talked=taken.where(tickets["talk_seconds"] > 0))
    over = taken + (seconds * 1e6).round().fillna(0)
    return tickets.assign(
        queue_ended_at=tickets["opened_at"] + wait,
        handled_at=signs.min(axis=1).where(~tickets["abandoned"]),
        ended_at=tickets["solved_at"].fillna(over),
        seconds=seconds,
    )


def _contacts(who: pd.DataFrame, tickets: pd.DataFrame) -> pd.DataFrame:
    pairs = _before(who, tickets, "opened_at")
    then = pairs["responded_at"]
    answered = pairs["handled_at"] < then
    ended = answered & (pairs["ended_at"] < then)
    hours = (pairs["first_replied_at"] - pairs["opened_at"]) / 3.6e9
    figures = pd.DataFrame(
        {
            "response_id": pairs["response_id"],
            "answered": answered.astype(float),
            "first_reply_hours": hours.where(answered & (pairs["first_replied_at"] < then)),
            "queue_wait_minutes": (pairs["queue_wait_seconds"] / 60).where(
                pairs["queue_ended_at"] < then
            ),
            "handle_minutes": (pairs["seconds"] / 60).where(ended & (pairs["seconds"] > 0)),
            "transfers": pairs["transfers"].where(ended),
            "contact_csat": pairs["csat"].where(ended),
        }
    )
    groups = figures.groupby("response_id")
    means = groups.mean().assign(answered=groups["answered"].max())
    return means.assign(contacts=groups.size().astype(float))


def _before(who: pd.DataFrame, records: pd.DataFrame, at: str) -> pd.DataFrame:
    pairs = who.merge(records, on="customer_id")
    gap = pairs["responded_at"] - pairs[at]
    return pairs[(gap > 0) & (gap <= LOOKBACK)]


def _issues(who: pd.DataFrame, tickets: pd.DataFrame) -> pd.DataFrame:
    matter = ["customer_id", "reason"]
    steps = tickets.groupby([*matter, "opened_at"], as_index=False)["handled_at"].min()
    steps = steps.sort_values([*matter, "opened_at"])
    opened = steps.groupby(matter)["opened_at"]
    steps["begins"] = opened.diff() > REPEAT
    steps["next_at"] = opened.shift(-1)
    steps["part"] = steps.groupby(matter)["begins"].cumsum()
    pairs = who.merge(steps, on="customer_id")
    then = pairs["responded_at"]
    pairs = pairs[(pairs["opened_at"] < then) & (pairs["handled_at"] < then)]
    issue = ["response_id", "responded_at", "reason", "part"]
    first = pairs.groupby(issue)[["opened_at", "next_at"]].min().reset_index()
    then, begun, following = first["responded_at"], first["opened_at"], first["next_at"]
    inside = begun >= then - LOOKBACK
    repeated = (following <= begun + REPEAT) & (following < then)
    matured = begun + REPEAT < then
    states = pd.DataFrame(
        {
            "response_id": first["response_id"],
            "resolved_first": np.where(repeated, 0.0, np.where(matured, 1.0, np.nan)),
            "resolved_first_open_days": ((then - begun) / DAY_US).where(~repeated & ~matured),
        }
    )
    return states[inside].groupby("response_id").mean()


def _stages(who: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    pairs = _before(who, events, "occurred_at")
    then, promised = pairs["responded_at"], pairs["promised_at"]
    fulfilled = pairs["fulfilled_at"].where(pairs["fulfilled_at"] < then)
    due = (promised < then) | fulfilled.notna()
    figures = pd.DataFrame(
        {
            "response_id": pairs["response_id"],
            "stage": pairs["stage"].mask(pairs["channel"] == "phone", "service"),
            "rating": pairs["rating"],
            "promised": promised.notna().astype(float),
            "late_days": ((fulfilled.fillna(then) - promised) / DAY_US).clip(lower=0).where(due),
        }
    )
    groups = figures.groupby(["response_id", "stage"])
    by_stage = groups.mean().assign(promised=groups["promised"].max(), touched=1.0)
    wide = by_stage.unstack("stage")
    wide.columns = [f"{stage}_{name}" for name, stage in wide.columns]
    return wide


def _coded(raw: pd.DataFrame) -> pd.DataFrame:
    known = {"contacts": "contacted"} | {name: f"{name}_known" for name in CONTACT}
    known |= {f"{stage}_rating": f"{stage}_rated" for stage in STAGES}
    known |= {f"{stage}_late_days": f"{stage}_due" for stage in STAGES}
    coded = {}
    for name, indicator in known.items():
        coded[indicator] = raw[name].notna().astype(float)
        coded[name] = (raw[name] - raw[name].mean()).fillna(0.0)
    plain = ["answered", "resolved_first_open_days"]
    plain += [f"{stage}_{name}" for stage in STAGES for name in ("touched", "promised")]
    rows = raw[["response_id", "customer_id", "overall_satisfaction", "nps", "ces"]]
    rows = rows.assign(
        responded_at=pd.to_datetime(raw["responded_at"].astype("int64"), unit="us", utc=True)
    )
    return rows.join(pd.DataFrame(coded)).join(raw[plain].fillna(0.0))


# --- figures -------------------------------------------------------------------------------


def service(folder: Path) -> Figures:
    """The main figures of service."""
    tickets = handled(pd.read_parquet(folder / "tickets.parquet"))
    done, gone, wait = (
        tickets["handled_at"].notna(),
        tickets["abandoned"],
        tickets["queue_wait_seconds"],
    )
    short = gone & (wait < scale_figures.SHORT_SECONDS)
    seconds, rating = tickets["seconds"], tickets["csat"].dropna()
    handle, waited = seconds[done & (seconds > 0)], wait[done & wait.notna()]
    any_issues, _, any_resolved = _resolution(tickets, ["customer_id"])
    issues, young, resolved = _resolution(tickets, ["customer_id", "reason"])
    last = tickets[["opened_at", "first_replied_at", "solved_at"]].max().max()
    kept = tickets[~gone]
    micros = kept["first_replied_at"].fillna(last) - kept["opened_at"]
    replied = kept["first_replied_at"].notna()
    sums = {
        "gone": (gone & ~short).sum(),
        "offered": (~short).sum(),
        "rated": len(rating),
        "satisfied": rating.between(4, 5).sum(),
        **_spread("handle", handle),
        "handle_unknown": (done & seconds.isna()).sum(),
        **_spread("wait", waited),
        "wait_longest": waited.max(),
        "wait_unknown": wait.isna().sum(),
        "issues": issues,
        "young": young,
        "resolved": resolved,
        "any_issues": any_issues,
        "any_resolved": any_resolved,
    }
    replies = scale_figures.replies(micros.to_numpy(float), replied.to_numpy(bool))
    return scale_figures.service(sums, replies)


def _spread(name: str, values: pd.Series[float]) -> dict[str, float]:
    return {
        f"{name}_n": len(values),
        f"{name}_mean": values.mean(),
        f"{name}_std": values.std(),
        f"{name}_median": values.median(),
        f"{name}_p90": values.quantile(0.9),
    }


def _resolution(tickets: pd.DataFrame, matter: list[str]) -> tuple[int, int, int]:
    rows = tickets[[*matter, "opened_at", "handled_at"]].sort_values([*matter, "opened_at"])
    rows["begins"] = rows.groupby(matter)["opened_at"].diff() > REPEAT
    rows["run"] = rows.groupby(matter)["begins"].cumsum()
    rows["first"] = rows["opened_at"].where(rows["handled_at"].notna())
    issues = rows.groupby([*matter, "run"]).agg(
        since=("opened_at", "min"), until=("opened_at", "max"), first=("first", "min")
    )
    seen = issues["since"] >= issues["since"].min() + REPEAT
    old = issues["first"] <= issues["until"].max() - REPEAT
    counted, young = issues[seen & old], seen & ~old & issues["first"].notna()
    return len(counted), int(young.sum()), int((counted["first"] == counted["until"]).sum())


def experience(folder: Path) -> Figures:
    """The figures of experience."""
    surveys = pd.read_parquet(folder / "surveys.parquet")
    answers = surveys[surveys["responded_at"].notna()]
    nps, ces = answers["nps"].dropna(), answers["ces"].dropna()
    overall = answers["overall_satisfaction"].dropna()
    return scale_figures.experience(
        {
            "promoters": (nps >= 9).sum(),
            "detractors": (nps <= 6).sum(),
            "nps_n": len(nps),
            "ces_mean": ces.mean(),
            "ces_n": len(ces),
            "overall_mean": overall.mean(),
            "overall_n": len(overall),
            "returned": answers["invited_at"].notna().sum(),
            "invited": surveys["invited_at"].notna().sum(),
        }
    )


def journey(folder: Path) -> Figures:
    """The journey map."""
    events = pd.read_parquet(
        folder / "journeys.parquet", columns=["stage", "customer_id", "rating"]
    )
    events["best"] = events["rating"] == scale_figures.BEST
    each = events.groupby(["stage", "customer_id"]).agg(
        c=("rating", "size"), n=("rating", "count"), s=("rating", "sum"), t=("best", "sum")
    )
    each = each.astype(float)
    products = {"cc": ("c", "c"), "cn": ("c", "n"), "nn": ("n", "n"), "ns": ("n", "s")}
    products |= {"ss": ("s", "s"), "nt": ("n", "t"), "tt": ("t", "t")}
    for name, (one, other) in products.items():
        each[name] = each[one] * each[other]
    each["customers"], each["raters"] = 1.0, (each["n"] > 0).astype(float)
    return scale_figures.journey(each.groupby("stage").sum())


def match(folder: Path) -> Figures:
    """Customers of one table found in another."""
    names = {name for pair in scale_figures.LOOKUPS for name in pair}
    known = {
        name: pd.read_parquet(folder / f"{name}.parquet", columns=["customer_id"])["customer_id"]
        .dropna()
        .drop_duplicates()
        for name in names
    }
    found: Figures = {}
    for left, right in scale_figures.LOOKUPS:
        matched = known[left].isin(known[right]).sum()
        found |= {f"{left} in {right} n": len(known[left]), f"{left} in {right} matched": matched}
    return found
