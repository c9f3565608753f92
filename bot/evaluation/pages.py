"""A report written down: for the terminal, as Markdown with PNG plots, and as one HTML page. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bot.evaluation.asking import Result
from bot.evaluation.cases import Quote
from bot.evaluation.drawing import DARK, LIGHT, Drawing, Role, png, svg
from bot.evaluation.report import SPOKEN, Document, Section, Table


def in_terminal(section: Section, columns: int) -> str:
    """The section's table in aligned columns. Those that do not fit follow below, beside the labels again."""
    assert section.table is not None
    rows = [list(section.table.head), *map(list, section.table.rows)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    blocks: list[list[int]] = [[0]]
    for place in range(1, len(widths)):
        if len(blocks[-1]) > 1 and sum(widths[each] + 2 for each in blocks[-1]) + widths[place] > columns:
            blocks.append([0])
        blocks[-1].append(place)
    return "\n\n".join(
        "\n".join("  ".join(row[place].ljust(widths[place]) for place in block).rstrip() for row in rows)
        for block in blocks
    )


def markdown(document: Document) -> tuple[str, dict[str, bytes]]:
    """The text, and the PNG files that it shows, by name."""
    parts = [f"# {document.title}", document.lead]
    plots: dict[str, bytes] = {}
    for section in document.sections:
        parts += [f"## {section.title}", section.note] if section.note else [f"## {section.title}"]
        if section.table:
            parts.append(_markdown(section.table))
        if section.drawing:
            plots[f"{section.name}.png"] = png(section.drawing)
            parts.append(f"![{section.drawing.says}]({section.name}.png)")
    if wrong := [result for result in document.results if told(result)]:
        parts.append("## Questions that went wrong")
        parts.append(_markdown(Table(["id", "question", "what happened"], [_row(each) for each in wrong])))
    return "\n\n".join(parts) + "\n", plots


def told(result: Result) -> str:
    """What is wrong with a result, in words; empty where nothing is known to be."""
    measures = result.measures
    if result.error:
        return f"failed: {result.error}"
    if measures.get("quotes_exact", 1) < 1:
        return "a quote is not exact"
    if measures.get("wrong_again"):
        return "cited again what was marked as wrong"
    if measures.get("no_fact") and measures.get("declined_rightly") != 0:
        return "answered, and no cited sentence states a fact"
    if measures.get("says_wrong"):
        return "said the opposite"
    if measures.get("complete") == 0 and not measures.get("declined_wrongly"):
        return f"{len(_stated(result))} of {len(result.facts or ())} facts, {result.need} needed"
    if measures.get("wrong_answer") and not measures.get("complete"):
        return "answered wrongly" + (", a right quote below" if measures["any_right"] else "")
    if measures.get("declined_wrongly"):
        return "declined" + (", the right quote first" if measures["first_right"] else "")
    if measures.get("declined_rightly") == 0:
        return "answered, though no article does"
    return "in the wrong language" if measures.get("language") == 0 else ""


def _stated(result: Result) -> set[int]:
    return {fact for cited in result.cited for fact in cited.facts}


def html(document: Document) -> str:
    """One page that needs nothing else, light or dark as the reader's system is."""
    body = [f"<h1>{escape(document.title)}</h1>", f'<p class="lead">{escape(document.lead)}</p>']
    if document.tiles:
        tiles = "".join(f"<li><b>{escape(a)}</b>{escape(b)}</li>" for a, b in document.tiles)
        body.append(f'<ul class="tiles">{tiles}</ul>')
    for section in document.sections:
        body.append(f"<section><h2>{escape(section.title)}</h2>")
        if section.note:
            body.append(f"<p>{escape(section.note)}</p>")
        if section.drawing:
            body.append(_figure(section.drawing))
        if section.table:
            body.append(_table(section.table))
        body.append("</section>")
    if document.results:
        body.append(_results(document.results))
    return _PAGE.replace("{style}", _style()).replace("{body}", "\n".join(body))


def _markdown(table: Table) -> str:
    rows = [table.head, ["---"] * len(table.head), *table.rows]
    return "\n".join("| " + " | ".join(_flat(cell) for cell in row) + " |" for row in rows)


def _flat(cell: str) -> str:
    return " ".join(cell.split()).replace("|", "\\|").replace("<", "&lt;")


def _row(result: Result) -> list[str]:
    return [result.id, result.question, told(result)]


def _figure(drawing: Drawing) -> str:
    if drawing.narrow is None:
        return f"<figure>{svg(drawing)}</figure>"
    both = f'<div class="broad">{svg(drawing)}</div><div class="narrow">{svg(drawing.narrow)}</div>'
    return f"<figure>{both}</figure>"


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.head)
    rows = ""
    for label, *cells in table.rows:
        rows += f'<tr><th scope="row">{escape(label)}</th>'
        # A telephone shows a row as lines, each with its column's head before it.
        named = zip(table.head[1:], cells, strict=False)
        rows += "".join(f'<td data-head="{escape(head)}">{escape(cell)}</td>' for head, cell in named)
        rows += "</tr>"
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _results(results: Sequence[Result]) -> str:
    wrong = sum(bool(told(result)) for result in results)
    return (
        f"<section><h2>Questions</h2><p>{wrong} of {len(results)} went wrong; they come first. Open one to "
        "see what was shown and what was expected.</p>"
        + "".join(_result(each) for each in sorted(results, key=lambda each: not told(each)))
        + "</section>"
    )


