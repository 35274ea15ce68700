"""Where the project lies, and the shared data that some tests read where it is present."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("RIVERPOST_SHARED") or ROOT.parent / "shared")
