"""Teaches the network to answer, to translate and to put follow-ups anew.

    python -m lab.writer.train GGUF KEPT.json OUT [--upper N] [--tokens N] [--rate R] [--from PTH]

Only the upper layers learn: what is below them and the table stay, and run without gradients. Only replies
count. A step is some two thousand tokens. Every ten minutes what was learnt is written to OUT, from where the
same command goes on; `--from` begins with another run's weights. The seed is fixed, so that the same command
on the same machine sees the same examples in the same order.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import llama_cpp
import torch
from torch.nn.functional import cross_entropy

from lab.data import parallel, whole
from lab.writer.export import close, described
from lab.writer.form import CLOSE, answering, following, translating, turn
from lab.writer.model import Gemma, read
from lab.writer.written import Row, day, sentence, stored, title

STEP = 2_000
"""Tokens of a step, about."""
LONGEST = 500
"""Tokens of an example; longer ones are left out."""
HELD = 40
"""One row in this many is kept out, to see how it goes."""
SILENT = 1 / 6
"""The share of answers that say that nothing answers."""
REPORT, KEEP = 20, 600.0
"""Steps between lines of the log; seconds between checkpoints."""
WARM = 0.05
"""The share of the steps in which the rate rises."""


@dataclass(frozen=True, slots=True)
class Example:
    """Token ids in the cut vocabulary; the reply begins at `start`."""

    task: str
    ids: list[int]
    start: int


def lines(shown: Sequence[Sequence[str | int]]) -> str:
    """The numbered sentences under their articles' titles, as `rag.writing.prompt` shows them."""
    found, last = list[str](), None
    for number, (article, start, end) in enumerate(shown, start=1):
        name = str(article)
        if name != last:
            heading = " · ".join(filter(None, (title(name), day(name))))
            found.append(f"\n# {heading or name}")
            last = name
        text = sentence(name, int(start), int(end)).replace("[", "(").replace("]", ")")
        found.append(f"{text} [{number}]")
    return "\n".join(found).strip()


def asked(row: Row) -> Iterator[tuple[str, str, str]]:
    """(task, prompt, reply): what a row teaches. A translation teaches both directions."""
    if row["task"] == "answer":
        yield "answer", answering(lines(row["shown"]), row["question"], row["language"]), row["reply"]
    elif row["task"] == "follow":
        turns = [(row["question"], sentence(*row["answer"]))]
        yield "follow", following(turns, row["follow"], row["language"]), row["alone"]
    else:
        quote = sentence(row["article"], row["start"], row["end"])
        yield "translate", translating(quote, "en"), row["english"]
        yield "indonesian", translating(row["english"], "id"), quote


