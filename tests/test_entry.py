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
