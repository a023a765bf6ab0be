"""Whether a text is the name of a person.

A text of two to four words that begins with a common given name is taken for one, unless one of
its words is that of a place, a shop or a plan. Names within a sentence, and names whose given
name is not in `given_names`, are not recognised.
"""

from __future__ import annotations

import re

from cxanalysis.sources.given_names import GIVEN_NAMES
from cxanalysis.sources.known_words import STEPS

_TITLE = re.compile(
    r"^(mr|mrs|ms|miss|dr|prof|herrn?|frau|mme|monsieur|madame|señora?|sra?|sig|signora?)\b\.?\s+",
    re.IGNORECASE,
)
_TITLED = re.compile(r"^(mr|mrs|miss|herrn?|frau|mme|monsieur|señora?|signora?)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_][^\W\d_'’.-]*(?:['’.-][^\W\d_]+)*\.?")
_PLACES = """
the of in at on to for by with and or from not no yes is was very
store stores shop branch office teams team group street road avenue lane drive airport station
hotel plan plans center centre city town north south east west upper lower beach park hall house
inc ltd llc gmbh ag corp co company bank card account line lines desk club bar restaurant café
cafe market mall plaza square bay island lake river mountain valley springs hill hills state
county province region area zone district campus school college university hospital clinic
institute foundation museum bridge tower building gate terminal pro plus premium basic gold
silver bronze standard express prime family business enterprise personal joint student senior
junior saver bundle box set edition model series version class line rolls vans daily weekly
monthly annual digital mobile phone internet tv insurance loan mortgage credit debit
"""
_NO_NAMES = frozenset(f"{_PLACES} {STEPS}".split())


def is_person(text: str) -> bool:
    """Whether a whole text is most likely the name of a person."""
    plain = _TITLE.sub("", text.strip())
    words = [word.strip(",") for word in re.split(r"\s+|(?<=,)", plain) if word.strip(",")]
    titled = _TITLED.match(text.strip()) is not None
    if not (1 if titled else 2) <= len(words) <= 4:
        return False
    if not all(_WORD.fullmatch(word) for word in words):
        return False
    folded = [word.casefold().rstrip(".") for word in words]
    if _NO_NAMES.intersection(folded):
        return False
    given = folded[1] if "," in plain else folded[0]
    return titled or bool(GIVEN_NAMES & {given, *given.split("-")})
