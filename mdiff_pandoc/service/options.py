"""How to derive: the options of a request."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from msgspec import Struct

from mdiff_pandoc.errors import OptionError

_VALUES: dict[str, tuple[str, ...]] = {
    "style": ("differential", "index", "occurrences", "backprop", "definition"),
    "detail": ("full", "brief", "result"),
    "layout": ("numerator", "denominator"),
    "functions": ("elementwise", "matrix"),
    "form": ("", "vec", "index", "map"),
    "symmetric": ("projected", "entries"),
}
CALCULUS_OPTIONS = frozenset(_VALUES)


def values_of(option: str) -> tuple[str, ...]:
    """What an option of the calculus may be, its default first."""
    return _VALUES[option]


class Options(Struct, frozen=True):
    """How to derive.

    ``layout`` is that of a Jacobian, empty for the usual one, the numerator; a gradient has the
    shape of its variable in either, but may be a row where a check is asked for the numerator.
    ``form`` is that of a derivative with four indices: ``index`` (entries, with δ) or ``vec`` (a
    matrix), and of a Hessian by a matrix: ``map`` (the linear map) or ``vec``; empty, the first of
    them. ``symmetric`` is the convention for a symmetric variable: the gradient ``projected`` on
    the symmetric matrices, or the derivative by each of the free ``entries``. ``transpose`` is the
    superscript to print, without the caret, where the request itself has none.
    """

    style: str = "differential"
    detail: str = "full"
    layout: str = ""
    functions: str = "elementwise"
    form: str = ""
    symmetric: str = "projected"
    transpose: str = ""

    @staticmethod
    def from_mapping(values: Mapping[str, object]) -> Options:
        """Options from names and values. Raises OptionError with the nearest known one."""
        for name, value in values.items():
            if name not in _VALUES:
                raise unknown(name, tuple(_VALUES))
            if value not in _VALUES[name]:
                raise refused(name, value, _VALUES[name])
        return Options(**{name: str(value) for name, value in values.items()})


def unknown(name: str, known: Sequence[str]) -> OptionError:
    """The error for an option that there is not, with the nearest known one."""
    near = difflib.get_close_matches(name.lower().replace("_", "-"), known, 1, 0.5)
    hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}"
    return OptionError(f"unknown option `{name}`", hint=hint)


def refused(
    name: str, value: object, values: Sequence[str] = (), *, expected: str = ""
) -> OptionError:
    """The error for a value that an option cannot have: one of ``values``, or what is expected."""
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    listed = expected or f"one of {', '.join(filter(None, values))}"
    near = difflib.get_close_matches(shown, list(filter(None, values)), 1, 0.5)
    hint = f"did you mean `{near[0]}`? It is {listed}" if near else listed
    return OptionError(f"`{name}` cannot be `{shown}`", hint=hint)
