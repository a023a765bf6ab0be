"""A report says what changed since the one on the period before, so it waits for that one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cxanalysis.batch.jobs import Job
from cxanalysis.batch.work import Order
from cxanalysis.periods import parse_period


def in_turn(orders: Sequence[Order]) -> tuple[list[Order], dict[Job, Order]]:
    """Orders that can begin at once, and by job the order that waits for it.

    An order waits where the same notebook on the same segment and the period before is ordered.
    """
    ordered = {order.job for order in orders}
    at_once: list[Order] = []
    after: dict[Job, Order] = {}
    for order in orders:
        period = parse_period(order.job.period)
        before = period and replace(order.job, period=period.previous().label)
        if before in ordered:
            after[before] = order
        else:
            at_once.append(order)
    return at_once, after
