"""The same features and figures in DuckDB's SQL, as somebody who knows it would write them.

Integer keys for answers, the lookback inside the join, repeats by window functions over attempts
rather than pairs, one aggregate by answer and stage that is spread afterwards.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from tests.bench import scale_figures
from tests.bench.scale_figures import Figures

DAY_US = 86_400_000_000
LOOKBACK, REPEAT = 90 * DAY_US, 7 * DAY_US
STAGES = ("service", "discovery", "purchase", "use", "advocacy")
CONTACT = ("first_reply_hours", "queue_wait_minutes", "handle_minutes", "resolved_first")
CONTACT = (*CONTACT, "transfers", "contact_csat")

ANSWERS = """
CREATE TEMP TABLE answers AS
SELECT row_number() OVER () AS n, responded_at - {lookback} AS since, * EXCLUDE (invited_at)
FROM read_parquet('{folder}/surveys.parquet') WHERE responded_at IS NOT NULL
"""
CONTACTS = """
CREATE TEMP TABLE contacts AS
WITH tickets AS (
    SELECT *,
        opened_at + round(coalesce(queue_wait_seconds, 0) * 1e6)::BIGINT AS taken_at,
        opened_at + round(queue_wait_seconds * 1e6)::BIGINT AS queue_ended_at,
        talk_seconds + hold_seconds + wrap_seconds AS seconds,
    FROM read_parquet('{folder}/tickets.parquet')
), moments AS (
    SELECT *,
        CASE WHEN NOT abandoned THEN
            least(first_replied_at, solved_at, CASE WHEN talk_seconds > 0 THEN taken_at END)
        END AS handled_at,
        coalesce(solved_at, taken_at + round(coalesce(seconds, 0) * 1e6)::BIGINT) AS ended_at,
    FROM tickets
), pairs AS (
    SELECT *, handled_at < responded_at AS answered,
        handled_at < responded_at AND ended_at < responded_at AS ended,
    FROM moments JOIN answers USING (customer_id)
    WHERE opened_at < responded_at AND opened_at >= since
)
SELECT n, count(*) AS contacts, bool_or(coalesce(answered, false))::INT AS answered,
    avg((first_replied_at - opened_at) / 3.6e9)
        FILTER (answered AND first_replied_at < responded_at) AS first_reply_hours,
    avg(queue_wait_seconds / 60) FILTER (queue_ended_at < responded_at) AS queue_wait_minutes,
    avg(seconds / 60) FILTER (ended AND seconds > 0) AS handle_minutes,
    avg(transfers) FILTER (ended) AS transfers,
    avg(csat) FILTER (ended) AS contact_csat,
FROM pairs GROUP BY n
"""
ISSUES = """
CREATE TEMP TABLE issues AS
WITH attempts AS (
    SELECT customer_id, reason, opened_at,
        CASE WHEN NOT abandoned THEN least(first_replied_at, solved_at,
            CASE WHEN talk_seconds > 0
            THEN opened_at + round(coalesce(queue_wait_seconds, 0) * 1e6)::BIGINT END)
        END AS handled_at,
    FROM read_parquet('{folder}/tickets.parquet')
    SEMI JOIN answers USING (customer_id)
), steps AS (
    SELECT customer_id, reason, opened_at, min(handled_at) AS handled_at
    FROM attempts GROUP BY ALL
), gaps AS (
    SELECT *, opened_at - lag(opened_at) OVER w > {repeat} AS begins,
        lead(opened_at) OVER w AS next_at,
    FROM steps WINDOW w AS (PARTITION BY customer_id, reason ORDER BY opened_at)
), parts AS (
    SELECT *, count(*) FILTER (begins)
        OVER (PARTITION BY customer_id, reason ORDER BY opened_at) AS part,
    FROM gaps
), firsts AS (
    SELECT n, responded_at, min(opened_at) AS first_at, min(next_at) AS next_at
    FROM parts JOIN answers USING (customer_id)
    WHERE handled_at < responded_at AND opened_at < responded_at
    GROUP BY n, responded_at, reason, part
), states AS (
    SELECT *, next_at <= first_at + {repeat} AND next_at < responded_at AS repeated,
        first_at + {repeat} < responded_at AS matured,
    FROM firsts WHERE first_at >= responded_at - {lookback}
)
SELECT n, avg(CASE WHEN repeated THEN 0.0 WHEN matured THEN 1.0 END) AS resolved_first,
    avg(CASE WHEN NOT coalesce(repeated, false) AND NOT matured
        THEN (responded_at - first_at) / {day} END) AS resolved_first_open_days,
