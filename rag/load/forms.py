"""Read a written date, in any of many forms, as ISO 8601. Pure functions.

The libraries that read any date guess whether the day or the month comes first, and fill in from today what
is missing. This module returns only what is certain. If a date may mean two days, as `10/3/2024`, it returns
both, and the rest of the input decides (`rag/load/dates.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo

from rag.text.calendar import MONTHS, SHORT_WEEKDAYS, WEEKDAYS

Order = Literal["dmy", "mdy", "ymd"]
"""The order of day, month and year in a date of numbers."""
Readings = Mapping[Order | None, str]
"""The ISO dates that a written date may mean, by the order of its numbers; under None if only one meaning is
possible."""

LONGEST = 120
"""Characters that a written date may have; anything longer is a sentence."""
_OLDEST_EPOCH = 315_532_800
"""Seconds from 1970 to 1980. A smaller number is not a time, but a year, a spreadsheet's day or an id."""

_WEEKDAYS = {**WEEKDAYS, **SHORT_WEEKDAYS}
"""Names of weekdays in both languages, long and short; Monday is 0."""
_IN_INDONESIAN = frozenset(
    "senin sen selasa sel rabu rab kamis kam jum'at jumat jumaat jum sabtu sab minggu ahad min mgg ming "
    "ahd".split()
)
"""Names of weekdays that are Indonesian: beside one of these, the day comes before the month."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?)?", re.ASCII)
"""ISO 8601 as programs write it most often; it is kept as it is."""
_EPOCH = re.compile(r"(\d{9,10})(?:\.\d{1,9})?|(\d{12,13})(?:\.\d{1,6})?|(\d{16})|(\d{19})", re.ASCII)
"""Time since 1970 in seconds, milliseconds, microseconds or nanoseconds, told apart by the digits."""
_WRAPPED = re.compile(r"\\?/date\((-?\d{1,16})(?:[+-]\d{4})?\)\\?/", re.ASCII)

"""The form of .NET's JSON, in milliseconds: /Date(1710201600000)/."""

