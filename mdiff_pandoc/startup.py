"""What a process that builds one document may leave out, so that it is fast."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn

_OBJECTS = 20_000  # made before the garbage is collected: a small document ends before


_FLINT = ("nmod", "nmod_mat", "fmpq", "fmpq_mat")  # these types stand in modules of their own


def start_fast() -> None:
    """Put off what a document may not need. For programs of our own only.

    That is collecting garbage, what msgspec takes from typing_extensions where typing is too old,
    the command line of panflute, which has click and YAML, and most of python-flint's types.
    """
    gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])
    if "typing_extensions" not in sys.modules:
        sys.modules["typing_extensions"] = None  # type: ignore[assignment]
        try:
            import msgspec  # noqa: F401
        finally:
            del sys.modules["typing_extensions"]
    _put_off("panflute", lambda name: import_module("panflute.elements"))
    _put_off("flint", lambda name: import_module(f"flint.types.{name}") if name in _FLINT else None)


def _put_off(name: str, part: Callable[[str], ModuleType | None]) -> None:
    """Have a package run when a name is asked for that its ``part`` for that name has not."""
    from importlib.util import find_spec, module_from_spec

    spec = None if name in sys.modules else find_spec(name)
    if spec is None or spec.loader is None:
        return
    package, loader = module_from_spec(spec), spec.loader

    def found(asked: str) -> Any:
        module = part(asked)
        for place in (module, package):
            if place is not None and asked in vars(place):
                return vars(place)[asked]
        del package.__getattr__
        loader.exec_module(package)
        return getattr(package, asked)

    package.__getattr__ = found  # type: ignore[method-assign]
    sys.modules[name] = package


def end_fast(code: int) -> NoReturn:
    """End this process now: the system frees its memory faster than the interpreter."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # nobody reads any more
            stream.flush()
    os._exit(code)