FROM states GROUP BY n
"""
STAGES_SQL = """
CREATE TEMP TABLE stages AS
WITH pairs AS (
    SELECT n, rating, promised_at, responded_at,
        CASE WHEN channel = 'phone' THEN 'service' ELSE stage END AS stage,
        CASE WHEN fulfilled_at < responded_at THEN fulfilled_at END AS fulfilled_at,
    FROM read_parquet('{folder}/journeys.parquet') JOIN answers USING (customer_id)
    WHERE occurred_at < responded_at AND occurred_at >= since
), by_stage AS (
    SELECT n, stage, avg(rating) AS rating, bool_or(promised_at IS NOT NULL)::INT AS promised,
        avg(greatest(0, coalesce(fulfilled_at, responded_at) - promised_at) / {day})
            FILTER (promised_at < responded_at OR fulfilled_at IS NOT NULL) AS late_days,
    FROM pairs GROUP BY n, stage
)
SELECT n, {spread} FROM by_stage GROUP BY n
"""
FIGURES = ("touched", "rating", "promised", "late_days")


def connect(memory_limit: str | None) -> duckdb.DuckDBPyConnection:
    """Two threads and the memory that the package has too."""
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    connection.execute("SET preserve_insertion_order = false")
    if memory_limit is not None:
        connection.execute("SET memory_limit = ?", [memory_limit])
    return connection


def features(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """The columns of `build_features` as a table ``raw`` and a view ``features`` on it."""
    touched = "max(1) FILTER (stage = '{0}') AS {0}_touched"
    column = "max({1}) FILTER (stage = '{0}') AS {0}_{1}"
    spread = [touched.format(stage) for stage in STAGES]
    spread += [column.format(stage, name) for stage in STAGES for name in FIGURES[1:]]
    given = {"folder": folder, "lookback": LOOKBACK, "repeat": REPEAT, "day": f"{DAY_US}.0"}
    for query in (ANSWERS, CONTACTS, ISSUES, STAGES_SQL):
        connection.execute(query.format(**given, spread=", ".join(spread)))
    connection.execute(
        "CREATE TEMP TABLE raw AS SELECT * EXCLUDE (n, since) FROM answers "
        "LEFT JOIN contacts USING (n) LEFT JOIN issues USING (n) LEFT JOIN stages USING (n)"
    )
    for name in ("contacts", "issues", "stages", "answers"):
        connection.execute(f"DROP TABLE {name}")
    known = {"contacts": "contacted"} | {name: f"{name}_known" for name in CONTACT}
    known |= {f"{stage}_rating": f"{stage}_rated" for stage in STAGES}
    known |= {f"{stage}_late_days": f"{stage}_due" for stage in STAGES}
    means = connection.sql(f"SELECT {', '.join(f'avg({name})' for name in known)} FROM raw")
    coded = [
        f"({name} IS NOT NULL)::DOUBLE AS {indicator}, "
        f"coalesce({name} - {mean!r}::DOUBLE, 0) AS {name}"
        for (name, indicator), mean in zip(known.items(), means.fetchall()[0], strict=True)
    ]
    plain = ["answered", "resolved_first_open_days"]
    plain += [f"{stage}_{name}" for stage in STAGES for name in ("touched", "promised")]
    coded += [f"coalesce({name}, 0)::DOUBLE AS {name}" for name in plain]
    connection.execute(
        "CREATE TEMP VIEW features AS SELECT response_id, customer_id, "
        "make_timestamptz(responded_at) AS responded_at, "
        f"overall_satisfaction, nps, ces, {', '.join(coded)} FROM raw"
    )


def frame(connection: duckdb.DuckDBPyConnection, folder: Path) -> pd.DataFrame:
    """The features as pandas, sorted by answer."""
    features(connection, folder)
    return connection.sql("FROM features ORDER BY response_id").to_arrow_table().to_pandas()


def sums(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Sums of the columns of the features, and of their squares."""
    given = connection.sql(
        "SELECT * EXCLUDE (response_id, customer_id, responded_at) FROM features"
    )
    names = given.columns
    asked = [f"sum({name})" for name in names] + [f"sum({name} * {name})" for name in names]
    row = given.aggregate(", ".join(asked)).fetchall()[0]
    return dict(zip([*names, *(f"{name} squared" for name in names)], row, strict=True))


