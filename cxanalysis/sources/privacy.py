"""Direct identifiers: recognised, hashed with a salt, masked or left out, before anything is kept.

E-mail addresses and phone numbers become salted hashes where they identify (so that tables
still match), and are masked inside texts; names of persons and IP addresses are left out.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tempfile
import unicodedata
from pathlib import Path
from typing import Literal

from cxanalysis.config import Privacy
from cxanalysis.sources.known_words import KNOWN
from cxanalysis.sources.person_names import is_person
from cxanalysis.sources.sql import literal

Treatment = Literal["keep", "hash", "drop"]

SALT_FILE = "salt"
HASH_LENGTH = 24  # hexadecimal digits, 96 bits: no collisions among 10^9 customers
MOSTLY = 0.5  # a text column with more e-mail addresses than this is an e-mail column

LONG_TEXT = 500  # characters of a text outside the database that are kept
_SEPARATORS = re.compile(r"[^0-9a-z]+")
_CONTACT = re.compile(
    r"(^|_)(e_?mails?|mail_?addr\w*|phones?|mobiles?|mobile_?(no|number)|cell_?phones?|tele(phone|fon)"
    r"(_?(no|number|nummer))?|tel|fax|msisdn|ani|phone_?(no|number))($|_)|e_?mail|phone_?number"
)
_PERSON = re.compile(
    r"^(first|last|full|sur|fore|given|family|middle|nick|user|display|customer|client|contact|"
    r"requester|recipient|agent|assignee|employee|person|respondent|guest|patient|member|caller|"
    r"reporter|submitter|author|recipient_?last|recipient_?first|contact_?(first|last|full)|"
    r"customer_?(first|last|full))?_?names?$|^(sur|first|last)name$|^(vor|nach|kunden)name$|^(nombre|apellidos?|prenom|cognome|voornaam|achternaam)$"
)
_PLACE = re.compile(
    r"^(home_?|postal_?|street_?|billing_?|shipping_?)?address(_?line)?_?[0-9]?$|^street(_name)?$"
    r"|^location_?(lat|long)\w*$|^(lat|latitude|longitude)$"
    r"|^(birth_?(day|date)|date_of_birth|dob|iban|ssn|passport(_?(no|number))?)$"
)
_IP = re.compile(r"(^|_)ip(v4|v6)?(_?addr(ess)?)?($|_)|ipaddress")

_AT = r"(?:@|%40|\((?i:at)\)|\[(?i:at)\])"
EMAIL = r'[^\s@<>,;:"()]+' + _AT + r'[^\s@<>,;:"()]+\.[^\s@<>,;:"()]+'
IP = (
    r"\b[0-9]{1,3}(\.[0-9]{1,3}){3}\b"
    r"|\b([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}\b|\b([0-9A-Fa-f]{1,4}:){2,6}(:[0-9A-Fa-f]{1,4}){1,6}\b"
    r"|\b([0-9A-Fa-f]{1,4}:)(:[0-9A-Fa-f]{1,4}){1,6}\b"
)
_ADDRESS_ONLY = (
    r"""^(?:[^@<>]*<)?[\s'"]*(?i:mailto:)?([^\s@<>,;:"'()?]+@[^\s@<>,;:"'()?]+\.[^\s@<>,;:"'()?]+)"""
    r"""(?:\?[^@]*)?[\s'"]*(?:>[^@]*|\([^@]*\))?[\s;,]*$"""
)
# International numbers, the North American form, numbers with an area code after a zero, and
# ten digits in pairs.
_ABROAD = r"\+[0-9][0-9 ()./-]{6,}[0-9]"
PHONE = (
    _ABROAD + r"|\(?\b[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}\b"
    r"|\b00[1-9][0-9]{9,12}\b"
    r"|\(?\b0[0-9]{2,4}\)?[ /-][0-9]{3}[0-9 -]{2,}[0-9]\b|\b0[0-9]([ .-][0-9]{2}){4}\b"
)
LONG_NUMBER = r"\b0?[0-9]{9,}\b"  # in prose: a phone or account number more likely than a quantity
_L = "A-Za-zÀ-ɏ"  # letters, for a class that Python and RE2 both understand
_U = "A-ZÀ-ÖØ-Þ"
# A house number beside what streets are called, in six languages.
ADDRESS = (
    rf"\b[0-9]{{1,5}}[A-Za-z]?,? (?:[{_U}0-9][{_L}0-9.'’-]* ){{1,3}}(?i:street|st|road|rd|avenue"
    r"|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|way|square|sq|terrace|close|crescent|place)\b\.?"
    rf"|\b[{_L}-]*(?i:stra(?:ß|ss)e|str\.|gasse|allee|platz|straat|laan|gracht|plein|kade|dijk)"
    r" ?[0-9]{1,4}(?: ?[a-z])?\b"
    rf"|\b[0-9]{{1,4}}(?: ?bis| ?ter)?,? (?i:rue|avenue|boulevard|place|chemin|impasse|quai)"
    rf"(?: [{_L}'’-]+){{1,4}}"
    rf"|\b(?i:calle|avenida|avda\.|plaza|rua|piazza|viale|corso)(?: [{_L}'’.-]+){{1,4}},?"
    r" (?:n[º°.]? ?)?[0-9]{1,4}\b"
    rf"|\bVia(?: [{_U}][{_L}'’.-]+){{1,3}},? [0-9]{{1,4}}\b"
)
_STREETS = (
    "(?i:[0-9].*(street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|way|square"
    "|sq|terrace|close|crescent|place|rue|chemin|impasse|quai)\\b|(stra(ß|ss)e|str[.]|gasse|allee|platz"
    "|straat|laan|gracht|plein|kade|dijk|calle|avenida|avda|plaza|rua|piazza|viale|corso|via)"
    ".*[0-9])"
)
NO_WORDS = r"|[^\p{L}]+"
WORDS = r"\p{L}[\p{L}\s.,'’-]*\p{L}|\p{L}"  # may be a person's name
_NAME_ALONE = r"\p{L}[\p{L}.'’-]*([\s,]+\p{L}[\p{L}.'’-]*)+"
_SHORT_MASKS = ((EMAIL, "[e-mail]"), (IP, "[ip]"), (PHONE, "[phone]"))
_MASKS = ((ADDRESS, "[address]"), *_SHORT_MASKS, (LONG_NUMBER, "[number]"))
SUSPECT_ID = "[@+ ,([:-]|%40|[0-9][.][0-9]|^00[1-9]"  # spares plain ids the long test
SUSPECT = r"@|%40|[\[(](?i:at)[\])]|[0-9A-Fa-f]:[0-9A-Fa-f:]*:|[0-9][0-9 ()./-]{5,}[0-9]"


