"""The contracts of the four tables, as data: columns, their kinds, and rules between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "time", "number", "duration", "score", "flag", "category", "text"]


@dataclass(frozen=True)
class ColumnContract:
    """One column: what it holds, whether a row can be without it, and its allowed range.

    ``low`` and ``high`` bound numbers and scores (both included); the study file may declare
    another scale. Durations are seconds, times are microseconds since 1970 in UTC.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class OrderRule:
    """``later`` must not lie before ``earlier`` in the same row."""

    earlier: str
    later: str

    @property
    def name(self) -> str:
        """The rule in words, as rejects and reports print it."""
        return f"{self.later} before {self.earlier}"


@dataclass(frozen=True)
class TableContract:
    """A table: its row, its key (unique) and the rules its rows keep."""

    name: str
    row: str
    key: str
    columns: tuple[ColumnContract, ...]
    rules: tuple[OrderRule, ...] = ()

    def column(self, name: str) -> ColumnContract | None:
        """The contract of a column; None where the column is an extra one."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns of the contract."""
        return tuple(column.name for column in self.columns)


C = ColumnContract

JOURNEYS = TableContract(
    name="journeys",
    row="one event of a customer's journey",
    key="event_id",
    columns=(
        C("event_id", "id", "number of the event; made from file and line where absent"),
        C("customer_id", "id", "whose event it is", required=True),
        C("occurred_at", "time", "when it happened", required=True),
        C("stage", "category", "stage of the journey", required=True),
        C("touchpoint", "category", "where the customer met the company"),
        C("channel", "category", "store, web, phone and so on"),
        C("initiator", "category", "customer or company"),
        C("influence", "category", "direct or indirect"),
        C("rating", "score", "the customer's rating of this event", low=1, high=5),
        C("effort", "score", "the customer's effort in this event", low=1, high=7),
        C("promised_at", "time", "first promised moment of fulfilment"),
        C("repromised_at", "time", "latest promised moment, where it is no longer the first"),
        C("fulfilled_at", "time", "when the promise was fulfilled; empty while open"),
        C("cancelled_at", "time", "when it was called off; empty where it was not"),
        C("deadline_at", "time", "when the customer needs it, if that is another moment"),
        C("planned_quantity", "number", "visits or parts planned", low=0),
        C("actual_quantity", "number", "visits or parts it took", low=0),
        C("possible_seconds", "duration", "time it takes at best", low=0),
        C("taken_seconds", "duration", "time it took the customer", low=0),
        C("staff_load", "number", "customers or tables that each member of staff had", low=0),
        C("value", "number", "money value of the event"),
        C("expected_value", "number", "money value that the customer expected"),
        C("role", "category", "who acted for the company"),
        C("comment", "text", "the customer's words"),
        C("shared_publicly", "flag", "the customer told it in public"),
        C("reach", "number", "how many people could read it there", low=0),
    ),
)

TICKETS = TableContract(
    name="tickets",
    row="one attempt to contact the company; issue_id groups attempts",
    key="ticket_id",
    columns=(
        C("ticket_id", "id", "number of the contact; made from file and line where absent"),
        C("issue_id", "id", "the matter that contacts belong to"),
        C("customer_id", "id", "who contacted; empty where unknown"),
        C("opened_at", "time", "start of the contact", required=True),
        C("first_replied_at", "time", "first reply by a person"),
        C("solved_at", "time", "when it was solved; empty while open"),
        C("talk_seconds", "duration", "talking or writing with the customer", low=0),
        C("hold_seconds", "duration", "customer on hold", low=0),
        C("wrap_seconds", "duration", "work after the contact", low=0),
        C("queue_wait_seconds", "duration", "waiting in the queue only", low=0),
        C("requester_wait_seconds", "duration", "all waiting by the customer", low=0),
        C("abandoned", "flag", "the customer gave up before an answer"),
        C("transfers", "number", "hand-overs between people or teams", low=0),
        C("escalated", "flag", "passed to a supervisor or a higher level"),
        C("channel", "category", "phone, chat, e-mail and so on"),
        C("reason", "category", "why the customer made contact"),
        C("initiator", "category", "customer or company"),
        C("replies", "number", "replies by the company", low=0),
        C("reopens", "number", "times it was opened again", low=0),
        C("sla_met", "flag", "answered or solved within the agreed time"),
        C("policy_kept", "flag", "handled as the company's own rules say"),
        C("csat", "score", "rating of this contact", low=1, high=5),
        C("team", "category", "team that handled it"),
        C("reply_seconds_vendor", "duration", "time to the first reply as the vendor counts it"),
        C("solve_seconds_vendor", "duration", "time to the solution as the vendor counts it"),
        C("handle_seconds_vendor", "duration", "handling time as the vendor counts it"),
    ),
    rules=(
        OrderRule("opened_at", "first_replied_at"),
        OrderRule("opened_at", "solved_at"),
    ),
)

SURVEYS = TableContract(
    name="surveys",
    row="one invitation to a survey, answered or not",
    key="response_id",
    columns=(
        C("response_id", "id", "number of the response; made from file and line where absent"),
        C("customer_id", "id", "who was asked; empty where unknown"),
        C("invited_at", "time", "when the invitation went out"),
        C("responded_at", "time", "when it was answered; empty = unanswered invitation"),
        C("kind", "category", "relational or transactional"),
        C("touchpoint", "category", "what a transactional survey is about"),
        C("overall_satisfaction", "score", "satisfaction with everything", low=1, high=5),
        C("csat", "score", "satisfaction with one thing", low=1, high=5),
        C("nps", "score", "likelihood to recommend", low=0, high=10),
        C("ces", "score", "made it easy (2.0): higher is easier", low=1, high=7),
        C("ces_effort", "score", "how much effort it took (1.0): lower is easier", low=1, high=5),
        C("met_expectations", "score", "how far expectations were met", low=1, high=10),
        C("near_ideal", "score", "how near to the ideal", low=1, high=10),
        C("rated_effectiveness", "score", "it met the need", low=1, high=5),
        C("rated_ease", "score", "it was easy", low=1, high=5),
        C("rated_emotion", "score", "it felt good", low=1, high=5),
        C("comment", "text", "the customer's words"),
        C("replied_at", "time", "when the company answered the feedback"),
        C("acted_at", "time", "when something was changed because of it"),
        C("told_at", "time", "when the customer was told of the change"),
        C("weight", "number", "survey weight", low=0),
    ),
    rules=(
        OrderRule("invited_at", "responded_at"),
        OrderRule("responded_at", "replied_at"),
    ),
)

CUSTOMERS = TableContract(
    name="customers",
    row="one customer",
    key="customer_id",
    columns=(
        C("customer_id", "id", "the customer", required=True),
        C("active_from", "time", "first day as a customer"),
        C("active_to", "time", "last day as a customer; empty while active"),
        C("value", "number", "money value of the customer"),
        C("preferred_channel", "category", "channel that the customer would rather use"),
        C("referred_by", "id", "the customer who recommended the company"),
    ),
    rules=(OrderRule("active_from", "active_to"),),
)

# When a row of a table happened; customers have no such moment.
CLOCKS = {"surveys": "responded_at", "tickets": "opened_at", "journeys": "occurred_at"}

CONTRACTS: dict[str, TableContract] = {
    table.name: table for table in (JOURNEYS, TICKETS, SURVEYS, CUSTOMERS)
}
