from __future__ import annotations

import subprocess
import sys

from bot.interrupt import INTERRUPTED


def test_an_interrupt_while_the_command_line_is_loaded_is_one_line() -> None:
    """The import is interrupted as a signal would: in the middle, by KeyboardInterrupt."""
    code = (
        "import sys\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'typer': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "from bot.entry import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip(), done.stdout) == (INTERRUPTED, "stopped", "")


def test_the_status_and_all_output_arrive_however_the_process_ends() -> None:
    code = (
        "import atexit, sys, types\n"
        "from bot import entry\n"
        "def run():\n"
        "    atexit.register(lambda: sys.stdout.write('last words'))\n"
        "    sys.stdout.write('written, ')\n"
        "    sys.exit({status})\n"
        "sys.modules['bot.cli'] = types.SimpleNamespace(main=run)\n"
        "entry.main()\n"
    )
    for status, expected in ((0, 0), (2, 2), (None, 0), ("'a message'", 1)):
        started = [sys.executable, "-P", "-c", code.format(status=status)]
        done = subprocess.run(started, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (expected, "written, last words")


def test_a_reader_that_has_gone_is_no_trace() -> None:
    started = [sys.executable, "-P", "-c", "from bot.entry import main; main()", "--help"]
    with subprocess.Popen(started, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        said = child.stderr.read()
        assert child.wait() != 0
    assert "Traceback" not in said
