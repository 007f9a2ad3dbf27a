"""Settings that all tests share."""

import atexit
import os
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

from hypothesis import settings

# the cache of the tests, and of the processes that they run, is their own
_CACHE = tempfile.mkdtemp(prefix="mdiff-cache-")
atexit.register(shutil.rmtree, _CACHE, ignore_errors=True)
os.environ["MDIFF_CACHE_DIR"] = _CACHE
os.environ.pop("MDIFF_CACHE", None)
os.environ.pop("MDIFF_CACHE_BYTES", None)

# how long one example takes says more about the load of the machine than about the code;
# a run gives the verdict of the run before it, unless MDIFF_RANDOM asks for other examples
settings.register_profile("steady", deadline=None, derandomize="MDIFF_RANDOM" not in os.environ)
settings.load_profile("steady")

# pages are compared with those of one pandoc, whichever the system has
if (bundled := find_spec("pypandoc")) and bundled.origin:
    folder = Path(bundled.origin).parent / "files"
    os.environ["PATH"] = os.pathsep.join([str(folder), os.environ.get("PATH", "")])
