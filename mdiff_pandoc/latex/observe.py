"""The author's notation, as it shows in what they wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from msgspec.structs import replace

from mdiff_pandoc.latex.notation import MEMBER, Notation
from mdiff_pandoc.latex.surface import Kind, Term, walk
from mdiff_pandoc.patterns import regex

_HEADS = frozenset(
    (
        "trace",
        "det",
        "log",
        "exp",
        "diag",
        "Diag",
        "vec",
        "sigma",
        "sign",
        "arcsin",
        "arccos",
        "arctan",
        "arsinh",
        "artanh",
        "tanh",
        "softplus",
        "relu",
        "softmax",
        "logsumexp",
        "expm",
        "logm",
        "sqrtm",
        "sinm",
        "cosm",
        "sinhm",
        "coshm",
        "adj",
    )
)
_HADAMARD = regex(r"\\(?:odot|circ)(?![A-Za-z])")


def observe(
    symbols: Mapping[str, str],
    source: str,
    *terms: Term,
    spellings: Mapping[str, str] = MappingProxyType({}),
) -> Notation:
    """The notation of ``terms``, written in ``source``; ``symbols`` maps names to their LaTeX.

    ``spellings`` are heads that the reader has met already.
    """
    transposes: Counter[str] = Counter()
    heads: dict[str, str] = dict(spellings)
    norms: set[bool] = set()
    members: dict[str, str] = {}
    sized = False
    for term in terms:
        for node in walk(term):
            match node.kind:
                case Kind.TRANSPOSE:
                    transposes[node.latex or r"\top"] += 1
                case Kind.INVERSE_TRANSPOSE if node.latex:
                    transposes[node.latex.strip("{} ").lstrip("- ")] += 0
                case Kind.APPLY:
                    sized = sized or (node.text == "ones" and bool(node.args))
                    _head(node, heads)
                case Kind.CALL if node.text == "sigma" and "sigma" not in symbols:
                    heads.setdefault("sigma", node.latex or r"\sigma")
                case Kind.BARS:
                    heads.setdefault("det", "bars")
                case Kind.NORM:
                    norms.add(node.text == "")
                case Kind.HADAMARD:
                    between = source[node.args[0].span.end : node.args[1].span.start]
                    sign = _HADAMARD.search(between)
                    heads.setdefault("hadamard", sign[0] if sign else r"\odot")
                case Kind.PSEUDO_INVERSE:
                    heads.setdefault("pseudo_inverse", node.latex.strip("{} "))
                case Kind.DIFFERENTIAL:
                    heads.setdefault("differential", node.latex)
                case Kind.NAME:
                    _name(node, symbols, heads)
                    sized = sized or (node.text[:2] == "I_" and node.text not in symbols)
                case Kind.INDEX if "^" in node.latex and len(node.args) == 2:
                    base = node.args[0]
                    members[base.text + MEMBER] = f"{base.latex}^{{({MEMBER})}}"
                case Kind.INDEX if node.args[0].text == "I" and "I" not in symbols:
                    sized = True
                    heads.setdefault("identity", node.args[0].latex or "I")
                case _:
                    pass
    if "sigma" in symbols:
        heads.setdefault("sigma", r"\operatorname{sigmoid}")
    transpose = transposes.most_common(1)[0][0] if transposes else r"\top"
    return Notation(
        symbols=MappingProxyType({**symbols, **members}),
        transpose=transpose,
        heads=MappingProxyType(heads),
        plain_norms=norms == {True},
        sized=sized,
    )


def _head(node: Term, heads: dict[str, str]) -> None:
    if node.text == "logdet":
        heads.setdefault("log", r"\log")
    elif node.text == "ones" and node.latex and not node.latex[0].isdigit():
        heads.setdefault("ones", node.latex.split("_")[0])
    elif node.text == "expectation":
        head, mark, _ = node.latex.partition("_")
        heads.setdefault("expectation", head + mark)
    elif node.text in _HEADS and node.latex:
        heads.setdefault(node.text, node.latex)


def _name(node: Term, symbols: Mapping[str, str], heads: dict[str, str]) -> None:
    base, _, place = node.text.partition("_")
    if base == "e" and (place.isdigit() or not place):
        heads.setdefault("basis", node.latex.partition("_")[0])
    if node.text in symbols:
        return
    if base == "I" and (place.isdigit() or not place):
        node = replace(node, text="I", latex=node.latex.partition("_")[0])
    if node.text == "I":
        heads.setdefault("identity", node.latex)
    elif node.text == "J":
        heads.setdefault("ones_matrix", node.latex)
    elif node.text == "1":
        heads.setdefault("ones", node.latex)