_CLOCK = (
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d)(?:[.,]\d{1,9})?)?"
    r"\s?(?P<half>[ap]\.?m\b\.?)?|\s?(?P<whole>[ap]\.?m\b\.?))"
)
"""A time of day: 13:45, 13.45.10, 1:45 pm, 1 pm."""
_ZONE = (
    r"(?:\s?(?P<zone>z\b|wib\b|wita\b|wit\b|[a-z]{1,6}/[a-z_]+(?:/[a-z_]+)?|"
    r"(?P<sign>(?:utc|gmt)?\s?[+-]\d{1,2}(?::?\d\d|'\d\d'?)?)|[a-z]{2,5}\b))?"
    r"(?:\s?[(\[][^()\[\]]{1,60}[)\]])?"
)
"""A time zone: WIB, Asia/Jakarta, UTC+7, +07:00, with a remark in brackets or without."""
_AFTER = rf"(?:(?:[\s,|·•–—-]+(?:(?:pukul|pkl|jam|at|@)\.? ?)?|t){_CLOCK}{_ZONE})?"
"""A time of day that follows a date."""
_BEFORE = rf"(?:(?:pukul |pkl\.? |jam )?{_CLOCK}{_ZONE}[\s,|–—-]+)"
"""A time of day that comes before a date."""
_NAME = r"[a-z']{3,9}"
"""What may be the name of a month or weekday; which names exist is looked up later."""
_DAY_NAME = rf"(?:(?:hari )?(?P<weekday>{_NAME})\.?[,\s/]+)?"
"""The weekday before a date."""
_LEAD = (
    r"(?:(?:di)?(?:terbit|terbitkan|publikasikan|published|posted|tanggal|tgl|date|tayang|rilis|released)"
    r"(?: (?:on|pada|date))?[.:]?\s+)?(?:(?:pada|on)\s+)?(?:tanggal\s+)?"
)
"""Words that introduce a date: "Diterbitkan pada", "Published on"."""
_DATES = (
    # 2024-03-12, 2024/3/12, 2024.03.12
    r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
    # 20240312
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)",
    # 12 Maret 2024, 12-Mar-24, 12th of March, 2024
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:[\s./-]| of )\s?(?P<name>{_NAME})\.?[\s,./-]+"
    r"(?P<year>\d{4}|'?\d\d)",
    # March 12, 2024; Mar-12-2024
    rf"(?P<name>{_NAME})\.?[\s/-]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,\s?|[\s/-])(?P<year>\d{{4}})",
    # 2024 Maret 12
    rf"(?P<year>\d{{4}})[\s,/-]+(?P<name>{_NAME})\.?[\s/-]+(?P<day>\d{{1,2}})",
    # 10/21/2025, 12.03.24
    r"(?P<one>\d{1,2})(?P<mark>[-/.])(?P<two>\d{1,2})(?P=mark)(?P<three>\d{4}|\d\d)",
)
"""The forms of a date itself, the most certain first."""
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for each in _DATES
    for form in (f"{_LEAD}{_DAY_NAME}{each}{_AFTER}", f"{_LEAD}{_BEFORE}{_DAY_NAME}{each}")
)
"""Whole dates: each form with the time of day after the date and before it."""
_C_FORM = re.compile(
    rf"{_DAY_NAME}(?P<name>{_NAME})\s(?P<day>\d{{1,2}})\s{_CLOCK}{_ZONE}\s(?P<year>\d{{4}})", re.ASCII
)
"""The form of C and of the command `date`: Tue Mar 12 06:00:00 WIB 2024."""
_COMPACT = re.compile(
    rf"(?:d:)?(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d)t?(?P<hour>\d\d)(?P<minute>\d\d)"
    rf"(?P<second>\d\d)?(?:[.,]\d{{1,9}})?(?P<half>)(?P<whole>){_ZONE}'?",
    re.ASCII,
)
"""Digits only, as PDF files and file names have: 20240312060000, 20240312T0600Z, D:20240312060000+07'00'."""
_BRACKETED = re.compile(r"^([a-z']{3,9}),? ?\(([\d/.-]{6,10})\)")
"""A date in brackets after the weekday: Selasa (12/3/2024)."""
_OFFSET = re.compile(r"\(((?:utc|gmt)? ?[+-]\d{1,2}(?::?\d\d)?|wib|wita|wit)\)")
"""A time zone in brackets: (UTC+7), (WIB)."""
_TRAILING = re.compile(rf"(\d{{2}})[ ,]+\(?(?:{'|'.join(sorted(_WEEKDAYS, key=len, reverse=True))})\b\)?")
"""The weekday after a date: 12/3/2024, Selasa."""
_UNSEEN = dict.fromkeys(
    (0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)
"""Characters without a shape, which browsers put into dates."""
_REWRITTEN = (
    # 2024年3月12日
    (re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日", re.ASCII), r"\1-\2-\3"),
    # 12/Mar/2024:06:00:00, in a server's log
    (re.compile(r"^(\d{1,2}/[a-z]{3}/\d{4}):", re.ASCII), r"\1 "),
    # 06:00:00 +0700 WIB
    (re.compile(r"([+-]\d\d:?\d\d) [a-z]{3,4}$", re.ASCII), r"\1"),
    # 12Maret2024
    (re.compile(r"^(\d{1,2})([a-z]{3,9})(\d{4})\b", re.ASCII), r"\1 \2 \3"),
    # Minggu Pon, the weekday with the Javanese one
    (re.compile(r"\b([a-z']{4,6}) (?:pon|wage|kliwon|legi|pahing|paing)\b"), r"\1"),
    # 12 Maret 2024 | Diperbarui 13 Maret 2024; 12 Maret 2024 / 2 Ramadan 1445 H; 12 March 2024 by Ani
    (re.compile(r"(?<=[\dabt]),? ?[|/(•·–—-]+ ?(?:di)?(?:perbarui|update).{0,70}$"), ""),
    (re.compile(r"(?<=\d) ?[/|] ?\d{1,2} [a-z' -]{4,20} 14\d\d(?: h)?$"), ""),
    (re.compile(r"(?<=\d{4}),? (?:by|oleh) [^\d]{1,60}$"), ""),
    (re.compile(r"(?<=\d{4}) m$|(?<=\d)\.$"), ""),
)
"""Ways of writing a date with something more in it, and the same without."""
_INDONESIAN = re.compile(r"\b(?:pukul|pkl|jam|tanggal|tgl|pada|hari|terbit|diterbitkan|tayang|rilis)\b")
"""Indonesian words beside a date: with one of these, the day comes before the month."""
_HEAD = re.compile(
    rf"(?:^(?:[a-z]{{3,20}}, )?|\b(?:edisi|tanggal|tgl\.?|rilis|terbit|diterbitkan|published|date)(?: ?:)? )"
    rf"(?:{_NAME}, )?(?P<date>\d{{1,2}} (?P<month>{_NAME}) \d{{4}})(?:,? {_CLOCK}{_ZONE})?$",
    re.ASCII,
)
"""The end of a line that dates a letter or bulletin: "Wanareja, 12 Maret 2024"."""
_OFFSETS = {
    **dict.fromkeys(("z", "ut", "utc", "gmt"), 0.0),
    **dict.fromkeys(("wib", "ict"), 7.0),
    **dict.fromkeys(("wita", "sgt", "myt", "hkt"), 8.0),
    **dict.fromkeys(("wit", "jst", "kst"), 9.0),
    **{"est": -5.0, "edt": -4.0, "cdt": -5.0, "mst": -7.0, "mdt": -6.0, "pst": -8.0, "pdt": -7.0},
    **{"cet": 1.0, "cest": 2.0, "eet": 2.0, "eest": 3.0, "msk": 3.0, "aest": 10.0, "aedt": 11.0},
}
"""Hours ahead of UTC, for the zones whose short names have one meaning in Indonesian news and in e-mail
(RFC 5322). A time in any other zone is kept without an offset."""


def readings(written: object, today: date) -> Readings:
    """The days that `written`, a value from JSON, YAML, TOML, a feed, a page or a file, may mean; empty if
    it is not a date. `today` decides the century of a year with two digits.
    """
    value = _plain(written)
    if isinstance(value, datetime):
        return {None: value.isoformat(timespec="seconds")}
    if value is None or len(value) > LONGEST:
        return {}
    if _ISO.fullmatch(value) and _is_iso(value):
        return {None: value}
    text = _simple(value)
    if found := _counted(text):
        return {None: found.isoformat()}
    for form in (_COMPACT, _C_FORM, *_FORMS):
        if (match := form.fullmatch(text)) and (meant := _meant(match, text, today)):
            return meant
    return _other_iso(value)


def day_in(line: str) -> str | None:
    """The date of a line that dates a letter or bulletin: "12 Maret 2024" of "Wanareja, 12 Maret 2024" or of
    "Edisi 12 Maret 2024". None for any other line, such as a sentence that mentions a day."""
    match = _HEAD.search(_simple(line)[-60:]) if len(line) <= LONGEST else None
    return match["date"] if match and match["month"] in MONTHS else None


def day_of(published: str) -> date:
    """The day of an ISO date or date and time, in its own time zone."""
    return date.fromisoformat(published[:10])


def _plain(written: object) -> str | datetime | None:
    """The text or time that a value contains, if it is a date in one of the usual types; else None."""
    if isinstance(written, bool) or written is None:
        return None
    if isinstance(written, str):
        return written.strip()
    if isinstance(written, datetime):
        return written
    if isinstance(written, (int, float, date)):
        return str(written) if not isinstance(written, float) else f"{written:.3f}"
    if isinstance(written, list):
        return _listed(written)
    if isinstance(written, Mapping):
        return _object(written)
    return None


def _listed(written: list[Any]) -> str | datetime | None:
    """[2024, 3, 12, 6, 0] is a date and time; a list of one value stands for that value."""
    if len(written) == 1:
        return _plain(written[0]) if not isinstance(written[0], list) else None
    numbers = [each for each in written[:6] if isinstance(each, int) and not isinstance(each, bool)]
    if len(numbers) != len(written[:6]) or len(numbers) < 3:
        return None
    try:
        return str(date(*numbers[:3])) if len(numbers) == 3 else datetime(*numbers)  # type: ignore[arg-type]
    except (ValueError, OverflowError):
        return None


def _object(written: Mapping[Any, Any]) -> str | datetime | None:
    """MongoDB's {"$date": …}, Firestore's {"_seconds": …}, PHP's {"date": …, "timezone": …}."""
    for key in ("$date", "$numberLong", "seconds", "_seconds", "date", "iso", "value", "@value", "#text"):
        inner = written.get(key)
        if isinstance(inner, (str, int, float)) and not isinstance(inner, bool):
            zone = written.get("timezone")
            return f"{inner} {zone}" if key == "date" and isinstance(zone, str) else _plain(inner)
        if isinstance(inner, Mapping) and key == "$date":
            return _object(inner)
    return None


def _simple(value: str) -> str:
    """Lower-case text with plain spaces, hyphens and apostrophes, without brackets and quotes around it."""
    text = unicodedata.normalize("NFKC", value).lower()
    text = text.translate({0x2212: "-", 0x2010: "-", 0x2011: "-", 0x2019: "'", 0x2018: "'", 0x60: "'"})
    text = " ".join(text.translate(_UNSEEN).split()).strip("\"'; ")
    if text[:1] in {"<", "["}:
        text = text[1:-1].strip() if text[-1:] in {">", "]"} else text[1:]
    # Remove the brackets and weekday in Selasa (12/3/2024), 10:00 (UTC+7), <2024-03-12 Tue 10:00>.
    text = _BRACKETED.sub(r"\1, \2", text)
    for pattern, plain in _REWRITTEN:
        text = pattern.sub(plain, text)
    return _TRAILING.sub(r"\1", _OFFSET.sub(r"\1", text))


def _counted(text: str) -> datetime | None:
    """A time given as seconds, milliseconds, microseconds or nanoseconds since 1970; else None."""
    wrapped = _WRAPPED.fullmatch(text)
    if wrapped:
        seconds = int(wrapped[1]) / 1_000
    elif match := _EPOCH.fullmatch(text):
        place = match.lastindex or 1
        seconds = float(text) / 1_000 ** (place - 1)
    else:
        return None
    if seconds < _OLDEST_EPOCH and not wrapped:
        return None
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _meant(match: re.Match[str], text: str, today: date) -> Readings:
    parts = match.groupdict()
    weekday: int | None = None
    if parts.get("weekday"):
        if parts["weekday"] not in _WEEKDAYS:
            return {}
        weekday = _WEEKDAYS[parts["weekday"]]
    clock = _clock(parts)
    if clock is None:
        return {}
    if parts.get("name"):
        month = MONTHS.get(parts["name"])
        day = month and _date(_year(parts["year"], today), month, int(parts["day"]))
        return {None: _written(day, *clock)} if day else {}
    if "one" not in parts:
        day = _date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
        return {None: _written(day, *clock)} if day else {}
    found = _ordered(parts, today)
    if weekday is not None and (fit := {o: d for o, d in found.items() if d.weekday() == weekday}):
        found = fit
    if _is_indonesian(parts, text) and "dmy" in found:
        found = {"dmy": found["dmy"]}
    if parts["mark"] == "." and "dmy" in found:
        # No country writes the month first with full stops.
        found = {"dmy": found["dmy"]}
    if len(parts["three"]) == 4 and len({*found.values()}) == 1 and len(found) > 1:
        found = {None: next(iter(found.values()))}
    return {order: _written(day, *clock) for order, day in found.items()}


def _ordered(parts: Mapping[str, Any], today: date) -> dict[Order | None, date]:
    """The days that three numbers may mean, with the year last, or first if it has two digits."""
    one, two, three = int(parts["one"]), int(parts["two"]), int(parts["three"])
    year = _year(parts["three"], today)
    tried: list[tuple[Order, int, int, int]] = [("dmy", year, two, one), ("mdy", year, one, two)]
    if len(parts["three"]) == 2 and len(parts["one"]) == 2 and parts["mark"] == "-":
        first = 2000 + one
        # Only recent dates are written with a year of two digits in front.
        tried += [("ymd", first, two, three)] if today.year - 10 <= first <= today.year + 1 else []
    days = ((order, _date(*numbers)) for order, *numbers in tried)
    return {order: day for order, day in days if day is not None}


def _is_indonesian(parts: Mapping[str, Any], text: str) -> bool:
    """Whether the zone, the weekday or a word is Indonesian; in Indonesia the day comes first."""
    return (
        (parts.get("zone") or "") in {"wib", "wita", "wit"}
        or (parts.get("weekday") or "") in _IN_INDONESIAN
        or _INDONESIAN.search(text) is not None
    )


def _year(written: str, today: date) -> int:
    digits = written.lstrip("'")
    if len(digits) > 2:
        return int(digits)
    year = today.year // 100 * 100 + int(digits)
    return year if year <= today.year + 1 else year - 100


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _clock(parts: Mapping[str, Any]) -> tuple[time | None, tzinfo | None] | None:
    """The time of day and its zone, each None if it is not given; None if the numbers are not a time."""
    if not parts.get("hour"):
        return None, None
    hour = int(parts["hour"])
    half = (parts.get("half") or parts.get("whole") or "")[:1]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        clock = time(hour, int(parts.get("minute") or 0), min(59, int(parts.get("second") or 0)))
    except ValueError:
        return None
    return clock, _zone(parts.get("zone"), parts.get("sign"))


def _zone(zone: str | None, sign: str | None) -> tzinfo | None:
    if not zone:
        return None
    if sign:
        digits = re.sub(r"[^\d+-]", "", sign)
        hours, minutes = int(digits[1:3] or 0), int(digits[3:5] or 0)
        # Four characters are a sign, one digit of hours and two of minutes.
        if len(digits) == 4:
            hours, minutes = int(digits[1]), int(digits[2:])
        if hours > 14 or minutes > 59:
            return None
        east = timedelta(hours=hours, minutes=minutes)
        return timezone(-east if digits[0] == "-" else east)
    if "/" in zone:
        try:
            return ZoneInfo(
                "/".join("_".join(map(str.capitalize, part.split("_"))) for part in zone.split("/"))
            )
        except (ValueError, OSError, KeyError):
            return None
    hours_east = _OFFSETS.get(zone)
    return None if hours_east is None else timezone(timedelta(hours=hours_east))


def _written(day: date, clock: time | None, zone: tzinfo | None) -> str:
    if clock is None:
        return day.isoformat()
    return datetime.combine(day, clock, zone).isoformat()


def _is_iso(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _other_iso(value: str) -> Readings:
    """The rarer forms of ISO 8601, such as weeks, or times with hours only."""
    for read in _readers():
        try:
            return {None: read(value).isoformat()}
        except ValueError:
            continue
    return {}


def _readers() -> Iterator[Any]:
    yield date.fromisoformat
    yield datetime.fromisoformat
    # The day of the year, in three digits: two would be a month.
    yield lambda value: datetime.strptime(value if len(value) == 8 else "", "%Y-%j").date()
