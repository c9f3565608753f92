"""The forms in which times are written, in Indonesian and English: patterns, and words with their meaning."""

from __future__ import annotations

import re

from rag.text.calendar import MONTHS, WEEKDAYS, alternatives

_MONTH = alternatives(MONTHS)
"""The name of a month, as an alternative for each spelling."""
_TH = r"(?:st|nd|rd|th)?"
"""The ending of an English ordinal."""
_SAID_YEAR = r",?[ -](?P<y>\d{4}|tahun (?:lalu|ini)|(?:last|this) year)\b"
"""A year after a date, in figures or as "tahun lalu"."""
_YEAR = rf"(?:{_SAID_YEAR})?"
"""The same where it may be missing."""
_DAY_MONTH = re.compile(rf"(?i)\b(?P<d>\d{{1,2}}){_TH}[ -](?:of )?(?P<m>{_MONTH})\b\.?{_YEAR}")
"""A day before its month."""
_MONTH_DAY = re.compile(rf"(?i)\b(?P<m>{_MONTH})\.? (?P<d>\d{{1,2}}){_TH}\b(?![.,]\d){_YEAR}")
"""A day after its month, as in English."""
DAYS_MONTH = re.compile(
    rf"(?i)\b(?P<e>\d{{1,2}}){_TH} ?(?:[-–—/]|sampai|hingga|dan|to|and) ?(?P<d>\d{{1,2}}){_TH} "
    rf"(?P<m>{_MONTH})\b\.?{_YEAR}"
)
"""Two days of one month: "10-12 Maret"."""
SLASHED = re.compile(
    r"(?<![\d/.,-])(?P<d>\d{1,2})(?P<mark>[/-])(?P<m>\d{1,2})(?P=mark)(?P<y>\d{4}|\d{2})(?![\d/-])"
    r"|\((?P<d2>\d{1,2})/(?P<m2>\d{1,2})\)"
)
"""A date in numbers, such as 12/3/24, or (12/3) in brackets."""
_ISO = re.compile(r"(?<!\d)(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?!\d)")
"""A date in ISO 8601."""
DATES = (_DAY_MONTH, _MONTH_DAY, SLASHED, _ISO)
"""All forms of a single day."""

_POINT = (
    r"(?:\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})\b|(?:19|20)\d\d\b"
    rf"|\d{{1,2}}{_TH}(?:(?: of)? (?:{_MONTH})\b\.?(?:,? \d{{4}}\b)?)?"
    rf"|(?:{_MONTH})\b\.?(?: \d{{1,2}}{_TH}(?!\d))?(?:,? \d{{4}}\b)?)"
)
"""A day, a month or a year, as one end of a span; the other end may say what this one leaves out."""
SPAN = re.compile(
    rf"(?i)(?:\b(?P<lead>antara|between|dari|from|sejak|mulai) (?:tanggal |bulan |tahun )?)?"
    rf"(?<![\w/.,-])(?P<a>{_POINT})"
    r"(?P<by> ?[-–—] ?| (?:dan|and|sampai(?: dengan)?|hingga|s\.d\.|to|until|till|through) )"
    rf"(?:tanggal |bulan |tahun |the )?(?P<b>{_POINT})(?:,? (?P<y>(?:19|20)\d\d)\b)?(?![\w/-])"
)
"""From one end to another: "antara 3 dan 5 Mei", "2020-2022"."""
POINT_PARTS = re.compile(
    rf"(?i)(?:(?P<d>\d{{1,2}}){_TH}(?:(?: of)? (?P<m>{_MONTH})\b\.?(?:,? (?P<y>\d{{4}}))?)?"
    rf"|(?P<m2>{_MONTH})\b\.?(?: (?P<d2>\d{{1,2}}){_TH})?(?:,? (?P<y2>\d{{4}}))?|(?P<y3>\d{{4}}))"
)
"""The day, month and year of one end of a span."""

