"""The systemd unit of docs/operations.md, as `systemd-analyze verify` sees it: `python -m lab.telegram.unit`.

The program's place is replaced by the one installed here, since the check wants it to be there.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


def main() -> int:
    found = re.search(r"```ini\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    here = Path(sys.executable).with_name("kutip")
    unit = found[1].replace("/opt/kutip/.venv/bin/kutip", str(here))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "kutip.service")
        path.write_text(unit, encoding="utf-8")
        checked = subprocess.run(
            ["systemd-analyze", "verify", str(path)], capture_output=True, text=True, check=False
        )
    print(checked.stdout + checked.stderr or "nothing to say against it")
    return checked.returncode


if __name__ == "__main__":
    sys.exit(main())
