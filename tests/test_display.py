"""The bundle a notebook shows: page, plain text and JSON, once, safe and the same every time."""

from __future__ import annotations

import base64
import json
import re
import sys
from html.parser import HTMLParser
from typing import Any

import pytest
from findings_by_hand import ALSO_MOVED, FEW_ANSWERS, FINDINGS, MOVED, NO, UNTRUSTED_NAMES

import cxanalysis as cx
from cxanalysis.findings import to_json
from cxanalysis.narrative import headline

show = cx.show
# The function has its module's name, so the module is not an attribute of the package.
show_module = sys.modules["cxanalysis.display"]
bundle, FINDING_TYPE = show_module.bundle, show_module.FINDING_TYPE


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        if tag == "img":
            self.images.append(dict(attrs))


def test_finding_is_displayed_once_as_one_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[Any, dict[str, Any]]] = []
    monkeypatch.setattr(show_module, "display", lambda *data, **how: shown.append((data, how)))
    assert show(NO) is None  # type: ignore[func-returns-value]
    ((data, how),) = shown
    assert how == {"raw": True}
    assert set(data[0]) == {"text/html", "text/plain", FINDING_TYPE}


def test_picture_carries_the_headline_as_its_alternative() -> None:
    (image,) = Tags(bundle(NO)["text/html"]).images
    assert image["alt"] == headline(NO)
    assert (image["src"] or "").startswith("data:image/svg+xml;base64,")


def test_picture_names_no_date_and_asks_no_network() -> None:
    source = Tags(bundle(NO)["text/html"]).images[0]["src"] or ""
    svg = base64.b64decode(source.split(",", 1)[1]).decode("utf-8")
    assert "<dc:date>" not in svg
    assert not re.search(r'(?:href|src)="http', svg)


def test_same_finding_gives_the_same_bytes() -> None:
    assert bundle(NO) == bundle(NO)


def test_names_from_the_data_stay_text() -> None:
    page = bundle(UNTRUSTED_NAMES)["text/html"]
    assert "script" not in Tags(page).names
    assert "&lt;script&gt;" in page


def test_sums_of_money_are_no_formula_to_jupyter() -> None:
    assert all(
        'class="cx-finding mathjax_ignore ' in bundle(finding, part)["text/html"][:60]
        for finding in (NO, FEW_ANSWERS)
        for part in ("all", "headline")
    )


def test_plain_text_begins_with_the_headline() -> None:
    text = bundle(NO)["text/plain"]
    assert text.split("\n\n")[0] == headline(NO)
    assert "**" not in text


def test_finding_without_a_picture_shows_its_sentence_alone() -> None:
    assert Tags(bundle(FEW_ANSWERS)["text/html"]).names == ["section", "p", "strong"]


def test_picture_of_the_nps_follows_the_sentence_it_draws() -> None:
    page = bundle(MOVED)["text/html"]
    (image,) = Tags(page).images
    assert (image["alt"] or "").startswith("NPS is +31 (+27 to +35): of 1,790 answers, 50% are")
    assert page.index("of 1,790 answers") < page.index("<img")


def test_table_is_folded_where_the_picture_prints_its_figures() -> None:
    assert "These figures as a table" in bundle(NO)["text/html"]
    assert "These figures as a table" not in bundle(MOVED)["text/html"]


def test_definitions_are_folded_where_they_would_outweigh_what_they_explain() -> None:
    assert "How this is counted" in bundle(FINDINGS["service"])["text/html"]
    short = bundle(FINDINGS["changes_service"])["text/html"]
    assert "How this is counted" not in short
    assert "cx-footnotes" in short


def test_figures_beyond_the_first_eight_stand_below_a_line() -> None:
    page = bundle(ALSO_MOVED)["text/html"]
    line = page.index('<tr class="cx-also"><th colspan="6">also</th></tr>')
    assert page.index("<td>Promises kept</td>") < line < page.index("<td>Agreed time kept</td>")
    assert "cx-also" not in bundle(MOVED)["text/html"]


@pytest.mark.parametrize("name", list(FINDINGS))
def test_finding_survives_json(name: str) -> None:
    content = to_json(FINDINGS[name])
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert content["kind"] == name.split("_", maxsplit=1)[0]


def test_a_finding_can_open_a_report_and_fill_a_section_later() -> None:
    whole, first, rest = (bundle(FINDINGS["service"], part) for part in ("all", "headline", "rest"))
    assert "\n\n".join([first["text/plain"], rest["text/plain"]]) == whole["text/plain"]
    assert Tags(first["text/html"]).names == ["section", "p", "strong"]
    assert Tags(rest["text/html"]).names.count("table") == 1
    assert len(Tags(rest["text/html"]).images) == 1
    assert first[FINDING_TYPE] == whole[FINDING_TYPE]
    assert FINDING_TYPE not in rest  # collected once


def test_rest_keeps_the_picture_that_the_headline_describes() -> None:
    rest = bundle(FINDINGS["staffing"], "rest")["text/html"]
    assert rest.index("<img") < rest.index("<p>With ")


def test_picture_stands_with_its_sentence_and_without_tables() -> None:
    whole, alone = bundle(FINDINGS["service"]), bundle(FINDINGS["service"], "picture")
    assert alone["text/html"].count("<img") == alone["text/html"].count("<p") - 1 == 1
    assert alone["text/plain"] in whole["text/plain"].split("\n\n")
    assert "<table" in whole["text/html"] and "<table" not in alone["text/html"]
    assert alone[FINDING_TYPE] == whole[FINDING_TYPE]
