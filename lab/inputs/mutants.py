"""Damaged inputs of every kind: `python -m lab.inputs.mutants --count 10000`.

Each is loaded as `kutip ingest` does and cut as an article is; every tenth is committed too. None may crash,
and each must give an article or one line. Times are of the processor, parent and child together, since the
machine may be busy with other work; the most memory is that of the child and of this process.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import tempfile
import time
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

from bot.app import App
from bot.settings import Settings
from lab.data import ROOT
from rag.cutting.article import cut
from rag.cutting.clean import normalise
from rag.load.child import CPU_SECONDS, Parser
from rag.load.file import load
from rag.types import Refusal
from tests.documents import drawn_pdf, paragraph, run, style, table, word
from tests.test_load_web import docx, pdf, rss
from tests.web_server import page

NASTY = (
    *(b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"<", b">", b"&#x110000;", b"&amp" * 50, b"<![CDATA[", b"]]>"),
    *(b"<!--", b"<!DOCTYPE a [<!ENTITY b 'c'>]>&b;", b"<script>", b"</p>" * 500, b"<div>" * 3000),
    *(b"<table><tr><td>" * 800, b"[" * 5000, b'{"a":' * 3000, b"1" * 5000, b"\n" * 3000, b" " * 20000),
    *(b"a" * 50000, b"A. " * 3000, b"(" * 2000, b"BACA JUGA : ", b"Simak juga Video: ", "\u202e".encode()),
    *("é\u0302".encode() * 300, b"/Length 999999999 ", b"obj", b"endstream", b"xref", b"trailer"),
    *(b"<sup>", b"</del>", b"<w:strike/>", b"12/3/24 ", b"\xc2\xad", b"---\n", b"[^1]", b"<math><mfrac>"),
    *(b"startxref\n-1", b"PK\x03\x04", b"PK\x05\x06", b"<w:p>" * 2000, b"<item>"),
)


_STYLES = "<style>.coret{text-decoration:line-through} @media print{.a{display:none}}</style>"
_MARKED = (
    "Lahan 10<span style='vertical-align:super'>6</span> <b class='coret'>12</b> 17 "
    "<i aria-hidden='true'>3</i><math><msqrt><mn>16</mn></msqrt></math><figure><img src='a'><figcaption>"
    "Warga Cimanggu berjalan di tanggul sungai. Foto: Antara</figcaption></figure>"
)


def samples() -> dict[str, list[bytes]]:
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds" / "articles").iterdir())]
    parts = [[line for line in text.split("\n") if len(line) > 40] for text in texts]
    plain = [line.encode("ascii", "replace").decode().replace("(", "").replace(")", "") for line in parts[0]]
    items = [(f"/{number}", "Judul", "&lt;p&gt;" + " ".join(lines)) for number, lines in enumerate(parts)]
    front = 'title: "Banjir: lagi"\ndate: 10/21/2025 20:43\nauthor:\n  - Ani\n  - Budi'
    marked = [run("Lahan 120 m"), run("2", "vertAlign=superscript"), run(" dan "), run("12", "strike")]
    rows = [json.dumps({"id": str(number), "text": text}) for number, text in enumerate(texts)]
    return {
        "html": [
            *(page("Judul", *lines).encode() for lines in parts),
            page("Judul", *parts[0], _MARKED, *parts[1], head=_STYLES).encode(),
        ],
        "rss": [rss(*items[at : at + 5]) for at in range(0, 10, 5)],
        "pdf": [
            pdf(*(line[at : at + 80] for line in plain for at in range(0, len(line), 80))),
            drawn_pdf(
                f"BT /F1 12 Tf 1 0 0 1 60 760 Tm ({plain[0][:70]}) Tj 0 -40 Td [(Korban ) 0 (12)] TJ "
                "( 17.) Tj ET 0.7 w 102 724 m 115.4 724 l S q 1 0 0 1 0 -20 cm 102 723 13 0.7 re f Q "
                "BT 3 Tr (gaib) Tj ET",
                "<< /Type /Annot /Subtype /StrikeOut /QuadPoints [102 730 115 730 102 717 115 717] >>",
            ),
        ],
        "docx": [
            *(docx(*lines) for lines in parts),
            word(paragraph(parts[0][0]), paragraph(*marked), table(("Desa", "Korban"), ("Cimanggu", "3"))),
            word(
                *(paragraph(run(line, "rStyle=Anak"), style="Coret") for line in parts[0]),
                styles=style("Pangkat", "vertAlign=superscript")
                + style("Anak", based="Pangkat")
                + style("Coret", "strike=0", kind="paragraph"),
            ),
        ],
        "md": [
            f"---\n{front}\n---\n# Judul\n\n{text}\n\n~~12~~ 17 m<sup>2</sup> {{--3--}} 10^6^".encode()
            for text in texts
        ],
        "jsonl": [
            *("\n".join(rows[at : at + 4]).encode() for at in range(0, 12, 4)),
            json.dumps(
                {"title": "a &amp; b", "text": f"<p>{'</p><p>'.join(parts[0])}</p>{_MARKED}"}
            ).encode(),
        ],
        "txt": [text.encode() for text in texts],
    }


def mutant(kind: str, data: bytes, random: Random) -> bytes:
    if kind == "docx" and random.random() < 0.7:
        # Most damage to a zip only breaks the zip: the XML within is damaged instead.
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inner = {name: archive.read(name) for name in archive.namelist()}
        inner["word/document.xml"] = damaged(inner["word/document.xml"], random)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, part in inner.items():
                archive.writestr(name, part)
        return out.getvalue()
    return damaged(data, random)


def damaged(data: bytes, random: Random) -> bytes:
    made = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4, 16))):
        at = random.randrange(len(made) + 1)
        end = min(len(made), at + random.choice((1, 4, 64, 1024)))
        match random.randrange(7):
            case 0 if made:
                made[at % len(made)] = random.randrange(256)
            case 1:
                del made[at:end]
            case 2:
                made[at:at] = random.choice(NASTY)
            case 3:
                made[at:at] = made[at:end] * random.choice((1, 2, 50))
            case 4:
                made[at:end] = random.randbytes(end - at)
            case 5:
                made = made[: max(1, at)]
            case _:
                made[at:end] = random.choice(NASTY)
    return bytes(made[:3_000_000])


def _worked(parser: Parser) -> float:
    """Seconds that the parser's child has worked since it started; 0 where none runs."""
    child = parser._child
    stat = Path(f"/proc/{child.pid}/stat") if child is not None else None
    if stat is None or not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    random, base, became = Random(asked.seed), samples(), Counter[str]()
    reasons, slowest, longest, child_slowest = Counter[str](), 0.0, 0.0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        app, parser = App(Settings(home=Path(folder) / "home")), Parser()
        kept: list[str] = []
        for number in range(asked.count):
            kind = list(base)[number % len(base)]
            path = Path(folder, f"{number}.{kind}")
            path.write_bytes(mutant(kind, random.choice(base[kind]), random))
            began, wall, child = time.process_time(), time.monotonic(), parser._child
            before = _worked(parser)
            found = list(load(path, parser))
            assert found, path
            # A child that was started for this input also loaded its libraries; one that the limit ended is
            # counted by its line.
            if parser._child is child:
                child_slowest = max(child_slowest, _worked(parser) - before)
            for each in found:
                if isinstance(each, Refusal):
                    assert "\n" not in each.reason, each
                    reasons[f"{kind}: {''.join(c for c in each.reason if not c.isdigit())[:50]}"] += 1
                else:
                    cut(replace(each, id=str(number), text=normalise(each.text)), app._window)
            slowest = max(slowest, time.process_time() - began)
            longest = max(longest, time.monotonic() - wall)
            became[f"{kind}, refused" if isinstance(found[0], Refusal) else f"{kind}, an article"] += 1
            if number % 10 == 0:
                kept.append(str(path))
            else:
                path.unlink()
            if len(kept) == 500 or number == asked.count - 1:
                done = list(app.ingest(kept))
                became["committed or refused with a line"] += len(done)
                assert all(each.status != "refused" or "\n" not in str(each.reason) for each in done)
                kept = []
            if number % 1000 == 999:
                print(f"{number + 1} …", flush=True)
        parser.close()
        app.close()
    kilobytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    for what, count in sorted(became.items()):
        print(f"{count:6} {what}")
    for what, count in reasons.most_common(40):
        print(f"{count:6} {what}")
    print(f"{asked.count} inputs, no crash; slowest {slowest:.2f} s of CPU here, {child_slowest:.2f} s in")
    print(f"the child, which is ended at {CPU_SECONDS} s; {longest:.1f} s by the clock; most memory: child")
    print(f"{kilobytes >> 10} MB, this process with its models {own} MB")


if __name__ == "__main__":
    main()
