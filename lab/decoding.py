"""What the citation grammar and the engine cost: `python -m lab.decoding grammar|overhead|cancel|reuse`.

A GGUF with a vocabulary of 150,000 and random weights, on one thread. Runs are paired in one process, and
medians of the pairs are given. `grammar` and `overhead` count processor time, since the machine does other
things, too; `cancel` counts seconds on the clock.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from bot.app import App
from bot.demo import ARTICLES
from bot.settings import Settings
from rag.deadline import Deadline
from rag.errors import Cancelled
from rag.writing import write
from rag.writing.decoder import ChatModel
from rag.writing.grammar import Grammar, citing
from rag.writing.prompt import instructions
from rag.writing.sequences import SEQUENCES
from rag.writing.writer import Prompt
from tests.tiny_gguf import write_chat

VOCABULARY = 150_000
TOKENS = 32
PROMPT = Prompt("You answer.", "Where is it?")


class Plain(ChatModel):
    """The grammar applied to every candidate of every token, as a plain sampler chain does."""

    def _sample(self, chain, held):  # type: ignore[no-untyped-def]
        import numpy as np

        table = np.ctypeslib.as_array(self._candidates)
        table["id"] = np.arange(self._size, dtype=np.int32)
        table["logit"] = self._logits()
        table["p"] = 0.0
        self._apply(held, self._candidates, self._size)
        return int(self._candidates[self._apply(chain, self._candidates, self._size)].id)


class Free(ChatModel):
    """No grammar at all."""

    def _sample(self, chain, held):  # type: ignore[no-untyped-def]
        return int(self._llama.llama_sampler_sample(chain, self._context, -1))


def timed(model: ChatModel, grammar: Grammar, most: int = TOKENS) -> tuple[float, int]:
    """Milliseconds of processor time a token, and how many: others on the machine do not count."""
    pieces = model.write(PROMPT, grammar, most, Deadline())
    next(pieces, None)
    began, first = process_time(), model.usage.written
    for _ in pieces:
        pass
    count = model.usage.written - first
    return 1000 * (process_time() - began) / max(1, count), count


def grammar(path: Path, rounds: int) -> None:
    every = {kind: kind(path, threads=1, context=2048) for kind in (Free, ChatModel, Plain)}
    held = citing(range(1, 33))
    loose = Grammar("root ::= [^\\x00]*")
    extra: dict[type[ChatModel], list[float]] = {ChatModel: [], Plain: []}
    base = []
    for number in range(rounds):
        for model in every.values():
            model.sampling = type(model.sampling)(temperature=1.0, seed=number)
        free, _ = timed(every[Free], loose)
        base.append(free)
        for kind, rows in extra.items():
            took, _ = timed(every[kind], held)
            rows.append(took - free)
    print(
        f"without a grammar {median(base):.2f} ms a token; sampled first {median(extra[ChatModel]):+.2f} ms, "
        f"applied to all {median(extra[Plain]):+.2f} ms (medians of {rounds} pairs of {TOKENS} tokens)"
    )
    for model in every.values():
        model.close()


def reuse(path: Path) -> None:
    model = ChatModel(path, threads=1)
    system = instructions("answer", "id")
    for user in ("Siapa Menteri Pertahanan Rusia?", "Kapan harga beras naik?"):
        "".join(model.write(Prompt(system, user), citing([1]), 4, Deadline()))
        print(
            f"prompt {model.usage.prompt} tokens, {model.usage.reused} found in the cache, "
            f"{model.usage.prompt - model.usage.reused} read"
        )
    model.close()


def overhead(path: Path, rounds: int) -> None:
    """Through App.ask, from the prompt's first token to the answer's last, against llama_cpp.Llama alone."""
    import llama_cpp

    write.ANSWER = 96
    with tempfile.TemporaryDirectory() as home:
        app = App(
            Settings(
                home=Path(home), model=str(path), threads=1, gloss="never", model_when="always", context=8192
            )
        )
        list(app.ingest([str(ARTICLES)]))
        app.prepare()
        seen: list[tuple[Prompt, Grammar, float, int]] = []
        model = app._writer.get()
        assert isinstance(model, ChatModel)
        inner = model.write

        def watched(prompt: Prompt, grammar: Grammar, most: int, deadline: Deadline):  # type: ignore[no-untyped-def]
            for number in range(SEQUENCES):
                model._sequences.cut(number, 0)
            began = process_time()
            yield from inner(prompt, grammar, most, deadline)
            seen.append((prompt, grammar, process_time() - began, model.usage.written))

        model.write = watched  # type: ignore[method-assign]
        alone = llama_cpp.Llama(
            str(path), n_ctx=8192, n_threads=1, n_threads_batch=1, n_batch=512, verbose=False
        )
        ratios, wholes = [], []
        for number in range(rounds):
            began = process_time()
            app.ask(("Siapa Menteri Pertahanan Rusia?", "Kenapa harga beras naik?")[number % 2])
            whole = process_time() - began
            prompt, held, writing, count = seen[-1]
            tokens = model.tokens(prompt)
            alone.reset()
            began = process_time()
            made = 0
            for token in alone.generate(
                tokens,
                top_k=40,
                top_p=0.9,
                temp=0.2,
                repeat_penalty=1.0,
                min_p=0.0,
                grammar=llama_cpp.LlamaGrammar.from_string(held.text, verbose=False),
            ):
                made += 1
                if made >= count or llama_cpp.llama_vocab_is_eog(model._vocabulary, token):
                    break
            plain = made / (process_time() - began)
            ratios.append(count / writing / plain)
            wholes.append(count / whole / plain)
            print(
                f"{len(tokens)} tokens of prompt, {count} and {made} written; writing {ratios[-1]:.2f} of "
                f"llama_cpp alone, the whole question {wholes[-1]:.2f}",
                flush=True,
            )
        print(f"medians: writing {median(ratios):.2f}, the whole question {median(wholes):.2f}")
        app.close()


def cancel(path: Path) -> None:
    model = ChatModel(path, threads=1, context=16384)
    long = Prompt("You answer.", "kata " * 8_000)
    print(f"a prompt of {len(model.tokens(long))} tokens")
    expected = "".join(model.write(PROMPT, citing([1]), 16, Deadline()))

    def left(prompt: Prompt, most: int, after: float) -> float:
        """Seconds from being cancelled to the end."""
        stop, said = threading.Event(), list[float]()
        timer = threading.Timer(after, lambda: (said.append(perf_counter()), stop.set()))
        timer.start()
        try:
            for _ in model.write(prompt, citing([1]), most, Deadline(stop=stop)):
                pass
        except Cancelled:
            return perf_counter() - said[0]
        raise AssertionError("it ended before it was cancelled")

    def whole(prompt: Prompt, most: int) -> float:
        """Seconds when nobody cancels."""
        began = perf_counter()
        for _ in model.write(prompt, citing([1]), most, Deadline()):
            pass
        return perf_counter() - began

    for name, prompt, most in (("while reading", long, 8), ("while writing", PROMPT, 800)):
        # What the model keeps of a prompt is not read again: another one in between.
        whole(PROMPT if prompt is long else long, 1)
        takes = whole(prompt, most)
        took = []
        for _ in range(5):
            whole(PROMPT if prompt is long else long, 1)
            took.append(left(prompt, most, takes / 2))
        after = "".join(model.write(PROMPT, citing([1]), 16, Deadline()))
        assert after == expected, "the next reply was wrong"
        print(f"cancelled {name}, half-way of {takes:.1f} s: {max(took):.2f} s at most, the next reply right")
    model.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("grammar", "overhead", "cancel", "reuse"))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--model", type=Path, help="another GGUF than the one that is written for this")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.model or write_chat(
            Path(folder) / "wide.gguf", vocabulary=VOCABULARY, width=64, context=16384
        )
        if options.what in ("grammar", "overhead"):
            {"grammar": grammar, "overhead": overhead}[options.what](path, options.rounds)
        else:
            {"cancel": cancel, "reuse": reuse}[options.what](path)


if __name__ == "__main__":
    main()
