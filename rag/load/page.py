"""Read the article of a web page, with trafilatura; say what kind of page it is if it has no article."""

from __future__ import annotations

import copy
import json
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import trafilatura

from rag.errors import InputError
from rag.load.addresses import site
from rag.load.captions import set_apart
from rag.load.marks import keep_meaning

LARGEST = 1024 * 1024
"""Bytes of HTML that are read. trafilatura's time grows faster than the page (27 s for 10 MB)."""
LEAST = 150
"""Characters that an article must have. A shorter text is a menu or another remainder of a page."""
_STUB = 1_500
"""Characters. A longer text is an article, even if it asks for a subscription or for consent."""

_LONGEST_CALL = 250
"""Characters that a line may have to count as a call to subscribe."""
MOST_PAGES = 10
"""Pages of one article that are read."""
_DATE_NAMES = frozenset(
    "article:published_time og:published_time og:article:published_time datepublished date pubdate "
    "publishdate publish_date publish-date published_date publishtime pub_date dc.date "
    "dc.date.issued dcterms.date "
    "dcterms.created dcterms.issued dc.date.created article.published article_date_original "
    "parsely-pub-date sailthru.date cxenseparse:recs:publishtime originalpublicationdate content_publishdate "
    "rnews:datepublished".split()
)
"""Names of the `<meta>` elements that give the date of publication."""
_PAGE_NUMBER = re.compile(r"(?:page|hal|halaman|laman)=(?:(\d{1,3})|\w*)")
"""A page's number in the query of an address."""
_DATE_CLASSES = frozenset(("datepublished", "pubdate", "entry-date", "dt-published"))
"""Classes of the elements that show the date of publication."""
_PAID = re.compile(
    r"(?i)(?:ber)?langganan (?:sekarang|dulu"
    r"|(?:untuk|agar)(?: \w+)? (?:lanjut|melanjutkan|membaca|baca|mengakses))"
    r"|khusus (?:untuk )?pelanggan"
    r"|(?:konten|artikel|berita)(?: ini)? (?:premium|berbayar|khusus)"
    r"|(?:masuk|login|daftar)(?: \w+)? (?:untuk|agar dapat|agar bisa)"
    r" (?:lanjut|membaca|melanjutkan|mengakses)"
    r"|subscribe (?:now )?to (?:continue|read|unlock)|subscribers? only|already a subscriber"
    r"|(?:sign|log) ?in to (?:continue|read)|to continue reading|unlock this article|sudah berlangganan\?"
)
"""Words that say that the rest of an article is for subscribers."""
_CALL = re.compile(
    r"(?i)(?:silakan |yuk,? |ayo |mohon )?(?:ber)?langganan\b|(?:silakan )?(?:masuk|login|daftar)\b"
    r"|sudah (?:berlangganan|punya akun)"
    r"|(?:konten|artikel|berita) (?:ini )?(?:khusus|premium|berbayar|hanya|eksklusif)|khusus pelanggan"
    r"|(?:untuk|agar) (?:dapat |bisa )?(?:lanjut|melanjutkan|membaca|mengakses)|dapatkan akses|nikmati akses"
    r"|anda telah mencapai|subscribe|already a subscriber|subscribers? only|sign in|log ?in|unlock"
    r"|to continue|this (?:article|content|story) is|you have (?:reached|read)|get (?:full|unlimited) access"
)
"""The beginning of a line that asks the visitor to subscribe. A sentence of an article begins otherwise,
since it is about others: "penonton harus berlangganan untuk menyaksikan laga"."""
_REPORTED = re.compile(r"(?i)\b(?:kata|ujar|tutur|menurut|jelas|ucap|said|says|according)\b")
"""Words that occur in sentences of articles and not in calls to subscribe."""
_NOT_FREE = re.compile(rb"\"isAccessibleForFree\"\s*:\s*\"?(?:false|False)")
"""How a page says to programs that its article is for subscribers (schema.org)."""
_CONSENT = re.compile(
    r"(?i)\bcookies?\b|\bkuki\b|\bconsent\b|kebijakan privasi|privacy policy|\bGDPR\b|persetujuan Anda"
)
"""Words that occur on pages that ask for consent to cookies."""
_ASKS = re.compile(
    r"(?i)\b(?:kami|we|our site|situs (?:web )?ini|this (?:site|website))\b[^.!?]{0,60}\b(?:cookies?|kuki)\b"
    r"|\bpersetujuan Anda\b|\byour (?:consent|privacy choices|choices)\b|\b(?:terima|tolak) semua\b"
    r"|\b(?:accept|reject) all\b|\bdengan (?:melanjutkan|mengklik|menggunakan situs)"
    r"|\bby (?:continuing|clicking)\b"
    r"|\bpengaturan (?:cookies?|kuki)\b|\bcookie settings\b|\bmanage (?:cookies|preferences)\b"
)
"""What a site says to its visitor about cookies. An article about cookies is about others."""
_SCRIPT = re.compile(
    r"(?i)(?:enable|turn on|aktifkan|nyalakan) (?:your )?java ?script|checking your browser"
    r"|are you a (?:robot|human)|verify(?:ing)? (?:that )?you are (?:a )?human"
    r"|captcha|access denied|just a moment"
)
"""Words of a page that needs JavaScript or checks for robots."""
_TAGS = re.compile(
    rb"<(?:script|style|noscript)\b.{0,100000}?</(?:script|style|noscript)\s*>|<[^>]{0,5000}>", re.DOTALL
)
"""Tags, scripts and styles. The lengths are limited so that a damaged page costs no time."""


