#!/usr/bin/env python3
"""Run the filter from a clone: ``pandoc notes.md --filter filters/mdiff.py``.

Needs the package mdiff-pandoc in the Python that runs this file; where it is installed, prefer
the script ``mdiff-pandoc`` that came with it.
"""

import sys
from pathlib import Path

try:
    from mdiff_pandoc.filter import main
except ModuleNotFoundError:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from mdiff_pandoc.filter import main

if __name__ == "__main__":
    main()