def _result(result: Result) -> str:
    trouble = told(result)
    mark = (
        f'<span class="bad">{escape(trouble)}</span>' if trouble else '<span class="good">as expected</span>'
    )
    quotes = "".join(
        f'<li class="{_KIND[each.right]}">{_quoted(each.quote, each.article)}</li>' for each in result.cited
    )
    language = SPOKEN.get(result.language or "", "")
    return (
        f"<details><summary><small>{escape(result.id)}</small> {escape(result.question)} {mark}</summary>"
        f"<p>{escape(result.text)} <small>{escape(language)}, {escape(result.status)}</small></p>"
        f"<ol>{quotes}</ol>{_expected(result)}</details>"
    )


def _expected(result: Result) -> str:
    if result.gold is None:
        return ""
    if not result.gold:
        return "<h3>Expected</h3><p>No answer.</p>"
    if not result.facts:
        return f"<h3>Expected</h3><ul>{_quotes(result.gold)}</ul>"
    stated = _stated(result)
    facts = "".join(
        f"<h3>Fact {number}, {'stated' if number in stated else 'missing'}</h3><ul>{_quotes(fact)}</ul>"
        for number, fact in enumerate(result.facts, start=1)
    )
    return f"<h3>Expected: {result.need} of {len(result.facts)} facts</h3>{facts}"


def _quotes(quotes: Sequence[Quote]) -> str:
    return "".join(f"<li>{_quoted(quote.text, quote.article)}</li>" for quote in quotes)


def _quoted(text: str, article: str) -> str:
    return f"<q>{escape(text)}</q> <small>{escape(article)}</small>"


_KIND = {True: "right", False: "wrong", None: "unknown"}


def _colours(palette: dict[Role, str]) -> str:
    return "".join(f"--{role}:{colour};" for role, colour in palette.items())


def _style() -> str:
    return (
        f":root{{color-scheme:light dark;{_colours(LIGHT)}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{_colours(DARK)}}}}}{_RULES}"
    )


_RULES = """
*{box-sizing:border-box}
body{margin:0 auto;max-width:62rem;padding:2rem 1.25rem 4rem;background:var(--paper);color:var(--ink);
font:1rem/1.55 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .5rem}
h2{font-size:1.25rem;margin:2.75rem 0 .25rem}
h3{font-size:.85rem;margin:.75rem 0 .25rem;color:var(--muted)}
p{margin:.25rem 0 .75rem;max-width:46rem}
body{overflow-wrap:break-word}
.narrow{display:none}
.lead,section>p,small{color:var(--muted)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;list-style:none;
margin:1.5rem 0;padding:0}
.tiles li{border:1px solid var(--grid);border-radius:.6rem;padding:.8rem 1rem;color:var(--muted);
font-size:.9rem}
.tiles b{display:block;font-size:1.75rem;line-height:1.25;color:var(--ink);font-variant-numeric:tabular-nums}
figure{margin:1rem 0}
svg{display:block;width:100%;height:auto;font-family:inherit}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;width:100%}
th,td{text-align:left;padding:.4rem .8rem .4rem 0;border-bottom:1px solid var(--grid);vertical-align:top}
td:not(:last-child){white-space:nowrap}
thead th{color:var(--muted);font-weight:500}
tbody th{font-weight:500}
details{border-bottom:1px solid var(--grid);padding:.45rem 0}
summary{cursor:pointer}
.bad{color:var(--second)}
.good{color:var(--third)}
summary span{margin-left:.5rem;font-size:.875rem;white-space:nowrap}
ol,ul{margin:.25rem 0;padding-left:1.5rem}
.right::marker{color:var(--third);font-weight:700}
.wrong::marker{color:var(--second);font-weight:700}
@media print{details{break-inside:avoid}}
@media (max-width:40rem){
body{padding:1.25rem 1rem 3rem}
h1{font-size:1.5rem}
.broad{display:none}
.narrow{display:block}
figure>svg{min-width:34rem}
figure{overflow-x:auto}
thead{display:none}
table,tbody,tr,th,td{display:block}
tr{border-bottom:1px solid var(--grid);padding:.5rem 0}
th,td,td:not(:last-child){border:0;padding:.1rem 0;white-space:normal}
td{display:flex;gap:.75rem;justify-content:space-between;text-align:right}
tbody th{font-weight:650}
td::before{color:var(--muted);content:attr(data-head);flex:none;text-align:left}
summary span{display:block;margin:0;white-space:normal}
}
"""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Kutip</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""
