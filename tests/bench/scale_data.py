"""Tables of any size in the form of the cache: Parquet files, made in chunks from a seed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

SECOND_US = 1_000_000
DAY = 86_400
FIRST = 1_735_689_600  # 2025-01-01 in seconds, UTC
SECONDS = 365 * DAY
CHUNK = 1_000_000
GROUP_ROWS = 122_880  # rows of a row group, as DuckDB writes them
HOT_SHARE = 0.01

STAGES = ("discovery", "purchase", "use", "advocacy")
TOUCHPOINTS = tuple(f"{stage} {number}" for stage in STAGES for number in (1, 2, 3, 4))
CHANNELS = ("web", "store", "email", "phone")
REASONS = ("billing", "delivery", "fault", "question", "return")

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Columns = dict[str, pa.Array]


def write_tables(folder: Path, events: int, *, hot: Collection[str] = (), seed: int = 1) -> None:
    """Write journeys, tickets and surveys for so many events.

    Per ten events there are one customer, two tickets and one answer (and a quarter as many
    invitations without one), spread over a year in no order of customers. Ids are text.

    Parameters
    ----------
    hot
        Tables of whose rows one customer, always the same, has 1 %.
    """
    folder.mkdir(parents=True, exist_ok=True)
    customers = max(events // 10, 1)
    makers: dict[str, tuple[Callable[..., Columns], int]] = {
        "journeys": (_journeys, events),
        "tickets": (_tickets, events // 5),
        "surveys": (_surveys, events // 8),
    }
    for number, (name, (make, rows)) in enumerate(makers.items()):
        rng = np.random.default_rng([seed, number])
        writer = None
        for first, n in _chunks(rows):
            who = rng.integers(0, customers, n)
            if name in hot:
                who[rng.random(n) < HOT_SHARE] = 0
            # Logs are written as things happen: each chunk covers its part of the year.
            moments = np.sort(FIRST + (first + n * rng.random(n)) / rows * SECONDS)
            table = pa.table(make(rng, _ids("c", who), moments.astype(np.int64), first))
            if writer is None:
                writer = pq.ParquetWriter(
                    folder / f"{name}.parquet", table.schema, compression="zstd"
                )
            writer.write_table(table, GROUP_ROWS)
        if writer is not None:
            writer.close()


def _chunks(rows: int) -> Iterator[tuple[int, int]]:
    for first in range(0, rows, CHUNK):
        yield first, min(CHUNK, rows - first)


def _journeys(rng: np.random.Generator, who: pa.Array, at: Ints, first: int) -> Columns:
    n = len(at)
    place = rng.choice(len(TOUCHPOINTS), n, p=_falling(len(TOUCHPOINTS)))
    promised = at + rng.integers(1, 20 * DAY, n)
    fulfilled = promised + rng.normal(0, 3 * DAY, n).astype(np.int64)
    is_promise = rng.random(n) < 0.15
    done = is_promise & (rng.random(n) < 0.9)
    return {
        "event_id": _ids("e", np.arange(first, first + n)),
        "customer_id": who,
        "occurred_at": _instants(at),
        "stage": _words(STAGES, place // 4),
        "touchpoint": _words(TOUCHPOINTS, place),
        "channel": _words(CHANNELS, rng.choice(len(CHANNELS), n, p=(0.5, 0.25, 0.15, 0.1))),
        "rating": _some(rng.integers(1, 6, n).astype(float), rng.random(n) < 0.3),
        "promised_at": _instants(promised, is_promise),
        "fulfilled_at": _instants(np.maximum(fulfilled, at), done),
    }


def _tickets(rng: np.random.Generator, who: pa.Array, at: Ints, first: int) -> Columns:
    n = len(at)
    channel = rng.choice(len(CHANNELS), n)
    in_queue = CHANNELS.index("phone") == channel
    gone = rng.random(n) < 0.08
    replied = ~gone & (rng.random(n) < 0.93)
    solved = replied & (rng.random(n) < 0.9)
    reply = at + rng.exponential(6 * 3600, n).astype(np.int64)
    talked = ~gone & (rng.random(n) < 0.95)
    return {
        "ticket_id": _ids("t", np.arange(first, first + n)),
        "customer_id": who,
        "opened_at": _instants(at),
        "first_replied_at": _instants(reply, replied),
        "solved_at": _instants(reply + rng.exponential(2 * DAY, n).astype(np.int64), solved),
        "talk_seconds": _some(np.round(rng.gamma(2, 150, n)), talked),
        "hold_seconds": _some(np.round(rng.exponential(30, n)), talked),
        "wrap_seconds": _some(np.round(rng.exponential(60, n)), talked),
        "queue_wait_seconds": _some(np.round(rng.exponential(60, n)), in_queue),
        "abandoned": pa.array(gone),
        "transfers": pa.array(rng.poisson(0.3, n).astype(float)),
        "channel": _words(CHANNELS, channel),
        "reason": _words(REASONS, rng.choice(len(REASONS), n, p=_falling(len(REASONS)))),
        "csat": _some(rng.integers(1, 6, n).astype(float), ~gone & (rng.random(n) < 0.25)),
    }


def _surveys(rng: np.random.Generator, who: pa.Array, at: Ints, first: int) -> Columns:
    n = len(at)
    answered = rng.random(n) < 0.8
    return {
        "response_id": _ids("r", np.arange(first, first + n)),
        "customer_id": who,
        "invited_at": _instants(at),
        "responded_at": _instants(at + rng.integers(60, 7 * DAY, n), answered),
        "overall_satisfaction": _some(rng.integers(1, 6, n).astype(float), answered),
        "nps": _some(rng.integers(0, 11, n).astype(float), answered & (rng.random(n) < 0.9)),
        "ces": _some(rng.integers(1, 8, n).astype(float), answered & (rng.random(n) < 0.5)),
    }


def _falling(n: int) -> Floats:
    """Shares that fall evenly: some words are commoner than others."""
    weights = np.arange(n + 4, 4, -1, dtype=float)
    shares: Floats = weights / weights.sum()
    return shares


def _ids(letter: str, numbers: Ints) -> pa.Array:
    digits = pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), 9, "0")
    return pc.binary_join_element_wise(letter, digits, "")


def _words(words: tuple[str, ...], codes: Ints) -> pa.Array:
    return pc.take(pa.array(words), pa.array(codes))


def _instants(seconds: Ints, known: NDArray[np.bool_] | None = None) -> pa.Array:
    return pa.array(seconds * SECOND_US, mask=None if known is None else ~known)


def _some(values: Floats, known: NDArray[np.bool_]) -> pa.Array:
    return pa.array(values, mask=~known)
