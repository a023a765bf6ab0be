"""Names of months in other languages as English ones, which is what formats of times know."""

from __future__ import annotations

import re
import unicodedata

from cxanalysis.sources.sql import literal, literals

# By how a name begins, without accents: English, German, French, Spanish, Portuguese, Italian,
# Dutch. No beginning means two months.
MONTHS = {
    "January": ("jan", "ene", "gen"),
    "February": ("feb", "fev"),
    "March": ("mar", "mrz", "mrt", "maa", "maerz"),
    "April": ("apr", "abr", "avr"),
    "May": ("may", "mai", "mag", "mei"),
    "June": ("jun", "juin", "giu"),
    "July": ("jul", "juil", "lug"),
    "August": ("aug", "aou", "ago"),
    "September": ("sep", "set"),
    "October": ("oct", "okt", "out", "ott"),
    "November": ("nov",),
    "December": ("dec", "dez", "dic"),
}
_NAME = r"\pL{3,}\.?"  # AM and PM are shorter


def names_a_month(form: str) -> bool:
    """Whether a format writes months by name, and no days of the week, which stay English."""
    return bool(re.search("%[bB]", form)) and not re.search("%[aA]", form)


def english_months(text: str, form: str) -> str:
    """SQL: a text whose month is named in English, as the format has it: whole or in three letters.

    A name that is none of a month stays.
    """
    if not names_a_month(form):
        return text
    name = f"regexp_extract({text}, {literal(_NAME)})"
    plain = f"strip_accents(lower({name}))"
    cases = " ".join(
        f"WHEN left({plain}, {length}) IN {literals(begins)} THEN {literal(_as_in(form, month))}"
        for month, beginnings in MONTHS.items()
        for length in sorted({len(one) for one in beginnings})
        if (begins := [one for one in beginnings if len(one) == length])
    )
    return f"replace({text}, {name}, CASE {cases} ELSE {name} END)"


def with_english_month(text: str, form: str) -> str:
    """The same for one text."""
    found = re.search(r"[^\W\d_]{3,}\.?", text) if names_a_month(form) else None
    if found is None:
        return text
    parts = unicodedata.normalize("NFKD", found[0].lower())
    plain = "".join(sign for sign in parts if not unicodedata.combining(sign))
    for month, beginnings in MONTHS.items():
        if plain.startswith(beginnings):
            return text.replace(found[0], _as_in(form, month))
    return text


def _as_in(form: str, month: str) -> str:
    return month if "%B" in form else month[:3]
