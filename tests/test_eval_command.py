"""`kutip eval` and `kutip bench` as they are run, on the shipped models and a few questions."""

from __future__ import annotations

import io
import json
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot import cli
from bot.bench import steps
from bot.bench.command import FIGURES, Size, bench, document, exponent
from bot.bench.made import articles
from rag.errors import InputError

QUESTIONS = (
    {"id": "a", "question": "Siapa Bupati Rawa?", "language": "id", "answers": ["Nurhayati"]}
    | {"gold": [{"article": "n1", "quote": "Bupati Rawa Nurhayati meninjau banjir."}]},
    {"id": "b", "question": "How do I reset my router password?", "language": "en", "gold": []},
    {"id": "c", "question": "Siapa Bupati Rawa itu?"}
    | {"wrong": [{"article": "n2", "quote": "Harga beras <b>naik</b> di pasar."}]},
    {"id": "d", "question": "Berapa harga beras?", "gold": [{"article": "n2", "quote": "Not there."}]},
)
ARTICLES = (
    {"id": "n1", "text": "Bupati Rawa Nurhayati meninjau banjir. Warga mengungsi ke sekolah."},
    {"id": "n2", "text": "Harga beras <b>naik</b> di pasar. Pedagang mengeluh."},
)


def kutip(capfd: pytest.CaptureFixture[str], *words: str | Path) -> SimpleNamespace:
    """Runs `kutip …` in this process."""
    capfd.readouterr()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["kutip", *map(str, words)])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
        with pytest.raises(SystemExit) as end:
            cli.main()
    out, err = capfd.readouterr()
    assert "Traceback" not in out + err
    return SimpleNamespace(status=end.value.code or 0, out=out, err=err)