def parse(data: bytes, url: str | None = None) -> dict[str, Any]:
    """Parse a web page.

    Returns the article's `text`, `title`, `publisher` and `author`; `url`, its canonical address; `dates`,
    the dates of publication that the page gives; `guess`, trafilatura's guess at the date; and `pages`, the
    addresses of the article's further pages. Raises InputError if there is no article; the message says what
    kind of page it is.
    """
    if len(data) > LARGEST:
        raise InputError(f"over {LARGEST // 1024**2} MB of HTML, more than an article's page has")
    if b"<" not in data:
        raise InputError("not an HTML page")
    tree = trafilatura.load_html(data)
    if tree is None:
        raise InputError(_lacking("", data))
    dates, pages = written_dates(tree), further_pages(tree, url)
    if b"LiveBlogPosting" in data:
        # In a live blog, times belong to the entries. On other pages they do not belong to the text.
        for time in tree.iter("time"):
            time.tag = "p"
    keep_meaning(tree)
    set_apart(tree)
    found = trafilatura.bare_extraction(
        tree,
        url=url,
        with_metadata=True,
        include_comments=False,
        date_extraction_params={"original_date": True, "extensive_search": False},
    )
    if found is None or isinstance(found, dict):
        raise InputError(_lacking("", data))
    lines = [_line(line) for line in (found.text or "").split("\n")]
    title = " ".join((found.title or "").split()) or None
    # The headline is the title, and not a sentence of the text.
    text = "\n".join(line for line in lines if line and line != title)
    if why := _stub(text, data):
        raise InputError(why)
    if len(text) < LEAST:
        raise InputError(_lacking(text, data))
    return {
        "text": text,
        "title": title,
        "dates": dates,
        "guess": found.date,
        "publisher": found.sitename or found.hostname,
        "author": found.author,
        "url": canonical(found.url, url),
        "pages": pages,
    }


# --- what a page says of itself ---------------------------------------------------------------------------


def written_dates(tree: Any) -> list[str]:
    """The dates of publication that a page gives for programs, at most eight, the most reliable first."""
    found: list[str] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or ""):
            found += _linked_dates(script.text or "")
    for meta in tree.iter("meta"):
        names = (meta.get(key) or "" for key in ("property", "name", "itemprop"))
        if any(name.lower() in _DATE_NAMES for name in names) and meta.get("content"):
            found.append(meta.get("content"))
    for time in tree.iter("time", "abbr", "span"):
        says = f"{time.get('itemprop') or ''} {time.get('class') or ''}".lower().split()
        if "pubdate" in time.attrib or not _DATE_CLASSES.isdisjoint(says):
            found.append(time.get("datetime") or time.get("content") or time.get("title") or "")
    return list(dict.fromkeys(each.strip()[:120] for each in found if each.strip()))[:8]


