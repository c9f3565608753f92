"""The lexical index: a projection of the archive's chunks that finds them by their words. Needs tantivy.

tantivy finds the candidates by a flat sum of weighted terms, which its block-max WAND answers without
scoring every match; `rag.store.bm25` then scores them exactly, a word and its translations as one concept.
Counts and mean lengths are those of the article's language, so that ten English articles among a
thousand Indonesian ones are not favoured for being rare.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import tantivy

from rag.errors import StoreError, panicked, store_error
from rag.search.query import LANGUAGES, Concept, Query
from rag.store.archive import Archive
from rag.store.bm25 import Collection, Scorer
from rag.text.stems import stem
from rag.text.terms import terms
from rag.types import Language

DEPTH = 80
"""The least number of candidates a language that are scored exactly."""

_HEAP = 20_000_000
"""Bytes that the writer may keep in memory before it writes a segment."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """A chunk as the index sees it: `terms` are those that `rag.text.terms` makes."""

    key: int
    language: Language
    terms: str

    @classmethod
    def of(
        cls, key: int, language: Language, text: str, title: str | None = None, published: str | None = None
    ) -> Indexed:
        """Makes one from a chunk's text and its article's title and date."""
        return cls(key, language, terms(text, language, title, published))


def entries(archive: Archive, keys: Sequence[int]) -> list[Indexed]:
    """The chunks of an archive with these keys, as the index takes them; keys that are gone are left out."""
    stored = archive.terms(keys)
    found = [Indexed(key, *stored[key]) for key in keys if key in stored]
    # An archive of an earlier Kutip has no terms, so they are made from the text.
    for chunk in archive.passages([key for key in keys if key not in stored]):
        article = chunk.article
        found.append(Indexed.of(chunk.key, article.language, chunk.text, article.title, article.published))
    return found


def verify(folder: Path) -> None:
    """Raises StoreError where a file of the index has changed since tantivy wrote it.

    tantivy ends each file with a checksum, which it does not check when it reads: a changed byte may hide a
    word, or make tantivy panic. Files of a commit that was cut short belong to no segment.
    """
    try:
        segments = json.loads((folder / "meta.json").read_bytes())["segments"]
    except (OSError, ValueError, KeyError, TypeError):
        return  # opening it says what is wrong
    for segment in segments:
        name = segment["segment_id"].replace("-", "")
        deletes = f"{name}.{(segment.get('deletes') or {}).get('opstamp')}.del"
        for path in folder.glob(f"{name}.*"):
            if (path.suffix != ".del" or path.name == deletes) and not _intact(path.read_bytes()):
                raise StoreError(f"{path.name} of the lexical index is damaged")


def _intact(data: bytes) -> bool:
    """Whether the checksum fits: a file ends in JSON with it, that JSON's length and a fixed number."""
    try:
        length, _ = struct.unpack("<II", data[-8:])
        body, footer = data[: -8 - length], data[-8 - length : -8]
        return bool(json.loads(footer)["crc"] == zlib.crc32(body))
    except (struct.error, ValueError, KeyError, TypeError):
        return False


