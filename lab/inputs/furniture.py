"""What cleaning takes out of real news bodies, and what it may have left: python -m lab.inputs.furniture

`--seed N` draws 300 bodies of 60 words and more from news_id.jsonl.gz. Every stretch that was taken out is
printed to be read, then what a loose list of words and the ends of each body make look like furniture that is
left. Whether it is, and how much of an article was touched, is for who reads it to say.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from random import Random

from lab.data import news
from rag.cutting.clean import clean, normalise
from rag.text.sentences import split

LEAST = 60
"""Words; what is shorter is a lead."""
ENDS = 70
"""Characters of a body's head and tail."""
LOOSE = re.compile(
    r"baca (?:juga|selengkapnya|berita|artikel|:)|simak|tonton|saksikan|selengkapnya|halaman (?:selanjutnya|"
    r"berikut)|scroll|advertisement|iklan|gambas|view this post|instagram|twitter\.com|t\.co/|youtube|"
    r"(?:sumber|source) ?:|editor ?:|reporter ?:|penulis|pewarta|kontributor|oleh ?:|foto ?:|video ?:|\*\*|©|"
    r"copyright|google news|telegram|whatsapp|channel|berlangganan|artikel ini|tayang|dilansir|klik|di sini|"
    r"lihat juga|dapatkan|ikuti|follow|https?:|www\.|pic\.|\[[^\]]*\]|\([a-z/]{2,12}\)",
    re.IGNORECASE,
)
"""Words that furniture has, and much else too."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--ends", action="store_true", help="show how each body begins and ends, too")
    options = parser.parse_args()
    bodies = [row["text"] or "" for row in news()]
    bodies = [normalise(body) for body in bodies if len(body.split()) >= LEAST]
    kinds: Counter[str] = Counter()
    total = 0
    for number, body in enumerate(Random(options.seed).sample(bodies, options.count)):
        kept, removed = clean(body)
        total += len(split(kept))
        for piece in removed:
            kinds[piece.kind] += 1
            before, after = body[: piece.start][-30:], body[piece.start + len(piece.text) :][:30]
            print(f"{number} - {piece.kind}: {before!r} [{piece.text!r}] {after!r}")
        for match in LOOSE.finditer(kept):
            print(f"{number} ? {kept[max(0, match.start() - 50) : match.end() + 60]!r}")
        if options.ends:
            print(f"{number} < {kept[:ENDS]!r}\n{number} > {kept[-ENDS:]!r}")
    print(f"{sum(kinds.values())} taken out: {dict(kinds)}; {total} sentences kept")


if __name__ == "__main__":
    main()
