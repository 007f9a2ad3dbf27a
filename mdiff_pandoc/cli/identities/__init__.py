"""Identities of the literature that mdiff derives: left-hand sides, in files beside this one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files

from msgspec import Struct

SOURCES: dict[str, tuple[str, str]] = {
    "cookbook": (
        "Petersen and Pedersen: The Matrix Cookbook",
        "Section 2 in the version of 15 November 2012; the numbers are those of its equations.",
    ),
    "magnus_neudecker": (
        "Magnus and Neudecker: Matrix Differential Calculus",
        "The differentials of chapter 8 and the tables of chapter 9 in the 3rd edition, 2019.",
    ),
    "minka": (
        "Minka: Old and New Matrix Algebra Useful for Statistics",
        "The rules (1) to (11) of the note of 2000, and the derivatives it works out with them.",
    ),
}


class Identity(Struct, frozen=True):
    """The left-hand side of one identity, by the ``number`` that its source gives it.

    ``rule`` names the rule that a differential such as ``d(X^{-1})`` is; a ``claim`` is a
    statement about derivatives that is no request; ``missing`` says why one is not done.
    """

    number: str
    latex: str
    declarations: tuple[str, ...]
    options: Mapping[str, str]
    rule: str
    claim: bool
    missing: str


def identities(source: str) -> Iterator[Identity]:
    """The identities of a source, a key of `SOURCES`, in its order."""
    text = files(__name__).joinpath(f"{source}.txt").read_text("utf-8")
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        number, latex, declared, remarks = (part.strip() for part in f"{line} ".split(" | "))
        words = dict(map(_remark, [remarks] if remarks else []))
        yield Identity(
            number,
            latex,
            tuple(part.strip() for part in declared.split(";")),
            rule=words.pop("rule", ""),
            claim=words.pop("claim", None) is not None,
            missing=words.pop("not done", ""),
            options=words,
        )


def _remark(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    return name.strip(), value.strip()
