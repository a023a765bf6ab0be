"""What help and completion show a newcomer."""

from __future__ import annotations

import ast
import inspect
import re
from collections import Counter

import cxanalysis as cx
from cxanalysis.study import INNER, Study


def test_every_public_name_stands_in_one_chapter_of_the_help() -> None:
    text = cx.__doc__ or ""
    contents = text.partition("what they are for:")[2]
    listed = Counter(re.findall(r"\w+", " ".join(re.findall(r"^    (.*)$", contents, re.M))))
    assert set(listed) == set(cx.__all__) - {"__version__"}
    assert set(listed.values()) == {1}
    assert max(map(len, text.splitlines())) <= 100


def test_the_example_of_the_help_uses_what_exists() -> None:
    text = cx.__doc__ or ""
    lines = [
        line[4:] for line in text.partition("Everything")[0].splitlines() if line[:4] == "    "
    ]
    ast.parse("\n".join(lines))
    assert set(re.findall(r"cx\.(\w+)", text)) <= set(cx.__all__)
    fit = set(re.findall(r"fit\.(\w+)\(", text))
    assert fit == fit & set(dir(cx.DriverFit))


def test_completion_of_a_study_offers_what_is_for_looking_at_it() -> None:
    offered = dir(cx.read_sample())
    assert {"blocks", "config", "during", "among", "frame", "matches", "rejects"} <= set(offered)
    assert not [name for name in offered if name.startswith("_") or name in INNER]
    known = {name for name, _ in inspect.getmembers(Study)} | set(Study.__dataclass_fields__)
    assert known >= INNER


def test_completion_of_a_finding_offers_its_numbers() -> None:
    finding = cx.find_quality(cx.read_sample())
    assert set(finding.__dataclass_fields__) <= set(dir(finding))
    assert not [name for name in dir(finding) if name.startswith("_")]