# --- figures -------------------------------------------------------------------------------

MATTERS = {"": "customer_id, reason", "any_": "customer_id"}
TICKETS = """
SELECT count(*) FILTER (abandoned AND NOT short) AS gone,
    count(*) FILTER (abandoned IS NOT NULL AND NOT short) AS offered,
    count(csat) AS rated, count(*) FILTER (csat BETWEEN 4 AND 5) AS satisfied,
    count(handle) AS handle_n, avg(handle) AS handle_mean, stddev_samp(handle) AS handle_std,
    quantile_cont(handle, [0.5, 0.9]) AS handle_at,
    count(*) FILTER (handled AND seconds IS NULL) AS handle_unknown,
    count(wait) AS wait_n, avg(wait) AS wait_mean, stddev_samp(wait) AS wait_std,
    quantile_cont(wait, [0.5, 0.9]) AS wait_at, max(wait) AS wait_longest,
    count(*) FILTER (queue_wait_seconds IS NULL) AS wait_unknown,
FROM (
    SELECT *, coalesce(abandoned AND queue_wait_seconds < {short}, false) AS short,
        CASE WHEN handled AND seconds > 0 THEN seconds END AS handle,
        CASE WHEN handled THEN queue_wait_seconds END AS wait,
    FROM (
        SELECT *, talk_seconds + hold_seconds + wrap_seconds AS seconds,
            NOT abandoned AND (first_replied_at IS NOT NULL OR solved_at IS NOT NULL
                OR coalesce(talk_seconds > 0, false)) AS handled,
        FROM read_parquet('{folder}/tickets.parquet')
    )
)
"""
RESOLUTION = """
WITH attempts AS (
    SELECT {matter}, opened_at,
        NOT abandoned AND (first_replied_at IS NOT NULL OR solved_at IS NOT NULL
            OR coalesce(talk_seconds > 0, false)) AS handled,
        opened_at - lag(opened_at) OVER w > {repeat} AS begins,
    FROM read_parquet('{folder}/tickets.parquet') WHERE customer_id IS NOT NULL
    WINDOW w AS (PARTITION BY {matter} ORDER BY opened_at)
), runs AS (
    SELECT *, count(*) FILTER (begins) OVER (
        PARTITION BY {matter} ORDER BY opened_at) AS run,
    FROM attempts
), issues AS (
    SELECT min(opened_at) AS since, max(opened_at) AS until,
        min(opened_at) FILTER (handled) AS first,
    FROM runs GROUP BY {matter}, run
), ends AS (SELECT min(since) AS lowest, max(until) AS highest FROM issues)
SELECT count(*) FILTER (old) AS {kind}issues, count(*) FILTER (NOT old) AS {kind}young,
    count(*) FILTER (old AND first = until) AS {kind}resolved,
FROM (SELECT *, first <= highest - {repeat} AS old FROM issues, ends
    WHERE since >= lowest + {repeat} AND first IS NOT NULL)
"""
REPLIES = """
WITH tickets AS (FROM read_parquet('{folder}/tickets.parquet')),
last AS (SELECT greatest(max(opened_at), max(first_replied_at), max(solved_at)) AS at
    FROM tickets)
SELECT (coalesce(first_replied_at, last.at) - opened_at)::DOUBLE AS wait,
    first_replied_at IS NOT NULL AS replied
FROM tickets, last WHERE NOT coalesce(abandoned, false)
"""
ANSWERED = """
SELECT count(nps) FILTER (answered) AS nps_n,
    count(*) FILTER (answered AND nps >= 9) AS promoters,
    count(*) FILTER (answered AND nps <= 6) AS detractors,
    count(ces) FILTER (answered) AS ces_n, avg(ces) FILTER (answered) AS ces_mean,
    count(overall_satisfaction) FILTER (answered) AS overall_n,
    avg(overall_satisfaction) FILTER (answered) AS overall_mean,
    count(invited_at) AS invited, count(*) FILTER (answered AND invited_at IS NOT NULL) AS returned,
FROM (
    SELECT *, responded_at IS NOT NULL AS answered FROM read_parquet('{folder}/surveys.parquet')
)
"""
TOUCHES = """
WITH each AS (
    SELECT stage, customer_id, count(*)::DOUBLE AS c, count(rating)::DOUBLE AS n,
        coalesce(sum(rating), 0) AS s, count(*) FILTER (rating = {best})::DOUBLE AS t,
    FROM read_parquet('{folder}/journeys.parquet') GROUP BY stage, customer_id
)
SELECT stage, sum(c) AS c, count(*) AS customers, sum(n) AS n, sum(s) AS s, sum(t) AS t,
    sum(c * c) AS cc, sum(c * n) AS cn, sum(n * n) AS nn, sum(n * s) AS ns, sum(s * s) AS ss,
    sum(n * t) AS nt, sum(t * t) AS tt, count(*) FILTER (n > 0) AS raters,
FROM each GROUP BY stage
"""
MATCHED = """
SELECT count(*) AS n, count(*) FILTER (EXISTS (
    FROM read_parquet('{folder}/{right}.parquet') AS r WHERE r.customer_id = l.customer_id
)) AS matched
FROM (SELECT DISTINCT customer_id FROM read_parquet('{folder}/{left}.parquet')) AS l
"""


