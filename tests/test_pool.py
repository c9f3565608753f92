"""Reader processes: what they read, what their deaths do to a question, and that none is left behind."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rag.children import command
from rag.errors import ModelError, NoReader, ReaderCrashed
from rag.reading import pool as pools
from rag.reading.child import MOST_BYTES, asked, heard, receive, send, told, understood
from rag.reading.pool import Pool
from rag.reading.reader import LONGEST_ARTICLE, Reader
from rag.search.lexicon import Lexicon
from rag.text.sentences import split
from rag.types import Article, Evidence, Passage

SCRIPTED = """
import os, signal, sys, time
from pathlib import Path
from types import ModuleType, SimpleNamespace

class Scripted:
    def __init__(self, *given, **named):
        if Path({folder!r}, "refuse").exists():
            sys.exit(3)
        Path({folder!r}, str(os.getpid())).touch()

    def read(self, question, language, passages, enough=None):
        word, _, rest = question.partition(" ")
        if word == "once":
            try:
                os.mkdir(Path({folder!r}, "once-" + rest))
            except FileExistsError:
                word = ""
        if word in ("die", "once"):
            os.kill(os.getpid(), signal.SIGSEGV)
        if word == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if word == "leave":
            os._exit(0)
        if word == "print":
            print("not a message", flush=True)
            os.write(1, b"nor this")
        if word == "fail":
            raise ModelError("it cannot be read", "try again")
        if word == "break":
            raise ValueError("a text of no kind")
        if word == "wait":
            while not Path({folder!r}, "go").exists():
                time.sleep(0.01)
        return [Evidence(passages[-1], passages[-1].sentences[0], float(os.getpid()), None, None)]

    def entailed(self, statements):
        return [(0.25, 0.5)] * len(statements)

# The real ones take most of the time that a process needs to start.
for name, parts in (
    ("rag.reading.reader", dict(Reader=Scripted, LONGEST_ARTICLE={longest})),
    ("rag.search.lexicon", dict(Lexicon=SimpleNamespace(load=lambda: None))),
):
    sys.modules[name] = ModuleType(name)
    sys.modules[name].__dict__.update(parts)

from rag.errors import ModelError
from rag.reading import child
from rag.types import Evidence

