"""What a PDF's page strikes out or sets without ink is no text; other lines take nothing away."""

from __future__ import annotations

import pytest

from rag.load.documents import pdf
from tests.documents import drawn_pdf

FIRST = "Banjir setinggi dua meter merendam enam desa di Kecamatan Wanareja."
LAST = "Kepala BPBD mengatakan ratusan warga mengungsi ke balai desa."
LINE = "Korban 12 17 orang tewas."
AT = "BT /F1 12 Tf 1 0 0 1 60 720 Tm"
"""Where the line stands; in Helvetica of 12 points its 12 goes from 102 to 115.3."""


def text(commands: str, notes: str = "", picture: bool = False) -> str:
    """The text of a page between whose first and last line these commands set something."""
    around = [f"BT /F1 12 Tf 1 0 0 1 60 {up} Tm ({line}) Tj ET" for up, line in ((760, FIRST), (680, LAST))]
    return str(pdf.parse(drawn_pdf("\n".join((around[0], commands, around[1])), notes, picture))["text"])


@pytest.mark.parametrize(
    "commands",
    [
        f"{AT} ({LINE}) Tj ET 0.7 w 102 724 m 115.4 724 l S",
        f"{AT} ({LINE}) Tj ET 102 723.6 13.4 0.7 re f",
        f"{AT} (Korban ) Tj (12) Tj ( 17 orang tewas.) Tj ET 102 723.6 13.4 0.7 re f",
        f"{AT} [(Kor) 0 (ban 1) 0 (2) 0 ( 17 orang tewas.)] TJ ET 102 723.6 13.4 0.7 re f",
        "BT /F1 12 Tf 60 736 Td 16 TL (Korban 12 17 orang tewas.) ' ET 102 724 m 115.4 724 l S",
        'BT /F1 12 Tf 60 736 Td 16 TL 0 0 (Korban 12 17 orang tewas.) " ET 102 724 m 115.4 724 l S',
        f"102 724 m 115.4 724 l S {AT} ({LINE}) Tj ET",
        "q 0.5 0 0 0.5 0 0 cm BT /F1 24 Tf 1 0 0 1 120 1440 Tm (Korban 12 17 orang tewas.) Tj ET Q "
        "102 723.6 13.4 0.7 re f",
        f"{AT} 100 Tz ({LINE}) Tj ET q 1 0 0 1 100 720 cm 2 4 m 15.4 4 l S Q",
    ],
)
def test_words_under_a_line_are_struck_out(commands: str) -> None:
    assert "Korban 17 orang tewas." in text(commands)


@pytest.mark.parametrize(
    "commands",
    [
        "102 718 13.4 0.7 re f",  # underlined
        "102 732 13.4 0.7 re f",  # a line above
        "40 723.6 500 0.7 re f",  # a rule of a table
        "102 718 13.4 12 re f",  # a mark of colour behind the words
        "102 718 13.4 12 re S",  # a box around them
        "102 724 m 115.4 724 l n",  # a line that is not drawn
        "102 700 m 102 740 l S",  # upright
    ],
)
def test_other_lines_take_nothing_away(commands: str) -> None:
    assert LINE in text(f"{AT} ({LINE}) Tj ET {commands}")


def test_a_readers_mark_strikes_words_out() -> None:
    note = "<< /Type /Annot /Subtype /StrikeOut /Rect [102 717 115.4 730] "
    note += "/QuadPoints [102 730 115.4 730 102 717 115.4 717] >>"
    assert "Korban 17 orang tewas." in text(f"{AT} ({LINE}) Tj ET", note)
    assert LINE in text(f"{AT} ({LINE}) Tj ET", note.replace("StrikeOut", "Highlight"))
    assert LINE in text(f"{AT} ({LINE}) Tj ET", note.replace("[102 730", "[(x) 730"))


def test_words_without_ink_are_no_text_unless_there_is_nothing_else_or_a_picture() -> None:
    commands = f"{AT} 3 Tr ({LINE}) Tj 0 Tr ET"
    assert "Korban" not in text(commands)
    assert LINE in text(commands, picture=True)
    alone = drawn_pdf(f"{AT} 3 Tr ({LINE} {FIRST}) Tj ET")
    assert LINE in pdf.parse(alone)["text"]


@pytest.mark.parametrize(
    "commands",
    ["102 724 m l S", "(x) Tf", "1 Tm", "Q Q q", "/F9 12 Tf (ada) Tj", "[(ada) null] TJ", "a b c re f"],
)
def test_odd_commands_cost_nothing_else(commands: str) -> None:
    assert FIRST in text(f"BT {commands} ET 102 723.6 13.4 0.7 re f")