class Tokens:
    """Texts as token ids of the cut vocabulary, cut up as the finished file will: a word whose token is not
    kept is put together from others. (Taken from the whole vocabulary, half of the examples had a token that
    is not there, and one was the word that asks for a translation.)"""

    def __init__(self, gguf: Path, kept: Sequence[int]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "vocabulary.gguf"
            close(described(path, gguf, kept))
            self._model = llama_cpp.Llama(str(path), vocab_only=True, verbose=False)

    def ids(self, text: str, begin: bool) -> list[int]:
        """`begin`: with the token that begins a text."""
        found: list[int] = self._model.tokenize(text.encode(), add_bos=begin, special=True)
        return found

    def example(self, task: str, prompt: str, reply: str) -> Example:
        """A prompt and its reply."""
        before = self.ids(turn(prompt), True)
        return Example(task, before + self.ids(reply + CLOSE, False), len(before))


def shorter(row: Row, chance: random.Random) -> Row:
    """An answer with one shown sentence less, which nothing cites, and the marks to match."""
    cited = {int(number) for number in re.findall(r"\[(\d+)\]", row["reply"])}
    free = [place for place in range(len(row["shown"])) if place + 1 not in cited]
    if not free:
        return row
    gone = chance.choice(free)
    reply = re.sub(r"\[(\d+)\]", lambda mark: f"[{int(mark[1]) - (int(mark[1]) - 1 > gone)}]", row["reply"])
    return row | {"shown": row["shown"][:gone] + row["shown"][gone + 1 :], "reply": reply}


def examples(tokens: Tokens, rows: Sequence[Row], most: int, extra: int) -> list[Example]:
    """What is learnt from, in no order: answers with up to `most` sentences; `extra` parallel pairs."""
    chance = random.Random(25)
    found = list[Example]()
    silent = [row for row in rows if row.get("reply") == "-"]
    said = sum(row["task"] == "answer" for row in rows) - len(silent)
    chance.shuffle(silent)
    left_out = {id(row) for row in silent[int(said * SILENT / (1 - SILENT)) :]}
    for row in rows:
        if id(row) in left_out:
            continue
        least = row
        if row["task"] == "answer":
            wanted = chance.randint(min(4, most), most)
            while len(least["shown"]) > wanted and (fewer := shorter(least, chance)) is not least:
                least = fewer
        found += [tokens.example(*each) for each in asked(least)]
    pairs = [one for one in parallel() if 40 < len(one[1]) < 250]
    for _, english, indonesian in chance.sample(pairs, min(extra, len(pairs))):
        found.append(tokens.example("translate", translating(indonesian, "en"), english))
    found = [each for each in found if len(each.ids) <= LONGEST]
    chance.shuffle(found)
    return found


def batches(found: Sequence[Example], chance: random.Random) -> list[list[Example]]:
    """Examples of about one length together, `STEP` tokens a batch, in random order."""
    order = sorted(found, key=lambda each: (len(each.ids), chance.random()))
    made, batch = list[list[Example]](), list[Example]()
    for each in order:
        if batch and len(each.ids) * (len(batch) + 1) > STEP:
            made.append(batch)
            batch = []
        batch.append(each)
    if batch:
        made.append(batch)
    chance.shuffle(made)
    return made


def losses(model: Gemma, batch: Sequence[Example], device: str) -> torch.Tensor:
    """The loss of each token of the replies."""
    longest = max(len(each.ids) for each in batch)
    ids = torch.tensor([each.ids + [0] * (longest - len(each.ids)) for each in batch], device=device)
    vectors = model(ids)
    seen = torch.cat([vectors[n, each.start - 1 : len(each.ids) - 1] for n, each in enumerate(batch)])
    wanted = torch.cat([ids[n, each.start : len(each.ids)] for n, each in enumerate(batch)])
    return cross_entropy((seen @ model.table.to(seen.dtype).T).float(), wanted, reduction="none")


def judged(model: Gemma, held: Sequence[Example], device: str) -> str:
    """The mean loss a token of what is kept out, by task."""
    by = defaultdict[str, list[float]](list)
    with torch.no_grad():
        for batch in batches(held, random.Random(0)):
            for task in {each.task for each in batch}:
                part = [each for each in batch if each.task == task]
                by[task] += losses(model, part, device).tolist()
    return "  ".join(f"{task} {sum(each) / len(each):.3f}" for task, each in sorted(by.items()))


def given() -> argparse.Namespace:
    """What the command is told."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name in ("gguf", "kept", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--upper", type=int, default=8, help="layers that learn")
    parser.add_argument("--most", type=int, default=6, help="sentences shown to an answer, at most")
    parser.add_argument("--extra", type=int, default=0, help="pairs of the parallel text")
    parser.add_argument("--tokens", type=int, default=10**9, help="tokens to learn from")
    parser.add_argument("--skip", type=int, default=0, help="tokens of the same order to leave out before")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--from", dest="begin", type=Path)
    return parser.parse_args()


def chosen(made: Sequence[list[Example]], skip: int, most: int) -> list[list[Example]]:
    """The batches after so many tokens, of so many."""
    found, passed = list[list[Example]](), 0
    for batch in made:
        passed += sum(len(each.ids) for each in batch)
        if skip < passed <= skip + most:
            found.append(batch)
    return found


def rate(step: int, steps: int) -> float:
    """The share of the rate in a step: it rises, and then falls to a tenth."""
    return min(1.0, (step + 1) / (WARM * steps)) * (0.55 + 0.45 * math.cos(math.pi * step / steps))


def main() -> None:
    told = given()
    torch.manual_seed(25)
    torch.set_num_threads(told.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    kept = json.loads(told.kept.read_text(encoding="utf-8"))
    arrays = read(told.gguf)
    arrays["token_embd.weight"] = arrays["token_embd.weight"][kept].clone()
    tokens, rows = Tokens(told.gguf, kept), stored()
    held = examples(tokens, rows[::HELD], told.most, 0)
    learnt = [row for number, row in enumerate(rows) if number % HELD]
    made = batches(examples(tokens, learnt, told.most, told.extra), random.Random(25))
    steps = chosen(made, told.skip, told.tokens)
    count = sum(len(each.ids) for batch in steps for each in batch)
    print(f"{len(steps)} steps, {count} tokens; {len(held)} examples kept out", flush=True)
    model = Gemma(arrays).to(device)
    goes_on = told.out.exists()
    if before := told.out if goes_on else told.begin:
        state = torch.load(before, weights_only=True)
        model.load_state_dict(state["model"])
    model.freeze(len(model.layers) - told.upper)
    learning = [each for each in model.parameters() if each.requires_grad]
    optimiser = torch.optim.AdamW(learning, lr=told.rate, weight_decay=0.01, betas=(0.9, 0.98))
    done = 0
    if goes_on:
        optimiser.load_state_dict(state["optimiser"])
        done = state["step"]

    def keep(step: int) -> None:
        with whole(told.out) as part:
            state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step}
            torch.save(state, part)
        print(f"kept out: {judged(model, held, device)}", flush=True)

    began = kept_at = time.monotonic()
    seen, together = 0, list[float]()
    for step, batch in enumerate(steps[done:], start=done):
        for group in optimiser.param_groups:
            group["lr"] = told.rate * rate(step, len(steps))
        loss = losses(model, batch, device).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        seen += sum(len(each.ids) for each in batch)
        together.append(float(loss.detach()))
        if step % REPORT == REPORT - 1:
            per = seen / (time.monotonic() - began)
            mean = sum(together) / len(together)
            print(f"step {step + 1} of {len(steps)}: loss {mean:.3f}, {per:.0f} tokens/s", flush=True)
            together.clear()
        if time.monotonic() - kept_at > KEEP:
            kept_at = time.monotonic()
            keep(step + 1)
    keep(len(steps))


if __name__ == "__main__":
    main()
