"""What a process that builds one document may leave out, so that it is fast."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import suppress
from typing import Any, NoReturn

_OBJECTS = 50_000  # made before the garbage is collected: a small document ends before


def start_fast() -> None:
    """Put off what a document may not need. For programs of our own only.

    That is collecting garbage, what msgspec takes from typing_extensions where typing is too old,
    and the command line of panflute, which has click and YAML. Its package runs when something is
    asked for that is not among its elements.
    """
    from importlib.util import find_spec, module_from_spec

    gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])
    if "typing_extensions" not in sys.modules:
        sys.modules["typing_extensions"] = None  # type: ignore[assignment]
        import msgspec  # noqa: F401

        del sys.modules["typing_extensions"]
    spec = None if "panflute" in sys.modules else find_spec("panflute")
    if spec is None or spec.loader is None:
        return
    package, loader = module_from_spec(spec), spec.loader

    def found(name: str) -> Any:
        import panflute.elements

        for place in (panflute.elements, package):
            if name in vars(place):
                return vars(place)[name]
        del package.__getattr__
        loader.exec_module(package)
        return getattr(package, name)

    package.__getattr__ = found  # type: ignore[method-assign]
    sys.modules["panflute"] = package


def end_fast(code: int) -> NoReturn:
    """End this process now: the system frees its memory faster than the interpreter."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # nobody reads any more
            stream.flush()
    os._exit(code)