def _linked_dates(text: str) -> list[str]:
    """The values of `datePublished` of the articles in a piece of JSON-LD."""
    try:
        left = [json.loads(text)]
    except (ValueError, RecursionError):
        # Many pages have invalid JSON, with line breaks in strings. A single date is still clear.
        said = set(re.findall(r'"datePublished"\s*:\s*"([^"\n]{6,60})"', text))
        return list(said) if len(said) == 1 else []
    found: list[str] = []
    for _ in range(200):
        if not left:
            break
        each = left.pop(0)
        if isinstance(each, list):
            left += each[:50]
        elif isinstance(each, dict):
            kinds = each.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            if any(isinstance(kind, str) and kind.endswith(("Article", "Posting")) for kind in kinds):
                found += [each["datePublished"]] if isinstance(each.get("datePublished"), str) else []
            left += [each[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in each]
    return found


def further_pages(tree: Any, url: str | None) -> list[str]:
    """The addresses of an article's second and further pages, in order, from the links of its first. The
    numbers that link to them are removed from `tree`, since they are not part of the text."""
    own = _numbered(url)[0] if url else None
    found: dict[int, str] = {}
    numbers: list[Any] = []
    for link in tree.iter("a", "link"):
        address, is_next = link.get("href") or "", "next" in (link.get("rel") or "").lower().split()
        is_number = (link.text or "").strip().isdecimal()
        if not address or not (is_next or is_number):
            continue
        try:
            whole = urljoin(url or "", address)
        except ValueError:
            continue
        base, number = _numbered(whole)
        if own is not None and base != own:
            continue
        numbers += [link] if is_number else []
        if 2 <= number <= MOST_PAGES:
            found.setdefault(number, whole)
    for link in numbers if found else ():
        link.text = ""
    return [found[number] for number in sorted(found)]


def _numbered(url: str) -> tuple[str, int]:
    """An address without its page number, and that number; 0 if it has none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, 0
    query = parts.query.split("&") if parts.query else []
    numbers = [match for each in query if (match := _PAGE_NUMBER.fullmatch(each))]
    rest = [each for each in query if not _PAGE_NUMBER.fullmatch(each)]
    path = parts.path.rstrip("/")
    if numbers:
        return f"{site(url)}{path}?{'&'.join(rest)}", int(numbers[0][1] or 0)
    match = re.search(r"/(?:page/|hal/)?(\d{1,2})\Z", path)
    if match:
        return f"{site(url)}{path[: match.start()]}?{'&'.join(rest)}", int(match[1])
    return f"{site(url)}{path}?{'&'.join(rest)}", 0


def canonical(said: str | None, url: str | None) -> str | None:
    """`said`, the address that a page says is its own; but `url` if it is on another site or is missing."""
    if not said or not said.lower().startswith(("http://", "https://")):
        return url
    if url is None or site(said) == site(url):
        return said
    return url


def fragment(html: str) -> str:
    """The text of a piece of HTML from a feed, one line for each block."""
    tree = trafilatura.load_html(f"<html><body><article>{html}</article></body></html>")
    if tree is None:
        return ""
    keep_meaning(tree)
    set_apart(tree)
    plain = trafilatura.html2txt(copy.deepcopy(tree))
    found = trafilatura.bare_extraction(tree, include_comments=False, favor_recall=True)
    if found is not None and not isinstance(found, dict) and found.text:
        plain = found.text
    return "\n".join(line for line in map(_line, plain.split("\n")) if line)


def _line(line: str) -> str:
    """A line without trafilatura's marks for list items, and with " | " between the cells of a table."""
    line = " ".join(line.split())
    if line.startswith("|"):
        if not line.strip("|-: "):
            return ""
        line = " | ".join(cell.strip() for cell in line.strip("| ").split("|"))
    return line.removeprefix("- ").strip()


def _stub(text: str, data: bytes) -> str | None:
    """Why this is not a whole article: a subscription or a consent is needed. None if it seems to be one."""
    if len(text) >= _STUB:
        return None
    last = [line for line in text.split("\n") if line.strip()][-3:]
    calls = (line for line in last if len(line) < _LONGEST_CALL and _CALL.match(line.lstrip(' -–—•*([“"')))
    if any(_PAID.search(line) and not _REPORTED.search(line) for line in calls) or _NOT_FREE.search(data):
        return "only the beginning of an article: the rest is for subscribers"
    if len(_ASKS.findall(text)) >= 2 and _CONSENT.search(text):
        return "a page that asks for consent to cookies, and no article"
    return None


def _lacking(text: str, data: bytes) -> str:
    """What kind of page this is, which has no article, as far as its words show."""
    words = text + " " + _TAGS.sub(b" ", data[:200_000]).decode("utf-8", "replace")
    if _SCRIPT.search(words):
        return "a page that wants a browser (JavaScript or a check for robots), and no article"
    if _PAID.search(words) and len(words) < 20_000:
        return "only the beginning of an article: the rest is for subscribers"
    if len(_CONSENT.findall(words)) >= 2 and len(" ".join(words.split())) < 3_000:
        return "a page that asks for consent to cookies, and no article"
    return "no article in this page"
