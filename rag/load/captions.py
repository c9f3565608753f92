"""The captions of pictures, which are lines of their own and no part of a sentence beside them.

An editor writes a caption as part of the article: it says who is seen, where and when. Readers of pages drop
it with the picture. What leads to another article, and a photographer's name by itself, is no caption.
"""

from __future__ import annotations

import re
from typing import Any

LEAST_WORDS = 5
"""Words of a caption: what is shorter only names a picture."""
LONGEST = 600
"""Characters of a caption: what is longer is the article."""
_MOST = 200
"""Captions of a page that are read."""
_CLASSES = re.compile(
    r"(?i)(?:^|\s)(?:wp-caption-text|(?:photo|image|img|foto|figure|media|picture|article-image)[-_]{1,2}caption"
    r"|caption[-_]?text|caption[-_]{1,2}(?:foto|photo|image)|(?:photo|foto)[-_]{1,2}desc(?:ription)?)(?:\s|$)"
)
"""Classes of captions."""
_HOLDERS = re.compile(r"(?i)(?:^|\s)(?:wp-caption|(?:photo|foto|image|picture)(?:[-_]{1,2}\w+)?)(?:\s|$)")
"""Classes of a box that holds a picture with its caption."""
_NEAR = 4
"""Elements around a caption among which its picture is."""
_ELSEWHERE = re.compile(
    r"(?i)related|terkait|terpopuler|popul|rekomend|recommend|baca-?juga|lainnya|teaser|card|sidebar|promo|advert"
)
"""Classes of boxes that lead to other articles."""
_CREDIT = re.compile(
    r"(?i)[\s(\[/|–—-]*(?:\b(?:foto|photo|gambar|image|dok|sumber|credit|kredit|courtesy)\b\s*[:.]|©|\(c\)).{0,160}\Z"
)
"""Who took the picture, at a caption's end."""


def set_apart(tree: Any) -> None:
    """Puts each caption of an lxml tree into a paragraph behind its picture. Changes `tree`."""
    captions = [
        each
        for each in tree.iter("figcaption", "p", "div", "span")
        if each.tag == "figcaption" or _CLASSES.search(each.get("class") or "")
    ]
    for element in captions[:_MOST]:
        holder, leads = _around(element)
        if element.getparent() is None or element.find(".//table") is not None:
            continue
        line = "" if leads or _is_link(element) else _line(str(element.text_content()))
        for child in list(element):
            element.remove(child)
        element.text = None
        paragraph = element
        if holder is not None:
            paragraph = element.makeelement("p")
            holder.addnext(paragraph)
        paragraph.text = line
        paragraph.tag = "p" if line else paragraph.tag
        for name in list(paragraph.attrib):
            del paragraph.attrib[name]


def _line(text: str) -> str:
    """The caption without its credit, or nothing where it is too short or too long for one."""
    line = " ".join(text.split())
    if len(line) > LONGEST:
        return ""
    line = _CREDIT.sub("", line[-300:]) if len(line) <= 300 else line[:-300] + _CREDIT.sub("", line[-300:])
    line = line.strip()
    return line if len(line.split()) >= LEAST_WORDS else ""


def _around(element: Any) -> tuple[Any, bool]:
    """The element that holds the picture and its caption, if one does, and whether that leads elsewhere."""
    holder, leads = None, False
    for away, each in enumerate(element.iterancestors()):
        if each.tag in {"article", "main", "body"}:
            break
        classes = f"{each.get('class') or ''} {each.get('id') or ''}"
        leads = leads or each.tag in {"aside", "nav", "footer", "a"} or bool(_ELSEWHERE.search(classes))
        near = holder is None and away < _NEAR and each.getparent() is not None
        if near and (each.tag == "figure" or (each.tag == "div" and _HOLDERS.search(classes))):
            holder = each
    return holder, leads


def _is_link(element: Any) -> bool:
    """Whether most of a caption is a link."""
    words = len(str(element.text_content()))
    linked = sum(len(str(link.text_content())) for link in element.iter("a"))
    return linked > words / 2
