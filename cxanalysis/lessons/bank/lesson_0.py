"""Lesson 0, two words: twenty events, six differences, seven faults of texts."""

from __future__ import annotations

import cxanalysis as cx
from cxanalysis.lessons.exercise import Exercise, Trap
from cxanalysis.lessons.kinds import Groups, Letters, Names, Number, Share
from cxanalysis.lessons.material import events_of_service, twenty_events

DIFFERENCES = {
    "a": "trigger",
    "b": "unit",
    "c": "view",
    "d": "horizon",
    "e": "owner",
    "f": "scope",
}
ITSELF, TRADE = "contradicts itself", "not the trade's definition"
FAULTS = {
    "A": ITSELF,
    "B": "wrong label",
    "C": ITSELF,
    "D": "dates do not add up",
    "E": "contradicts another text",
    "F": TRADE,
    "G": TRADE,
}


def _numbers() -> tuple[str, ...]:
    return tuple(map(str, twenty_events().index))


def _service() -> tuple[str, ...]:
    return tuple(map(str, events_of_service()))


def _without(event: str) -> tuple[str, ...]:
    return tuple(number for number in _service() if number != event)


def _mood(metric: str) -> float:
    moods = cx.contact_moods(cx.read_sample()).set_index("metric")
    return float(moods.loc[metric, "value"])


EXERCISES = (
    Exercise(
        "0.1",
        Names(_numbers()),
        _service,
        "Four times he turns to a person for help, and once the company replies.",
        (
            "Look for the moments in which he asks a person of the company for something.",
            "Leave out what he does alone and what the company does unasked. Look at 6, 7, 14, 15 "
            "and 17 once more: who turns to whom?",
        ),
        (
            Trap(
                lambda: _without("15"),
                "the company's reply belongs to the contact, by the rule of the question.",
            ),
            Trap(
                lambda: (*_service(), "7"),
                "the seller comes to him: nobody has turned to anybody.",
            ),
            Trap(
                lambda: (*_service(), "17"),
                "a guide is read alone; the rule asks for a person of the company.",
            ),
            Trap(
                lambda: (*_service(), "7", "17"),
                "in two of yours he does not turn to a person of the company.",
            ),
        ),
    ),
    Exercise(
        "0.2",
        Number("events"),
        lambda: len(twenty_events()),
        "Whatever a customer perceives of a company is experience, service included.",
        (
            "Is there anything in the list that he does not perceive?",
            "Ask of each event: could it change what he thinks of the shop? Service counts, too.",
        ),
        (
            Trap(
                lambda: len(twenty_events()) - len(_service()),
                "you have taken service out, but service is a part of experience.",
            ),
            Trap(
                lambda: int((twenty_events()["began"] != "others").sum()),
                "neighbours and strangers shape it, too, though the shop does not pay them.",
            ),
        ),
    ),
    Exercise(
        "0.3",
        Share(),
        lambda: 1 - len(_service()) / len(twenty_events()),
        "A helpdesk's record is a record of the pit stops.",
        (
            "The record holds the events of 0.1; the whole is the answer to 0.2.",
            "What is not in the record, divided by everything.",
        ),
        (
            Trap(
                lambda: len(_service()) / len(twenty_events()),
                "that is the share that the record holds; the question is about the rest.",
            ),
        ),
    ),
    Exercise(
        "0.4",
        Groups(tuple(DIFFERENCES), ("scope", "trigger", "horizon", "unit", "view", "owner")),
        lambda: DIFFERENCES,
        "Scope, trigger, horizon, unit, view, owner: six questions to ask of any figure.",
        (
            "Each of the six is used once. Begin with the row that a list is made of.",
            "Scope asks how much, trigger who begins, horizon how long, unit what a row is, view "
            "whether done or felt, owner who answers for it.",
        ),
    ),
    Exercise(
        "0.5",
        Groups(tuple(FAULTS), tuple(dict.fromkeys(FAULTS.values()))),
        lambda: FAULTS,
        "You found all seven by comparing words with words: no data needed.",
        (
            "Two of the seven contradict themselves, and two use words as the trade does not.",
            "Ask in turn: do both halves come from one text? Is it only the heading that is "
            "wrong? Can both dates be true? Does a contact centre count it that way?",
        ),
    ),
    Exercise(
        "0.6",
        Share(),
        lambda: _mood("not_dissatisfied"),
        "Most contacts here are questions of people who had no quarrel with the last touch.",
        (
            "The table has a row of that name.",
            "It is the column `value` of the row that speaks of customers who are not "
            "dissatisfied; after a good rating is something else.",
        ),
        (
            Trap(
                lambda: _mood("after_good_rating"),
                "that is the share after a good rating; those who rated 3 are missing.",
            ),
            Trap(
                lambda: _mood("after_bad_rating"),
                "that is the share after a bad rating: the dissatisfied.",
            ),
        ),
    ),
    Exercise(
        "0.7",
        Letters(("abc",) * 4),
        lambda: "bcba",
        "On to a journey as data.",
        (
            "Two of the four turn on one sentence: service is a part of experience.",
            "1: who could know? 2: a part belongs to the whole. 3: did he ask anybody? 4: who "
            "measures handle time, and of what?",
        ),
    ),
)
