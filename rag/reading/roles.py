"""Who did it and to whom, and which of several figures is asked for: a better span by rule. Pure.

The reader finds the sentence, and often the wrong one of two parties in it. Where a sentence says plainly who
won and who lost, who bought from whom, what fell from which figure to which, or how many died and how many
were hurt, the span is taken from the right place. Where nothing is plain, the reader's span stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from rag.text.figures import Figure, figures
from rag.types import Evidence

Span = tuple[int, int]
LONGEST = 1_000
"""Characters of a sentence and of a question that are looked at: longer ones are lists and tables."""

_RUN = r"(?:[A-Z][\w.'’-]*+(?:\s++(?:(?:dan|and|of|the|bin|binti|de|van)\s++)?[A-Z][\w.'’-]*+)*+)"
_NAME = re.compile(_RUN)
"""A name: words with capitals, two of them also with "dan" between."""
_PRONOUNS = ("Ia", "Dia", "Beliau", "Mereka", "Kami", "He", "She", "They", "It", "We", "I")
"""Words with a capital that name nobody."""
_APART = re.compile(rf",\s+(?P<name>{_RUN})")
_WHOSE = re.compile(
    r"\b(?:pasangan|petinju|pembalap|petenis|pebulu tangkis|pecatur|wakil|unggulan|tim|klub|ganda|atlet|pair"
    r"|boxer|rider|seed|qualifier|player|driver|team)\s+(?:asal\s+|from\s+)?\Z",
    re.IGNORECASE,
)
"""What stands before a country that says where somebody comes from: "pembalap Eritrea, Daniel Habte"."""


@dataclass(frozen=True, slots=True)
class _Deed:
    """How sentences say one thing that somebody does to somebody, as patterns of verbs: `active` has the
    doer before it, `passive` behind it; `inverse` has the other one before it and the doer behind.
    `asks_doer` and `asks_other` are questions for the one or the other."""

    active: str
    passive: str
    inverse: str
    asks_doer: str
    asks_other: str


_WIN = (
    "mengalahkan|menaklukkan|menundukkan|menumbangkan|menyingkirkan|membekuk|mencukur|melibas|mengungguli"
    "|menang (?:tipis |telak )?atas|unggul (?:tipis )?atas|keluar sebagai juara|menjuarai|memenangkan"
    "|memenangi"
    "|beats?|defeat(?:s|ed)|thrash(?:es|ed)|edged|overcame|outclassed|won (?:over|against)|won|wins"
)
_ALONE = re.compile(r"keluar sebagai juara|menjuarai|memenangkan|memenangi|won|wins", re.IGNORECASE)
"""Verbs of a winner that name no loser."""
_WON = (
    "dikalahkan|ditaklukkan|ditundukkan|ditumbangkan|disingkirkan|dibekuk|dicukur|diungguli|dimenangkan|dimenangi"
    "|(?:was|were|is|been) (?:beaten|defeated|thrashed|edged|won)"
)
_LOSE = (
    "(?:kalah|takluk|tunduk|tumbang|menyerah|keok|bertekuk lutut) (?:tipis |telak )?"
    "(?:dari|oleh|atas|di tangan|kepada|pada)|(?:lost|loses|fell|succumbed|went down|bowed) to|lost against"
)
_DEEDS = (
    _Deed(
        _WIN,
        _WON,
        _LOSE,
        r"siapa\S* (?:yang )?(?:menang|memenang|menjuarai|juara|unggul|mengalahkan|menaklukkan|menumbangkan"
        r"|menundukkan|menyingkirkan)|siapa\S* (?:pemenang|juara)|(?:juara|pemenang)\S* siapa"
        r"|(?:kalah|takluk) dari siapa"
        r"|who (?:won|wins|beat|beats|defeated|(?:is|was) the (?:winner|champion))|lost to (?:who|whom)"
        r"|who(?:m)? did \w.* lose to|(?:menang|juara)\w* siapa",
        r"siapa\S* (?:yang )?(?:kalah|takluk|tumbang|menyerah|dikalahkan|ditaklukkan|ditumbangkan|ditundukkan"
        r"|disingkirkan)|(?:menang atas|mengalahkan|menaklukkan|menumbangkan) siapa"
        r"|who (?:lost|loses|was beaten|were beaten|was defeated)|whom? did \w.* (?:beat|defeat)",
    ),
    _Deed(
        "menggantikan|replace[sd]|succeed(?:s|ed)|took over from",
        "digantikan|(?:was|were|is) (?:replaced|succeeded)",
        "(?!)",
        r"siapa\S* (?:yang )?(?:menggantikan|pengganti)|siapa\S* \w+ baru|who (?:replaced|succeeded)"
        r"|who is the new",
        r"siapa\S* (?:yang )?digantikan|menggantikan siapa|who (?:was|were) replaced|whom? did \w.* replace",
    ),
    _Deed(
        "membeli|mengakuisisi|memborong|bought|acquire[sd]|purchase[sd]|buys",
        "dibeli|diakuisisi|(?:was|were|is) (?:bought|acquired|purchased)",
        "(?!)",
        r"siapa\S* (?:yang )?(?:membeli|pembeli|mengakuisisi)|who (?:bought|acquired|purchased|is buying)",
        r"(?!)",
    ),
    _Deed(
        "menjual|sold|sells",
        "dijual|(?:was|were|is) sold",
        "(?!)",
        r"siapa\S* (?:yang )?(?:menjual|penjual)|who (?:sold|sells|is selling)",
        r"(?!)",
    ),
)
"""Kept apart from the sentence's grammar: a deed whose words are others is left to the reader."""
_BUYER = re.compile(r"\b(?:kepada|ke|to)\s+")
_SELLER = re.compile(r"\b(?:dari|from)\s+")
_SOLD, _BOUGHT = (
    re.compile(rf"\b(?:{_DEEDS[3].active}|{_DEEDS[3].passive})\b"),
    re.compile(rf"\b(?:{_DEEDS[2].active}|{_DEEDS[2].passive})\b"),
)