def service(connection: duckdb.DuckDBPyConnection, folder: Path) -> Figures:
    """The main figures of service."""
    given = {"folder": folder, "repeat": REPEAT, "short": scale_figures.SHORT_SECONDS}
    sums = connection.sql(TICKETS.format(**given)).df().iloc[0].to_dict()
    for name in ("handle", "wait"):
        sums[f"{name}_median"], sums[f"{name}_p90"] = sums[f"{name}_at"]
    for kind, matter in MATTERS.items():
        query = RESOLUTION.format(**given, kind=kind, matter=matter)
        sums |= connection.sql(query).df().iloc[0].to_dict()
    waits = connection.sql(REPLIES.format(**given)).fetchnumpy()
    replies = scale_figures.replies(np.asarray(waits["wait"]), np.asarray(waits["replied"]))
    return scale_figures.service(sums, replies)


def experience(connection: duckdb.DuckDBPyConnection, folder: Path) -> Figures:
    """The figures of experience."""
    return scale_figures.experience(
        connection.sql(ANSWERED.format(folder=folder)).df().iloc[0].to_dict()
    )


def journey(connection: duckdb.DuckDBPyConnection, folder: Path) -> Figures:
    """The journey map."""
    query = TOUCHES.format(folder=folder, best=scale_figures.BEST)
    return scale_figures.journey(connection.sql(query).df().set_index("stage"))


def match(connection: duckdb.DuckDBPyConnection, folder: Path) -> Figures:
    """Customers of one table found in another."""
    found: Figures = {}
    for left, right in scale_figures.LOOKUPS:
        query = MATCHED.format(folder=folder, left=left, right=right)
        n, matched = connection.sql(query).fetchall()[0]
        found |= {f"{left} in {right} n": n, f"{left} in {right} matched": matched}
    return found
