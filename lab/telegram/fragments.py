"""Does a browser find the sentence that a button opens? `python -m lab.telegram.fragments`

Local pages are made from articles: plain paragraphs, and as publishers write them, with links and emphasis
inside sentences, no-break spaces, and paragraphs split by advertisements. Headless Chromium opens each
page at the address that `bot.telegram.fragment` builds. It has found the sentence when the page was
scrolled to it: everything before is a screen or more high.

Needs `chromium` (Debian: apt-get install chromium).
"""

from __future__ import annotations

import html
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from bot.demo import ARTICLES
from bot.telegram.fragment import at_sentence
from rag.load import sources
from rag.text.sentences import split
from rag.types import Source

COUNT = 24
SEED = 5
# The page tells by its title whether it was scrolled; Chromium prints the document as it stands then.
_PAGE = """<!doctype html><meta charset="utf-8"><title>page</title>
<style>body {{ font: 16px sans-serif; width: 600px }} p {{ margin: 90vh 0 }}</style>
{body}
<script>
function tell() {{
  const at = window.scrollY, mark = document.getElementById("mark").getBoundingClientRect();
  const seen = mark.top < innerHeight && mark.bottom > 0;
  document.documentElement.dataset.seen = JSON.stringify([at, seen]);
}}
addEventListener("load", () => setTimeout(tell, 500));
</script>"""


def plain(text: str) -> str:
    return html.escape(text)


def published(text: str) -> str:
    """As a newsroom's editor writes it: a link in the middle, emphasis, no-break spaces, soft hyphens."""
    words = html.escape(text).split(" ")
    if len(words) > 8:
        third = len(words) // 3
        words[third] = f'<a href="#x">{words[third]}</a>'
        words[2 * third] = f"<b><i>{words[2 * third]}</i></b>"
        words[third + 1] += "&nbsp;" + words.pop(third + 2)
    return " ".join(words)


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("chromium is not installed")
        return 1
    pages: dict[str, str] = {}
    cases: list[tuple[str, str, str]] = []
    choose = random.Random(SEED)
    articles = [source for source in sources([str(ARTICLES)]) if isinstance(source, Source)]
    for number in range(COUNT):
        article = articles[number % len(articles)]
        spans = [(s.start, s.end) for s in split(article.text)]
        start, end = choose.choice(spans[4:])
        form: Callable[[str], str] = (plain, published)[number % 2]
        path = f"/{number}"
        pages[path] = _page(article.text, spans, (start, end), form)
        address = at_sentence(f"https://news.example{path}", article.text, start, end)
        assert address is not None
        cases.append((path, address, article.text[start:end]))
    server = _serve(pages)
    found = 0
    try:
        for path, address, sentence in cases:
            fragment = urlsplit(address).fragment
            seen = _open(chromium, f"http://127.0.0.1:{server.server_address[1]}{path}#{fragment}")
            found += seen
            form_name = "plain" if int(path[1:]) % 2 == 0 else "published"
            print(f"{'found' if seen else 'LOST '} {form_name:9} {sentence[:70]}", flush=True)
            if not seen:
                print(f"      {fragment}")
        nowhere = _open(chromium, f"http://127.0.0.1:{server.server_address[1]}/0#:~:text=tidak%20ada")
        print("words that stand nowhere are", "FOUND: this check tells nothing" if nowhere else "not found")
    finally:
        server.shutdown()
    print(f"{found} of {len(cases)} found")
    return 0 if found == len(cases) and not nowhere else 1


def _page(
    text: str, spans: list[tuple[int, int]], target: tuple[int, int], form: Callable[[str], str]
) -> str:
    parts, at = [], 0
    for start, end in spans:
        between = text[at:start]
        if "\n" in between or not parts:
            parts.append("</p><p>")
        else:
            parts.append(" ")
        shown = form(text[start:end])
        parts.append(f'<span id="mark">{shown}</span>' if (start, end) == target else shown)
        at = end
    return _PAGE.format(body=f"<p>{''.join(parts)}</p>")


def _open(chromium: str, address: str) -> bool:
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [
                chromium,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--window-size=800,600",
                f"--user-data-dir={Path(profile)}",
                "--virtual-time-budget=4000",
                "--dump-dom",
                address,
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    told = re.search(r'data-seen="([^"]*)"', done.stdout)
    if told is None:
        return False
    at, seen = json.loads(html.unescape(told[1]))
    return bool(at > 0 and seen)


def _serve(pages: dict[str, str]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path, "").encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


if __name__ == "__main__":
    sys.exit(main())