def treatment(names: tuple[str, ...], settings: Privacy) -> Treatment:
    """What is done with a column, told by the names it has in the file and in the table."""
    if any(name in settings.drop for name in names):
        return "drop"
    if any(name in settings.hash for name in names):
        return "hash"
    plain = [_plain(name) for name in names]
    person = any(_PERSON.search(name) for name in plain)
    person = person and not any(name in settings.keep for name in names)
    if person or any(p.search(name) for p in (_PLACE, _IP) for name in plain):
        return "drop"
    return "hash" if any(_CONTACT.search(name) for name in plain) else "keep"


def _plain(name: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", bare)
    return _SEPARATORS.sub("_", spaced.lower()).strip("_")


def plain_address(expression: str) -> str:
    """SQL: an e-mail address without what programs put around it and without capitals.

    "mailto:Ann@Example.org" and "Ann Smith <ann@example.org>" are the same address; a text
    that is no address, or holds two, stays as it is.
    """
    whole = f"regexp_extract(replace({expression}, '%40', '@'), {literal(_ADDRESS_ONLY)}, 1)"
    return (
        f"CASE WHEN regexp_matches({expression}, '@|%40') "
        f"THEN coalesce(nullif(lower({whole}), ''), {expression}) ELSE {expression} END"
    )


def plain_contact(expression: str) -> str:
    """SQL: the same, and a phone number as its digits, however they are set apart."""
    return (
        f"CASE WHEN regexp_full_match({expression}, '[+(]*[0-9][0-9 ()./-]{{6,}}[0-9]') "
        f"AND NOT regexp_full_match({expression}, {literal(IP)}) "
        f"THEN regexp_replace({expression}, '[ ()./-]', '', 'g') "
        f"ELSE {plain_address(expression)} END"
    )


def hashed(expression: str) -> str:
    """SQL: a salted SHA-256 of a text however it is written; the salt is a variable of DuckDB's.

    Capitals do not count, nor what stands around an e-mail address, nor how the digits of a
    phone number are set apart.
    """
    plain = f"lower({plain_contact(expression)})"
    return f"left(sha256(getvariable('salt') || {plain}), {HASH_LENGTH})"


def is_suspect_id(expression: str) -> str:
    """SQL: whether an id may name or reach a person."""
    return f"regexp_matches({expression}, {literal(SUSPECT_ID)})"


def hashed_if_identifier(expression: str) -> str:
    """SQL: an id as it is, or hashed where it names or reaches a person.

    That is where an e-mail address or an international phone number is in it, or where it is a
    phone number, an IP address, or words alone as a person's name is.
    """
    person = f"{EMAIL}|{_ABROAD}|^({PHONE}|{IP}|{_NAME_ALONE})$"
    return (
        f"CASE WHEN {is_suspect_id(expression)} "
        f"AND regexp_matches({expression}, {literal(person)}) "
        f"THEN {hashed(expression)} ELSE {expression} END"
    )


def is_suspect(expression: str, *, prose: bool = False) -> str:
    """SQL: whether there may be anything to mask in a text."""
    pattern = f"{SUSPECT}|{_STREETS}" if prose else SUSPECT
    return f"regexp_matches({expression}, {literal(pattern)})"


def masked(expression: str, *, prose: bool) -> str:
    """SQL: a text with e-mail addresses, phone numbers and IP addresses masked.

    In ``prose``, houses in streets and long runs of digits are masked too.
    """
    result = expression
    for pattern, mask_text in _MASKS if prose else _SHORT_MASKS:
        result = f"regexp_replace({result}, {literal(pattern)}, '{mask_text}', 'g')"
    suspect = is_suspect(expression, prose=prose)
    return f"CASE WHEN {suspect} THEN {result} ELSE {expression} END"


def showable(expression: str) -> str:
    """SQL: a bad value as rejects and messages show it: as prose, without a word that may name.

    Words that tell what is wrong and name nobody are shown; any other stands as "[word]".
    """
    masked_text = masked(expression, prose=True)
    parts = f"regexp_extract_all({masked_text}, {literal(WORDS + NO_WORDS)})"
    longer = "list_filter(regexp_extract_all(lower(part), '\\p{L}+'), lambda w: length(w) > 1)"
    harmless = f"list_has_all([{', '.join(map(literal, KNOWN))}], {longer})"
    shown = (
        f"CASE WHEN NOT regexp_matches(part, '\\p{{L}}') OR {harmless} THEN part "
        "WHEN regexp_full_match(part, '\\p{L}+') THEN '[word]' ELSE '[words]' END"
    )
    return f"array_to_string(list_transform({parts}, lambda part: {shown}), '')"


def mask(text: str) -> str:
    """The same for a text outside the database: a header, say, or a message; cut where it is long.

    Python's patterns take minutes for a text of a hundred thousand signs, as broken files hold.
    """
    if len(text) > LONG_TEXT:
        text = f"{text[:LONG_TEXT]}…"
    if is_person(text):
        return "[name]"
    for pattern, mask_text in _MASKS:
        text = re.sub(pattern, mask_text, text)
    return text


def masked_path(path: str) -> str:
    """What a file is called: its path with identifiers in the names of folders and file masked."""
    parts = [Path(part) for part in path.split("/")]
    return "/".join(f"{mask(part.stem)}{part.suffix}" for part in parts)


def read_salt(folder: Path, settings: Privacy) -> str:
    """The salt from the environment, else a random one made once and kept in the cache folder."""
    given = os.environ.get(settings.salt_env)
    if given:
        return given
    path = folder / SALT_FILE
    if not path.exists():
        handle, name = tempfile.mkstemp(prefix="salt-", dir=folder)  # mode 600
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):  # another run was first: its salt counts
            path.hardlink_to(name)
        Path(name).unlink()
    return path.read_text(encoding="ascii")
