"""Finds what a chat template puts around a prompt: once, in a process of its own, with limits.

A template is a program that comes with a model's file. It may loop for ever, fill the memory, or do so only
on some days or with some texts. So it is rendered when the model is opened, by a child, with marks in place
of texts; a template never sees a question or an article, and this process never runs one.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from rag.children import command, environment
from rag.errors import ModelError

CPU_SECONDS = 1.0
"""Seconds of CPU time that rendering may take. Real templates take milliseconds."""
WALL_SECONDS = 60.0
"""Seconds after which the child is ended, even on a busy machine."""
MEMORY = 256 << 20
"""Bytes that rendering may take beside those of the libraries."""
LONGEST = 1 << 16
"""Characters that a template may put around a prompt; real ones put some hundred."""
_ADVICE = "use another model, or a file of it with a sound template"
"""What to do about a broken template."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A formatted prompt without its two texts: what stands before, between and after them."""

    before: str
    between: str
    after: str


def frame(template: str, first: str, last: str, of: str) -> Frame:
    """Renders the template for a system and a user message, in a child.

    `first` and `last` are the spellings of the tokens that begin and end a text; `of` names the model. Raises
    ModelError where the template cannot be read, takes no message, or does not end in time.
    """
    asked = json.dumps({"template": template, "first": first, "last": last})
    try:
        done = subprocess.run(
            command("rag.writing.template"),
            input=asked.encode(),
            env=environment(),
            capture_output=True,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"the chat template of {of} takes too long", _ADVICE) from error
    try:
        said = json.loads(done.stdout)
    except ValueError:
        said = {}
    match said:
        case {"frame": [str(before), str(between), str(after)]}:
            return Frame(before, between, after)
        case {"error": str(why)}:
            raise ModelError(f"the chat template of {of} {why}", _ADVICE)
    raise ModelError(f"the chat template of {of} takes too long, or ends its process", _ADVICE)


# --- in the child ---------------------------------------------------------------------------------------


def main() -> None:
    """Reads {"template", "first", "last"} from standard input; says {"frame"} or {"error"}."""
    asked = json.load(sys.stdin)
    out, sys.stdout = sys.stdout, sys.stderr
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    _limit()
    try:
        said = _found(Jinja2ChatFormatter(asked["template"], asked["last"], asked["first"]))
    except MemoryError:
        said = {"error": "takes too much memory"}
    except Exception as error:
        # A template's own trouble: any exception may come.
        said = {"error": f"cannot be read ({' '.join(str(error).split())[:200] or type(error).__name__})"}
    print(json.dumps(said), file=out, flush=True)


def _found(formatter: object) -> dict[str, object]:
    # Marks in place of the contents, so that these can be told from the template afterwards.
    marks = secrets.token_hex(8), secrets.token_hex(8)
    system, user = ({"role": role, "content": m} for role, m in zip(("system", "user"), marks, strict=True))
    # Some templates refuse a system message, or drop it.
    for messages in [system, user], [{"role": "user", "content": "\n\n".join(marks)}]:
        text = _formatted(formatter, messages)
        if len(text) > LONGEST:
            return {"error": "puts too much around a prompt"}
        if all(text.count(mark) == 1 for mark in marks) and text.index(marks[0]) < text.index(marks[1]):
            before, rest = text.split(marks[0])
            return {"frame": [before, *rest.split(marks[1])]}
    return {"error": "does not take a message"}


def _formatted(formatter: object, messages: list[dict[str, str]]) -> str:
    from jinja2 import TemplateError

    try:
        return str(formatter(messages=messages, enable_thinking=False).prompt)  # type: ignore[operator]
    except (TemplateError, ValueError, TypeError):
        return ""


def _limit() -> None:
    """Limits memory and CPU time, on systems that can."""
    try:
        import resource
        import signal
    except ImportError:
        return
    pages = Path("/proc/self/statm")
    now = int(pages.read_text().split()[0]) * resource.getpagesize() if pages.exists() else 0
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, now + MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Not handled: it ends the process, whatever it is doing.
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)


if __name__ == "__main__":
    main()