def _lines(path: Path, rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")  # type: ignore[attr-defined]
    return path


class Page(HTMLParser):
    """What a page loads from elsewhere, and whether its elements end."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "line", "circle"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("line", "circle"):
            assert self.open.pop() == tag


def test_an_evaluation_is_reported_in_every_form_and_compares_with_itself(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, home: Path
) -> None:
    questions = _lines(tmp_path / "q.jsonl", QUESTIONS)
    news = _lines(tmp_path / "news.jsonl", ARTICLES)
    first = tmp_path / "first"
    done = kutip(capfd, "eval", "--questions", questions, "--articles", news, "--out", first)
    assert done.status == 0, done.err
    assert "first citation right" in done.out
    assert not (home / "archive.db").exists()

    report = json.loads((first / "report.json").read_text(encoding="utf-8"))
    assert report["figures"]["quotes_exact"]["mean"] == 1
    assert report["figures"]["wrong_again"]["count"] == 1
    assert report["lost"] == ["d"]
    assert [case["id"] for case in report["cases"]] == ["a", "b", "c", "d"]
    assert report["cases"][0]["measures"]["first_right"] == 1

    page = Page()
    text = (first / "report.html").read_text(encoding="utf-8")
    page.feed(text)
    assert (page.open, page.loaded) == ([], [])
    assert "prefers-color-scheme:dark" in text
    assert "<b>naik</b>" not in text
    shown = (first / "report.md").read_text(encoding="utf-8")
    plots = [line.split("(")[1].rstrip(")") for line in shown.splitlines() if line.startswith("![")]
    assert plots
    assert all((first / name).read_bytes().startswith(b"\x89PNG") for name in plots)

    done = kutip(
        *(capfd, "eval", "--questions", questions, "--articles", news),
        *("--against", first, "--out", tmp_path / "second", "--json"),
    )
    again = json.loads(done.out)
    assert again["figures"] == report["figures"]
    assert "within chance" in (tmp_path / "second" / "report.md").read_text(encoding="utf-8")


FLOOD = {"article": "n1", "quote": "Bupati Rawa Nurhayati meninjau banjir."}
KINDS = (
    {"id": "a", "kind": "why", "question": "Siapa Bupati Rawa?", "facts": [[FLOOD]], "need": 1},
    {"id": "b", "kind": "yesno", "question": "Apakah warga mengungsi?", "says": "yes"}
    | {"facts": [[{"article": "n1", "quote": "Warga mengungsi ke sekolah."}], [FLOOD]], "need": 2},
    {"id": "c", "kind": "none", "question": "How do I reset my router password?", "facts": [], "need": 0},
    {"id": "d", "kind": "everyday", "question": "sapa bupati rawa", "full": "Siapa Bupati Rawa?"}
    | {"facts": [[FLOOD]], "need": 1},
)


def test_questions_of_several_kinds_are_reported_by_kind_in_every_form(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, home: Path
) -> None:
    questions = _lines(tmp_path / "q.jsonl", KINDS)
    news = _lines(tmp_path / "news.jsonl", ARTICLES)
    out = tmp_path / "out"
    done = kutip(capfd, "eval", "--questions", questions, "--articles", news, "--out", out)
    assert done.status == 0, done.err
    first = done.out.split("\n\n")[0].splitlines()
    assert first[0] == "By kind of question"
    assert [line.split("  ")[0] for line in first[1:]] == [
        *("kind", "why", "yesno", "everyday", "all with an answer", "none")
    ]
    # Columns that 80 characters do not hold follow below.
    assert all(len(line) <= 80 for line in done.out.split("Everyday spelling")[0].splitlines())
    assert "yes/no right" in done.out
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert report["groups"]["kind"]["why"]["complete"]["mean"] == 1
    assert report["groups"]["answerable"]["yes"]["no_fact"]["count"] == 3
    assert report["groups"]["kind"]["none"]["no_fact"]["mean"] == 0
    assert [case["kind"] for case in report["cases"]] == ["why", "yesno", "none", "everyday"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "By kind of question" in page
    assert "Expected: 2 of 2 facts" in page
    assert "declined, wrongly</li>" in page
    # On a telephone a row is lines, each cell beside its column's head, and drawings have a narrow twin.
    cells = page.count("<td")
    assert cells == page.count('<td data-head="') > 20
    assert '<td data-head="complete">' in page
    assert page.count('class="broad"') == page.count('class="narrow"') > 0
    assert "@media (max-width:40rem)" in page
    Page().feed(page)
    against = kutip(
        *(capfd, "eval", "--questions", questions, "--articles", news, "--against", out),
        *("--out", tmp_path / "again", "--json"),
    )
    assert json.loads(against.out)["figures"] == report["figures"]


@pytest.mark.parametrize(
    "words",
    [
        ("eval", "--questions", "none.jsonl"),
        ("eval", "--against", "none"),
        ("eval", "--articles", "none"),
    ],
)
def test_an_evaluation_that_cannot_be_is_one_line(
    capfd: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    done = kutip(capfd, *words)
    assert (done.status, len(done.err.splitlines())) == (1, 1)


def test_what_is_no_report_is_refused(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for content in ("{}", "[]", '{"format": 1, "cases": [{}]}', "{broken", '{"format": 0}'):
        (tmp_path / "report.json").write_text(content)
        done = kutip(capfd, "eval", "--against", tmp_path)
        assert (done.status, len(done.err.splitlines())) == (1, 1)


def test_the_benchmarks_steps_measure_in_the_folder_that_they_are_given(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "bench"
    folder.mkdir()
    added = steps.ingest(folder, 4)
    assert added["chunks"] == added["added"] >= 4
    assert added["seconds"] > 0
    assert steps.alone(folder, 1)["added"] == added["chunks"] - 1
    assert set(steps.ask(folder, 1)["seconds"][0]) == {"retrieve", "read", "total"}
    assert not home.exists()


def test_made_articles_are_the_same_for_the_same_number() -> None:
    some = articles(3)
    next(some)
    fourth = next(some)
    assert next(articles(4)) == fourth
    assert fourth["id"] == "made-4"
    assert len(fourth["text"].split()) > 40


def test_a_power_of_the_chunks_is_found_and_drawn() -> None:
    sizes = [
        Size(chunks, 1e4 / chunks, 100, 0.1 * chunks**0.5, 50, 60, 70, 2, 300, 300, chunks / 100, 5)
        for chunks in (1_000, 10_000, 100_000)
    ]
    slopes = {name: exponent(sizes, name) for name, _, _ in FIGURES}
    assert {name: round(slopes[name] or 0, 3) for name in ("ingest", "retrieve", "read")} == {
        **{"ingest": -1, "retrieve": 0.5, "read": 0}
    }
    report, page = document(sizes)
    assert json.loads(json.dumps(report))["exponents"]["archive"] == pytest.approx(1)
    assert len([section for section in page.sections if section.drawing]) == 2
    assert exponent(sizes[:1], "ingest") is None
    document(sizes[:1])


def test_a_benchmark_fills_no_folder_that_is_in_use(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(InputError, match="not empty"):
        bench([5], 1, tmp_path, print)
    for sizes in ("", "x", "0", "5,"):
        assert kutip(capfd, "bench", "--sizes", sizes).status == 2