child.main()
"""
PATIENCE = 60.0
"""Seconds; a busy machine takes long to start a process."""

Make = Callable[..., Pool]


def article(text: str, id: str = "a", title: str | None = None) -> Article:
    return Article(id, None, title, "2024-09-03", "id", text)


def passage(of: Article, start: int = 0, end: int | None = None, key: int = 1) -> Passage:
    """The sentences of an article that lie in a stretch of it."""
    end = len(of.text) if end is None else end
    inside = tuple(each for each in split(of.text, of.id) if each.start >= start and each.end <= end)
    return Passage(key, of, inside, 0.5 + key, {"lexical": 1.0})


def scripted_program(folder: Path) -> list[str]:
    """The command of a reader without models. It notes its number in the folder once it has started."""
    return [sys.executable, "-P", "-c", SCRIPTED.format(folder=str(folder), longest=LONGEST_ARTICLE)]


ONE = [passage(article("Air naik di Demak. Warga mengungsi."))]


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[Make]:
    """Pools of readers without models, which do what the first word of a question says."""
    made: list[Pool] = []

    def make(number: int = 2, say: Callable[[str], None] = lambda line: None, begin: bool = True) -> Pool:
        made.append(Pool(number, say, scripted_program(tmp_path)))
        if begin:
            made[-1].begin()
            wait_until(lambda: made[-1].ready)
        return made[-1]

    yield make
    for pool in made:
        pool.close()


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def reader_of(pool: Pool) -> int:
    """The process that reads the next question."""
    return int(pool.read("who", "id", ONE)[0].score)


def test_messages_come_back_as_they_were_and_what_is_none_is_refused() -> None:
    row = {"text": "lone \ud800 surrogate, “quotes”, 0", "number": 0.1 + 0.2, "enough": float("inf")}
    stream = io.BytesIO()
    send(stream, row)
    assert receive(io.BytesIO(stream.getvalue())) == row
    for broken in (b"", b"\0\0", stream.getvalue()[:-1]):
        with pytest.raises(EOFError):
            receive(io.BytesIO(broken))
    for broken in ((MOST_BYTES + 1).to_bytes(4, "big"), b"\0\0\0\2[]", b"\0\0\0\2{\xff", b"\0\0\0\3nop"):
        with pytest.raises(ValueError, match=r"too long|an object|codec|Expecting"):
            receive(io.BytesIO(broken))


def test_a_request_holds_all_that_reading_depends_on() -> None:
    short, long = article("Satu. Dua.", "s", "Judul"), article("Kata. " * 20_000, "l")
    passages = [
        passage(short, key=7),
        passage(long, 0, 60, key=8),
        passage(long, LONGEST_ARTICLE - 30, LONGEST_ARTICLE + 30, key=9),
        passage(long, 90_000, 90_050, key=11),
    ]
    question, language, made, enough = understood(asked("Apa?", "id", passages, None))
    assert (question, language, enough) == ("Apa?", "id", None)
    for before, after in zip(passages, made, strict=True):
        assert after.text == before.text
        assert after.score == before.score
        assert [after.quote(each) for each in after.sentences] == [
            before.quote(each) for each in before.sentences
        ]
        assert after.article.titled(LONGEST_ARTICLE) == before.article.titled(LONGEST_ARTICLE)
        assert (after.article.title, after.article.language) == (before.article.title, "id")
    found = [
        Evidence(each, each.sentences[-1], 0.5, (each.sentences[-1].start, each.sentences[-1].end - 1), 0.25)
        for each in made
    ]
    assert heard(told(found), passages) == [
        Evidence(each, each.sentences[-1], 0.5, (each.sentences[-1].start, each.sentences[-1].end - 1), 0.25)
        for each in passages
    ]


def test_readers_find_what_this_process_finds_to_the_last_digit() -> None:
    text = (
        "Menteri Pertahanan Rusia, Sergei Shoigu, tiba di Jakarta. Ia bertemu Presiden pada Selasa. "
        "Harga cabai naik menjadi Rp38.000 per kilogram. Menara itu setinggi 48 meter. "
    )
    long = article("Hujan turun di Demak pada pagi hari. " * 1_400 + text, "l", "Tamu dari Moskow")
    passages = [
        passage(article(text, "s", "Menara Dahlia"), key=1),
        passage(long, len(long.text) - len(text), key=2),
        *(passage(article(text[place:], f"p{place}"), key=place) for place in (58, 92, 140)),
        *(passage(long, start, start + 400, key=100 + start) for start in range(0, 2_000, 400)),
    ]
    own, pool = Reader(Lexicon.load(), threads=2), Pool(1)
    try:
        for question in ("Siapa Menteri Pertahanan Rusia?", "Berapa tinggi menara?", "Siapa kiper Bahari?"):
            for enough in (None, float("inf")):
                expected = own.read(question, "id", passages, enough)
                assert pool.read(question, "id", passages, enough) == expected
                assert any(each.span for each in expected)
        statement = ("Harga cabai naik?", ["Harga cabai naik menjadi Rp38.000 per kilogram."], None)
        assert pool.entails(*statement) == own.entails(*statement)
    finally:
        pool.close()
        own.close()


def test_a_pool_that_is_not_begun_starts_nothing_and_begins_beside_its_owner(
    scripted: Make, tmp_path: Path
) -> None:
    pool = scripted(3, begin=False)
    assert not pool.ready
    assert list(tmp_path.glob("[0-9]*")) == []
    pool.begin()
    pool.begin()
    wait_until(lambda: pool.ready)
    assert len(list(tmp_path.glob("[0-9]*"))) == 3


def test_readers_read_side_by_side(scripted: Make, tmp_path: Path) -> None:
    pool = scripted(2)
    with ThreadPoolExecutor(2) as threads:
        waiting = threads.submit(pool.read, "wait", "id", ONE)
        first = reader_of(pool)
        assert not waiting.done()
        (tmp_path / "go").touch()
        assert waiting.result()[0].score != first


def test_a_reader_that_dies_is_replaced_and_its_question_asked_again(scripted: Make) -> None:
    lines: list[str] = []
    pool = scripted(1, lines.append)
    before = reader_of(pool)
    (found,) = pool.read("once a", "id", ONE)
    assert found.score != before
    assert (found.passage, found.sentence) == (ONE[0], ONE[0].sentences[0])
    assert lines == ["a reader was ended by SIGSEGV; it is replaced"]
    assert reader_of(pool) == found.score


def test_a_reader_that_dies_while_nobody_asks_is_replaced(scripted: Make) -> None:
    pool = scripted(1)
    before = reader_of(pool)
    os.kill(before, signal.SIGKILL)
    assert reader_of(pool) != before


@pytest.mark.parametrize(
    ("question", "signs"), [("die", "was ended by SIGSEGV"), ("leave", "ended with status 0")]
)
def test_a_question_of_which_two_readers_die_is_not_asked_a_third_time(
    scripted: Make, tmp_path: Path, question: str, signs: str
) -> None:
    lines: list[str] = []
    pool = scripted(1, lines.append)
    with pytest.raises(ReaderCrashed) as error:
        pool.read(question, "id", ONE)
    assert "\n" not in str(error.value)
    assert [line.startswith(f"a reader {signs}") for line in lines] == [True, True]
    # There is one for the next question.
    assert reader_of(pool) in {int(each.name) for each in tmp_path.glob("[0-9]*")}


def test_readers_that_somebody_kills_blame_no_question(scripted: Make) -> None:
    pool = scripted(1)
    with pytest.raises(NoReader):
        pool.read("killed", "id", ONE)
    assert reader_of(pool)


def test_a_kill_for_memory_blames_the_question(scripted: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    pool, killed = scripted(1), iter(range(100))
    monkeypatch.setattr(pools, "killed_for_memory", lambda: next(killed))
    with pytest.raises(ReaderCrashed):
        pool.read("killed", "id", ONE)


def test_errors_of_a_reader_are_raised_here_and_it_lives_on(scripted: Make) -> None:
    pool = scripted(1)
    before = reader_of(pool)
    with pytest.raises(ModelError, match="it cannot be read: try again"):
        pool.read("fail", "id", ONE)
    with pytest.raises(RuntimeError, match="ValueError: a text of no kind"):
        pool.read("break", "id", ONE)
    assert reader_of(pool) == before
    assert pool.entails("Apa?", ["Ya."], "Judul") == (0.25, 0.5)


def test_what_a_library_prints_is_no_message(scripted: Make) -> None:
    pool = scripted(1)
    assert pool.read("print", "id", ONE)[0].score == reader_of(pool)


def test_readers_that_cannot_be_started_are_one_line_and_nobody_waits_for_them(
    scripted: Make, tmp_path: Path
) -> None:
    lines: list[str] = []
    (tmp_path / "refuse").touch()
    pool = scripted(1, lines.append, begin=False)
    pool.begin()
    wait_until(lambda: bool(lines))
    assert lines == [
        "the reader processes cannot be started (one ended with status 3 as it started); this process reads "
        "alone"
    ]
    wait_until(lambda: pool._starting is None)
    pool.begin()
    assert not pool.ready
    assert pool._starting is None, "tried again at once"
    for program in (["/nowhere/python"], [sys.executable, "-S", "-c", "pass"]):
        with pytest.raises(NoReader):
            Pool(1, program=program).read("who", "id", ONE)


def test_a_reader_that_cannot_be_replaced_leaves_its_question_to_this_process(
    scripted: Make, tmp_path: Path
) -> None:
    pool = scripted(1)
    (tmp_path / "refuse").touch()
    with pytest.raises(NoReader):
        pool.read("once more", "id", ONE)
    (tmp_path / "refuse").unlink()
    assert reader_of(pool)


def test_closing_ends_readers_that_start_read_or_wait(scripted: Make, tmp_path: Path) -> None:
    pool = scripted(2)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(pool.read, "wait", "id", ONE)
        reader_of(pool)
        pool.close()
        with pytest.raises(NoReader):
            waiting.result(PATIENCE)
    pool.begin()
    pool.close()
    assert not pool.ready
    assert not any(runs(int(each.name)) for each in tmp_path.glob("[0-9]*"))
    pool.begin()
    wait_until(lambda: pool.ready)
    assert reader_of(pool)


@pytest.mark.parametrize("busy", [False, True])
def test_no_reader_outlives_its_parent(tmp_path: Path, busy: bool) -> None:
    program = scripted_program(tmp_path)
    code = (
        "import sys, threading, time\n"
        "from tests.test_pool import ONE, Pool, wait_until\n"
        f"pool = Pool(2, program={program!r})\n"
        "pool.begin()\n"
        "wait_until(lambda: pool.ready)\n"
        f"if {busy}: threading.Thread(target=pool.read, args=('wait', 'id', ONE)).start()\n"
        "print('ready', flush=True)\n"
        "time.sleep(600)\n"
    )
    folder = Path(__file__).resolve().parents[1]
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=folder, env=os.environ
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"ready\n"
    readers = [int(each.name) for each in tmp_path.glob("[0-9]*")]
    assert len(readers) == 2
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not any(map(runs, readers)))


def test_signals_for_the_parent_leave_a_reader_alone(scripted: Make) -> None:
    pool = scripted(1)
    reader = reader_of(pool)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(reader, number)
    assert reader_of(pool) == reader
    assert os.getsid(reader) != os.getsid(0)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="this system does not show environments")
def test_a_reader_knows_no_secret_and_runs_none_of_the_folders_code(
    scripted: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUTIP_TELEGRAM_TOKEN", "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0")
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    seen = Path(f"/proc/{reader_of(scripted(1))}/environ").read_bytes()
    assert b"KUTIP_" not in seen
    assert b"hf_secret" not in seen
    assert Pool(1)._program == command("rag.reading.child")
    assert "-P" in command("rag.reading.child")


def test_many_threads_share_a_few_readers(scripted: Make) -> None:
    pool, found = scripted(2), list[float]()

    def read() -> None:
        for _ in range(20):
            found.append(pool.read("who", "id", ONE)[0].score)

    threads = [threading.Thread(target=read) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(found) == 100
    assert len(set(found)) == 2


def test_a_system_without_a_thread_left_goes_on_without_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    pool = Pool(2)
    pool.begin()
    assert not pool.ready
    pool.close()