class LexicalIndex:
    """Chunks by their stems, in a folder of its own. One process at a time may write."""

    def __init__(self, folder: Path) -> None:
        """Opens the index in `folder`, or makes an empty one there. Raises StoreError."""
        self._folder = folder
        with self._reported():
            folder.mkdir(parents=True, exist_ok=True)
            self._index = tantivy.Index(_schema(), path=str(folder))
            self._index.config_reader(reload_policy="manual", num_warmers=0)
            self._refresh()

    def apply(self, remove: Iterable[int], add: Iterable[Indexed]) -> None:
        """Takes out the keys in `remove`, then puts in `add`, replacing what has the same key.

        All or nothing, and on the disk when it returns; the same call again changes nothing.
        Raises StoreError, with nothing applied.
        """
        remove, add = list(remove), list(add)
        if not remove and not add:
            return
        with self._reported():
            writer = self._index.writer(heap_size=_HEAP, num_threads=1)
            try:
                # Remove what a commit that was cut short has left, since this one would use the same file
                # name.
                writer.garbage_collect_files()
                for key in remove:
                    writer.delete_documents_by_term("key", key)
                for entry in add:
                    writer.delete_documents_by_term("key", entry.key)
                    writer.add_document(_document(entry))
                writer.commit()
            except BaseException:
                writer.rollback()
                raise
            finally:
                writer.wait_merging_threads()
            self._refresh()

    def search(self, query: Query, limit: int) -> list[tuple[int, float]]:
        """(key, score) of the `limit` chunks that match best. Scores: BM25, higher is better."""
        with self._reported():
            found = [
                hit for language, concepts in query.items() for hit in self._hits(language, concepts, limit)
            ]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:limit]

    def frequency(self, word: str) -> int:
        """How many chunks have a lower-case word, in any of its forms. Raises StoreError."""
        with self._reported():
            return sum(
                int(self._searcher.doc_freq("text", _marked(stem(word, language), language)))
                for language in LANGUAGES
            )

    def together(self, word: str, others: Sequence[str], most: int) -> int:
        """How many chunks have a lower-case word and one of the others, counted up to `most`.

        Raises StoreError.
        """
        with self._reported():
            both = tantivy.Query.boolean_query(
                [(tantivy.Occur.Must, self._any_form([word])), (tantivy.Occur.Must, self._any_form(others))]
            )
            return len(self._searcher.search(both, limit=most, count=False).hits)

    def beginning(self, letters: str) -> list[str]:
        """The stems of either language that begin with these letters, in order. Raises StoreError."""
        with self._reported():
            found = {
                term.partition(":")[2]
                for language in LANGUAGES
                for term, _ in self._searcher.terms_with_prefix("text", _marked(letters, language))
            }
        return sorted(found)

    def count(self) -> int:
        """How many chunks the index holds."""
        return int(self._searcher.num_docs)

    def keys(self) -> set[int]:
        """The keys of every chunk in the index."""
        if not self.count():
            return set()
        with self._reported():
            every = self._searcher.search(tantivy.Query.all_query(), limit=self.count(), count=False)
            return set(self._keys([address for _, address in every.hits]))

    def close(self) -> None:
        """Closes the files. The index cannot be used afterwards."""
        for part in ("_searcher", "_index"):
            self.__dict__.pop(part, None)

    def _refresh(self) -> None:
        self._index.reload()
        self._searcher = self._index.searcher()
        self._collections = {language: self._collection(language) for language in LANGUAGES}

    def _collection(self, language: Language) -> Collection:
        of_language = tantivy.Query.term_query(self._index.schema, "language", language, index_option="basic")
        length = {"field": "length"}
        found = self._searcher.aggregate(
            of_language, {"chunks": {"value_count": length}, "mean": {"avg": length}}
        )
        return Collection(int(found["chunks"]["value"]), found["mean"]["value"] or 1.0)

    def _keys(self, addresses: list[tantivy.DocAddress]) -> list[int]:
        return [int(key or 0) for key in self._searcher.fast_field_values("key", addresses)]

    def _hits(
        self, language: Language, concepts: Sequence[Concept], limit: int
    ) -> Iterator[tuple[int, float]]:
        if not self._collections[language].chunks:
            return
        weights: dict[str, float] = {}
        for term in (term for concept in concepts for term in concept):
            weights[term.stem] = max(weights.get(term.stem, 0.0), term.weight)
        spread = {stem: self._searcher.doc_freq("text", _marked(stem, language)) for stem in weights}
        any_term = [
            (tantivy.Occur.Should, self._term(stem, language, weight))
            for stem, weight in weights.items()
            if spread[stem]
        ]
        if not any_term:
            return
        candidates = self._searcher.search(
            tantivy.Query.boolean_query(any_term), limit=max(DEPTH, limit), count=False
        )
        addresses = [address for _, address in candidates.hits]
        scorer = Scorer(concepts, spread, self._collections[language])
        for key, address in zip(self._keys(addresses), addresses, strict=True):
            stored: bytes = self._searcher.doc(address)["stems"][0]
            yield key, scorer.score(stored.decode().split(" "))

    def _term(self, stem: str, language: Language, weight: float) -> tantivy.Query:
        term = tantivy.Query.term_query(
            self._index.schema, "text", _marked(stem, language), index_option="freq"
        )
        return tantivy.Query.boost_query(term, weight)

    def _any_form(self, some: Sequence[str]) -> tantivy.Query:
        """Chunks of either language with one of these words."""
        terms = [self._term(stem(word, language), language, 1.0) for word in some for language in LANGUAGES]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """Turns tantivy's errors into StoreError."""
        try:
            yield
        except BaseException as error:
            # With broken files tantivy may raise anything, or panic.
            if not (isinstance(error, Exception) or panicked(error)):
                raise
            message = f"the lexical index in {self._folder} cannot be used ({_line(error)})"
            raise store_error(message, self._folder, "run `kutip rebuild`") from error


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _marked(stem: str, language: Language) -> str:
    """The term as it is indexed, marked with its language: both languages share a field, and so one scale of
    lengths."""
    return f"{language}:{stem}"


def _document(entry: Indexed) -> tantivy.Document:
    document = tantivy.Document()
    document.add_integer("key", entry.key)
    document.add_text("language", entry.language)
    document.add_unsigned("length", entry.terms.count(" ") + 1 if entry.terms else 0)
    marked = _marked(entry.terms.replace(" ", f" {_marked('', entry.language)}"), entry.language)
    document.add_text("text", marked if entry.terms else "")
    document.add_bytes("stems", entry.terms.encode())
    return document


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    # A signed field: tantivy 0.27 does not find unsigned values by a term, so nothing would be deleted.
    builder.add_integer_field("key", indexed=True, fast=True)
    builder.add_text_field("language", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("length", fast=True)
    builder.add_text_field("text", tokenizer_name="whitespace", index_option="freq")
    builder.add_bytes_field("stems", stored=True)  # for the exact score of a candidate
    return builder.build()