MONTH_YEAR = re.compile(rf"(?i)\b(?P<m>{_MONTH})\.?(?: tahun)?{_SAID_YEAR}")
"""A month with its year."""
_LEADS = (
    "pada|bulan|di|selama|sepanjang|sejak|mulai|sebelum|setelah|sesudah|hingga|sampai|awal|akhir|pertengahan|"
    "in|during|since|of|before|after|until|till|by|early|late|mid"
)
"""Words before a month or a year that show that a time is meant."""
IN_MONTH = re.compile(rf"(?i)\b(?:{_LEADS})(?: bulan)? (?P<m>{_MONTH})\b(?! \d)")
"""A month after such a word."""
IN_YEAR = re.compile(rf"(?i)\b(?:{_LEADS}|tahun)(?: tahun)? (?P<y>(?:19|20)\d\d)\b")
"""A year after such a word."""
OF_A_LAW = re.compile(r"(?i)\b(?:no|nomor|number)\.? \d{1,4} ?\Z")
"""What stands before the year of a law: "UU No. 11 Tahun 2020"."""
_WEEKDAY = alternatives(WEEKDAYS)
"""The name of a weekday."""
ON_WEEKDAY = re.compile(
    r"(?i)\b(?P<lead>hari |on |last |this |pada |sejak |since |sebelum |before |setelah |after )?"
    rf"(?P<w>{_WEEKDAY})\b"
    r"(?P<week> (?:pekan|minggu) (?:lalu|kemarin|ini)\b| (?:last|this) week\b)?"
    r"(?P<tail> (?:yang )?(?:lalu|kemarin|ini)\b)?"
)
"""A weekday, with words that say which one."""
COUNTS = {
    word: number
    for number, words in enumerate(
        "satu a an one|dua two|tiga three|empat four|lima five|enam six|tujuh seven|delapan eight"
        "|sembilan nine|sepuluh ten|sebelas eleven|twelve".split("|"),
        1,
    )
    for word in words.split()
}
"""Numbers in words."""
UNITS = {
    **dict.fromkeys(("hari", "day"), "d"),
    **dict.fromkeys(("minggu", "pekan", "week"), "w"),
    **dict.fromkeys(("bulan", "month"), "m"),
    **dict.fromkeys(("tahun", "year"), "y"),
}
"""Units of time by their words: day, week, month, year."""
A_MONTH, A_YEAR = 31, 366
"""Days of a month and of a year, at most."""
_COUNT = rf"\d{{1,4}}|{'|'.join(sorted(COUNTS, key=len, reverse=True))}"
"""A number, in figures or in words."""
_UNIT = "hari|minggu|pekan|bulan|tahun|days?|weeks?|months?|years?"
"""A unit of time."""
AGO = re.compile(
    rf"(?i)\b(?:(?P<n>{_COUNT}) (?P<u>{_UNIT})|se(?P<one>hari|minggu|pekan|bulan|tahun))"
    r" (?:yang )?(?:lalu|silam|ago)\b"
)
"""So long ago: "dua hari lalu", "setahun yang lalu"."""
LATELY = re.compile(
    rf"(?i)\b(?:(?:dalam|selama|in|over|during) )?(?:(?:the )?(?:last|past) (?P<n>{_COUNT}) (?P<u>{_UNIT})"
    rf"|(?:(?P<n2>{_COUNT}) (?P<u2>{_UNIT})|se(?P<one>hari|minggu|pekan|bulan|tahun))"
    r" (?:terakhir|belakangan)(?: ini)?)\b"
)
"""A time that ends now: "dalam tiga bulan terakhir", "the last two weeks"."""
WORDS: tuple[tuple[re.Pattern[str], tuple[int, int] | str], ...] = tuple(
    (re.compile(rf"(?i)\b(?:{form})\b"), span)
    for form, span in (
        ("hari ini|today|tadi pagi|tadi siang|pagi ini|malam ini|this morning|tonight", (0, 0)),
        ("beberapa hari (?:yang )?lalu|a few days ago|several days ago", (-7, -1)),
        ("(?:minggu|pekan) ini|this week", "this week"),
        ("(?:minggu|pekan) (?:lalu|kemarin)|last week", "last week"),
        ("bulan ini|this month", "this month"),
        ("bulan (?:lalu|kemarin)|last month", "last month"),
        ("tahun ini|this year", "this year"),
        ("tahun (?:lalu|kemarin)|last year", "last year"),
        ("kemarin lusa|day before yesterday", (-2, -2)),
        ("kemarin|yesterday|last night|tadi malam|semalam", (-1, -1)),
    )
)
"""Forms with the days from today to the first and last day that they mean, or with "this" or "last" and a
unit."""
NEWEST = re.compile(
    r"(?i)\b(?:terbaru|terkini|termutakhir|paling baru|terakhir|sekarang|saat ini|kini|latest|newest"
    r"|most recent|up to date|currently|right now)\b"
)
"""Words that ask for what is the latest."""
LEADING = frozenset(
    "pada tanggal tgl hari bulan tahun selama di dari akhir awal pertengahan per hingga sampai on in of from "
    "the early late mid during until till by".split()
)
"""Words before a time that go with it."""
BEFORE, SINCE, AFTER = ("sebelum", "before"), ("sejak", "mulai", "since"), ("setelah", "sesudah", "after")
"""Words that turn a time into the time before it, from it on, or after it."""
BETWEEN = ("antara", "between")
"""Words with which "dan" or "and" joins the two ends of a span."""