_STATES: Mapping[str, re.Pattern[str]] = {
    name: re.compile(rf"\b(?:{form})\b", re.IGNORECASE)
    for name, form in {
        "died": r"tewas|meninggal|mati|wafat|gugur|jiwa melayang|menewaskan|ditewaskan|dead|died?|dies|killed"
        r"|killing|kills?|deaths?|lost their lives|korban jiwa",
        "hurt": r"luka(?:-luka)?|terluka|cedera|cidera|melukai|dilukai|injured|injuring|hurt|wounded"
        r"|wounding",
        "survived": r"selamat|survived|survivors?|rescued|diselamatkan|menyelamatkan",
        "missing": r"hilang|missing|dicari",
        "infected": r"terinfeksi|terjangkit|terpapar|tertular|positif|menginfeksi|infected|infecting"
        r"|positive",
        "recovered": r"sembuh|pulih|recovered",
        "fled": r"mengungsi|pengungsi|dievakuasi|diungsikan|displaced|evacuated|fled|evacuees",
        "held": r"ditangkap|ditahan|diamankan|diringkus|dibekuk|arrested|detained",
        "sought": r"dituntut|menuntut|tuntutan|demanded|prosecutors (?:seek|sought|asked)",
        "sentenced": r"divonis|vonis|memvonis|dihukum|menghukum|menjatuhkan hukuman|sentenced|sentence",
        "live": r"penduduk(?:nya)?|populasi|berpenduduk|dihuni|inhabitants|population|residents"
        r"|people (?:live|lived)",
    }.items()
}
"""What figures of people are said of."""
_WHOLE = frozenset(("sought", "sentenced", "live"))
"""States that a sentence says somewhere, if its figures are of them."""
_COUNTS = re.compile(r"\b(?:berapa|how many|jumlah|number of)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"(?:[,;]\s|\s[–—-]\s|\b(?:dan|serta|sedangkan|sementara|and|while|but)\b)")
"""What stands between two figures that are said of different things."""
_CHANGE = re.compile(
    r"\b(?:dari|from)\s+(?P<old>\S.{0,30}?)\s+(?:menjadi|ke|jadi|hingga|to)\s+(?P<new>\S.{0,40})",
    re.IGNORECASE,
)
_ASKS_OLD = re.compile(
    r"\b(?:sebelum\w*|semula|awalnya|tadinya|mula-mula|dari berapa|dari mana|previous\w*|before|from)\b", re.I
)
_ASKS_NEW = re.compile(
    r"\b(?:(?:menjadi|jadi|ke|hingga|sampai) (?:berapa|mana)|sekarang|kini|now"
    r"|(?:fall|fell|rise|rose|drop|climb|grow|run|sail|go) to|to what|where .* to)\b",
    re.I,
)


_PLAN = re.compile(
    r"\b(?:had been|was|were)(?: originally| initially)? (?:due|scheduled|supposed|expected|planned|meant)\b"
    r"|\b(?:originally|initially) (?:planned|scheduled|due|set)\b|\b(?:sedianya|semestinya|semula|awalnya"
    r"|tadinya)\b(?:[\w ]{0,30}\b(?:dijadwalkan|direncanakan|akan|hendak|dibuka|digelar)\b)?",
    re.IGNORECASE,
)
"""What begins a plan that was changed."""
_ASKS_PLAN = re.compile(
    r"\b(?:due|scheduled|supposed|planned|originally|initially|semula|sedianya|dijadwalkan|rencana\w*|awalnya)\b",
    re.IGNORECASE,
)
"""What a question says that asks for the plan."""


def placed(question: str, item: Evidence) -> Evidence:
    """The sentence with the span that the question asks for, where rules find it; else as it is."""
    quote = item.quote
    if len(quote) > LONGEST or len(question) > LONGEST:
        return item
    found = _party(question, quote) or _changed(question, quote) or _counted(question, item)
    if found is None:
        return item
    first, last = found
    while last > first and quote[last - 1] in " .,;":
        last -= 1
    return replace(item, span=(item.sentence.start + first, item.sentence.start + last))


def overtaken(question: str, item: Evidence) -> bool:
    """Whether the span is of a plan that the sentence itself says came to nothing or was changed ("had been
    due to reopen at noon, will stay shut"), and the question does not ask for the plan."""
    if item.span is None or len(item.quote) > LONGEST or _ASKS_PLAN.search(question):
        return False
    first = item.span[0] - item.sentence.start
    plans = [match for match in _PLAN.finditer(item.quote) if match.start() <= first]
    return bool(plans) and not _CLAUSE.search(item.quote, plans[-1].end(), max(first, plans[-1].end()))


def tells_who(question: str, item: Evidence) -> bool:
    """Whether the question asks who did it, or to whom, and the sentence plainly says so."""
    return (
        len(item.quote) <= LONGEST and len(question) <= LONGEST and _party(question, item.quote) is not None
    )


def miscounted(question: str, item: Evidence) -> bool:
    """Whether the span is a figure said of another state of people than the one that the question counts."""
    asked = _states(question)
    if not asked or not _COUNTS.search(question) or item.span is None or len(item.quote) > LONGEST:
        return False
    at = item.span[0] - item.sentence.start, item.span[1] - item.sentence.start
    own = [
        figure
        for figure in figures(item.quote, item.article.language)
        if figure.start < at[1] and figure.end > at[0]
    ]
    if not own:
        return False
    clause = _states(_clause(item.quote, own[0]))
    return (bool(clause) and not clause & asked) or (asked == {"live"} and "live" not in _states(item.quote))


# --- parties ---------------------------------------------------------------------------------------


def _party(question: str, quote: str) -> Span | None:
    """The one who did it, or to whom, as a name in the sentence."""
    lowered = question.lower()
    for deed in _DEEDS:
        doer, other = (re.search(rf"\b(?:{form})", lowered) for form in (deed.asks_doer, deed.asks_other))
        if not doer and not other:
            continue
        if deed is _DEEDS[2] or deed is _DEEDS[3]:
            return _traded(quote, buyer=deed is _DEEDS[2])
        # "Kalah dari siapa" asks for the winner, though it also asks who lost.
        return _deed(deed, quote, other is None or (doer is not None and doer.start() <= other.start()))
    return None


def _deed(deed: _Deed, quote: str, doer: bool) -> Span | None:
    verbs = [
        (match.start(), -match.end(), match, way)
        for way, form in (("active", deed.active), ("passive", deed.passive), ("inverse", deed.inverse))
        for match in re.finditer(rf"\b(?:{form})\b", quote, re.IGNORECASE)
    ]
    for _, _, match, way in sorted(verbs, key=lambda verb: verb[:2]):
        before, behind = _before(quote, match.start()), _behind(quote, match.end())
        found = before if doer == (way == "active") else behind
        if found and (doer or not _ALONE.fullmatch(match[0])):
            return found
    return None


def _traded(quote: str, buyer: bool) -> Span | None:
    if match := _SOLD.search(quote):
        passive = match[0].lower().startswith(("dijual", "was", "were", "is"))
        to = _BUYER.search(quote, match.end())
        if buyer:
            return _behind(quote, to.end()) if to else None
        return (
            _behind(quote, match.end(), until=to.start() if to else None)
            if passive
            else _before(quote, match.start())
        )
    if match := _BOUGHT.search(quote):
        passive = match[0].lower().startswith(("di", "was", "were", "is"))
        seller = _SELLER.search(quote, match.end())
        if not buyer:
            return _behind(quote, seller.end()) if seller else None
        return _behind(quote, match.end()) if passive else _before(quote, match.start())
    return None


def _before(quote: str, end: int) -> Span | None:
    """The last name before a place, unless a clause ends between."""
    found = [match for match in _NAME.finditer(quote, 0, end) if match[0] not in _PRONOUNS]
    if (
        not found
        or re.search(rf"\b(?:{'|'.join(_PRONOUNS)})\b", quote[found[-1].end() : end])
        or re.search(r"[;:]", quote[found[-1].end() : end])
    ):
        return None
    return found[-1].span()


def _behind(quote: str, start: int, until: int | None = None) -> Span | None:
    """The first name behind a place; the person where a country stands before the name."""
    match = _NAME.search(quote, start, until or len(quote))
    if (
        not match
        or match[0] in _PRONOUNS
        or re.search(r"[;:]|\b(?:yang|who|which)\b", quote[start : match.start()])
    ):
        return None
    if _WHOSE.search(quote[: match.start()]) and (person := _APART.match(quote, match.end())):
        return person.span("name")
    return match.span()


# --- figures ---------------------------------------------------------------------------------------


def _changed(question: str, quote: str) -> Span | None:
    """The old or the new one of "from A to B"."""
    match = _CHANGE.search(quote)
    old, new = _ASKS_OLD.search(question), _ASKS_NEW.search(question)
    if not match or bool(old) == bool(new):
        return None
    side = "old" if old else "new"
    # A place is a name, all else begins with a figure.
    inside = _NAME.match(quote, match.start(side)) or re.compile(
        r"(?:Rp ?|US\$ ?|\$|€|£)?\d[\d.,]*\d|\d|\w+"
    ).match(quote, match.start(side))
    if inside is None:
        return None
    more = re.compile(
        r" ?%| (?:persen|per cent|percent|juta|miliar|triliun|ribu|million|billion|orang)\b"
    ).match(quote, inside.end())
    return inside.start(), more.end() if more else inside.end()


def _states(text: str) -> set[str]:
    return {name for name, form in _STATES.items() if form.search(text)}


def _counted(question: str, item: Evidence) -> Span | None:
    """The figure in whose clause the state stands that the question counts, where the span is another's."""
    asked = _states(question)
    if not asked or not _COUNTS.search(question):
        return None
    fitting = list(_fitting(asked, item))
    if item.span is None or not fitting:
        return None
    at = item.span[0] - item.sentence.start, item.span[1] - item.sentence.start
    if any(figure.start < at[1] and figure.end > at[0] for figure in fitting):
        own = next(figure for figure in fitting if figure.start < at[1] and figure.end > at[0])
        if at[0] >= own.start - 4 and at[1] <= _unit_end(item.quote, own):
            return None
        return own.start, _unit_end(item.quote, own)
    return fitting[0].start, _unit_end(item.quote, fitting[0])


def _fitting(asked: set[str], item: Evidence) -> Iterator[Figure]:
    for figure in figures(item.quote, item.article.language):
        if _states(_clause(item.quote, figure)) & asked:
            yield figure


def _clause(quote: str, figure: Figure) -> str:
    """The clause in which a figure stands."""
    begin = max((match.end() for match in _CLAUSE.finditer(quote, 0, figure.start)), default=0)
    end = next((match.start() for match in _CLAUSE.finditer(quote, figure.end)), len(quote))
    return quote[begin:end]


def _unit_end(quote: str, figure: Figure) -> int:
    """Where the figure ends with the noun that it counts."""
    unit = re.compile(
        r"\s(?:orang|jiwa|warga|korban|penumpang|people|persons|passengers|residents|kasus|cases)\b"
    ).match(quote, figure.end)
    return unit.end() if unit else figure.end
