"""The index rules: entries, sums and Kronecker deltas; with the derivatives by an entry.

Statements are equations between scalars; i, j, k, l stand for any indices.
Sources: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed. (MN); Petersen & Pedersen,
*The Matrix Cookbook*, 2012 (PP); Laue, Mitterreiter & Giesen, *Computing Higher Order Derivatives
of Matrix and Tensor Expressions*, 2018 (LMG).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from mdiff_pandoc.expr import (
    Expr,
    Op,
    add,
    delta,
    diag,
    diagonal,
    dimension,
    divide,
    entry,
    function,
    hdivide,
    hpower,
    identity,
    index_sum,
    inverse,
    kron,
    logsumexp,
    matmul,
    meta,
    mul,
    named,
    norm,
    number,
    power,
    row,
    scale,
    softmax,
    symbol,
    trace,
    transpose,
)
from mdiff_pandoc.rules import entries, index_sums
from mdiff_pandoc.rules.index_derivatives import BY_ENTRY
from mdiff_pandoc.rules.index_special import (
    SPECIAL_BY_ENTRY,
    SPECIAL_ENTRIES,
    SPECIAL_EXPANSIONS,
)
from mdiff_pandoc.rules.rule import Rule, Table, Varies

_A = meta("A", "m", "n")
_B = meta("B", "n", "p")
_C = meta("C", "m", "n")
_P = meta("P", "p", "p")
_Z = meta("Z", "n", "n")
_a = meta("a", "n")
_b = meta("b", "n")
_s = meta("alpha")
_k = symbol("k", assumptions=("constant",))
_HALF = Fraction(1, 2)


def _entry_rule(
    name: str,
    left: Expr,
    right: Expr,
    rewrite: Callable[[Expr], Expr | None],
    source: str,
    *,
    on: Op | None = Op.ENTRY,
    quiet: bool = False,
) -> Rule:
    def applied(expr: Expr, _: Varies) -> Expr | None:
        return rewrite(expr)

    roots = frozenset() if on is None else frozenset({on})
    return Rule(name, Table.INDEX, left, right, source, quiet, applied, roots=roots)


def _exp_total(index: str) -> Expr:
    return index_sum(index, "n", function("exp", entry(_a, index)))


_MN1 = "MN ch. 1"
_PP1 = "PP §1"

# What is written out one after the other, each in a line of its own.
EXPANSIONS: tuple[Rule, ...] = (
    *SPECIAL_EXPANSIONS,
    _entry_rule(
        "entry of a sum over an index",
        entry(index_sum("k", "n", scale(entry(_a, "k"), _A)), "i", "j"),
        index_sum("k", "n", mul(entry(_a, "k"), entry(_A, "i", "j"))),
        entries.sum_entry,
        f"{_MN1} §3",
        on=None,
        quiet=True,
    ),
    _entry_rule(
        "trace of a Kronecker product",
        trace(kron(_Z, _P)),
        mul(trace(_Z), trace(_P)),
        entries.trace_of_kron,
        "MN ch. 2 §2; PP (515)",
        on=Op.TRACE,
    ),
    _entry_rule(
        "Frobenius product in entries",
        trace(matmul(transpose(_A), _C)),
        index_sum("i", "m", index_sum("j", "n", mul(entry(_A, "i", "j"), entry(_C, "i", "j")))),
        entries.frobenius_product,
        f"{_MN1} §10",
        on=Op.TRACE,
    ),
    _entry_rule(
        "trace in entries",
        trace(_Z),
        index_sum("i", "n", entry(_Z, "i", "i")),
        entries.trace_as_sum,
        f"{_MN1} §10; PP (11)",
        on=Op.TRACE,
    ),
    _entry_rule(
        "inner product in entries",
        matmul(transpose(_a), _b),
        index_sum("i", "n", mul(entry(_a, "i"), entry(_b, "i"))),
        entries.dot_product,
        f"{_MN1} §3",
        on=Op.MATMUL,
    ),
    _entry_rule(
        "square of a norm in entries",
        power(norm(_A), 2),
        index_sum("i", "m", index_sum("j", "n", power(entry(_A, "i", "j"), 2))),
        entries.square_of_norm,
        f"{_MN1} §10; PP (538)",
        on=Op.POWER,
    ),
    _entry_rule(
        "norm in entries",
        norm(_A),
        power(index_sum("i", "m", index_sum("j", "n", power(entry(_A, "i", "j"), 2))), _HALF),
        entries.norm_as_root,
        f"{_MN1} §10; PP (538)",
        on=Op.NORM,
    ),
    _entry_rule(
        "logsumexp in entries",
        logsumexp(_a),
        function("log", _exp_total("i")),
        entries.logsumexp_as_sum,
        "definition",
        on=Op.LOGSUMEXP,
    ),
    _entry_rule(
        "product in entries",
        entry(matmul(_A, _B), "i", "j"),
        index_sum("k", "n", mul(entry(_A, "i", "k"), entry(_B, "k", "j"))),
        entries.product_entry,
        f"{_MN1} §3; LMG §2",
    ),
    _entry_rule(
        "softmax in entries",
        entry(softmax(_a), "i"),
        divide(function("exp", entry(_a, "i")), _exp_total("k")),
        entries.softmax_entry,
        "definition",
    ),
    _entry_rule(
        "power of a matrix as a product",
        entry(power(_Z, 3), "i", "j"),
        entry(matmul(_Z, _Z, _Z), "i", "j"),
        entries.matrix_power_entry,
        f"{_MN1} §3",
    ),
)

# What is written out at once, wherever it turns up.
ENTRIES: tuple[Rule, ...] = (
    *SPECIAL_ENTRIES,
    _entry_rule(
        "entry of a transpose",
        entry(transpose(_A), "i", "j"),
        entry(_A, "j", "i"),
        entries.transposed_entry,
        f"{_MN1} §4; {_PP1}",
        quiet=True,
    ),
    _entry_rule(
        "entry of the inverse of a transpose",
        entry(inverse(transpose(_Z)), "i", "j"),
        entry(inverse(_Z), "j", "i"),
        entries.transposed_inverse_entry,
        f"{_MN1} §8; PP (3)",
        quiet=True,
    ),
    _entry_rule(
        "entry by entry",
        entry(add(_A, _C), "i", "j"),
        add(entry(_A, "i", "j"), entry(_C, "i", "j")),
        entries.entrywise,
        f"{_MN1} §3; MN ch. 3 §6",
        quiet=True,
    ),
    _entry_rule(
        "entry of a quotient",
        entry(hdivide(_A, _C), "i", "j"),
        divide(entry(_A, "i", "j"), entry(_C, "i", "j")),
        entries.quotient_entry,
        "MN ch. 3 §6",
        quiet=True,
    ),
    _entry_rule(
        "entry of an elementwise power",
        entry(hpower(_A, _k), "i", "j"),
        power(entry(_A, "i", "j"), _k),
        entries.power_entry,
        "MN ch. 3 §6",
        quiet=True,
    ),
    _entry_rule(
        "entry of a multiple",
        entry(scale(_s, _A), "i", "j"),
        mul(_s, entry(_A, "i", "j")),
        entries.multiple_entry,
        f"{_MN1} §3",
        quiet=True,
    ),
    _entry_rule(
        "entries of constants",
        entry(identity("n"), "i", "j"),
        delta("i", "j"),
        entries.constant_entry,
        f"{_MN1} §5",
        quiet=True,
    ),
    _entry_rule(
        "entry of Diag",
        entry(diag(_a), "i", "j"),
        mul(delta("i", "j"), entry(_a, "i")),
        entries.diag_entry,
        f"{_MN1} §7",
        quiet=True,
    ),
    _entry_rule(
        "entry of a diagonal",
        entry(diagonal(_Z), "i"),
        entry(_Z, "i", "i"),
        entries.diagonal_entry,
        f"{_MN1} §7",
        quiet=True,
    ),
    _entry_rule(
        "entry of a row or column",
        entry(row(_A, "i"), 1, "j"),
        entry(_A, "i", "j"),
        entries.line_entry,
        f"{_MN1} §2",
        quiet=True,
    ),
    _entry_rule(
        "entry of what a name stands for",
        entry(named("D", add(_A, _C)), "i", "j"),
        entry(add(_A, _C), "i", "j"),
        entries.named_entry,
        "definition",
        quiet=True,
    ),
)

DELTAS: tuple[Rule, ...] = (
    _entry_rule(
        "Kronecker delta",
        index_sum("k", "n", mul(delta("i", "k"), entry(_a, "k"))),
        entry(_a, "i"),
        index_sums.contracted,
        "MN ch. 1 §5; LMG §2",
        on=Op.INDEX_SUM,
    ),
    _entry_rule(
        "value of a Kronecker delta",
        delta("i", "i"),
        number(1),
        index_sums.known_delta,
        "MN ch. 1 §5",
        on=Op.DELTA,
        quiet=True,
    ),
    _entry_rule(
        "power of a Kronecker delta",
        power(delta("i", "j"), 2),
        delta("i", "j"),
        index_sums.delta_power,
        "MN ch. 1 §5",
        on=Op.POWER,
        quiet=True,
    ),
    _entry_rule(
        "terms with deltas",
        index_sum("i", "n", add(delta("i", "j"), entry(_a, "i"))),
        add(index_sum("i", "n", delta("i", "j")), index_sum("i", "n", entry(_a, "i"))),
        index_sums.terms_apart,
        "linearity, MN ch. 1 §3",
        on=Op.INDEX_SUM,
        quiet=True,
    ),
    _entry_rule(
        "factors with deltas",
        index_sum("i", "n", mul(entry(_b, "i"), add(delta("i", "j"), entry(_a, "i")))),
        index_sum(
            "i",
            "n",
            add(mul(entry(_b, "i"), delta("i", "j")), mul(entry(_b, "i"), entry(_a, "i"))),
        ),
        index_sums.multiplied_out,
        "distributive law, MN ch. 1 §3",
        on=Op.INDEX_SUM,
        quiet=True,
    ),
)

SUM_RULES: tuple[Rule, ...] = (
    _entry_rule(
        "sums in front",
        mul(entry(_b, "k"), index_sum("i", "n", entry(_a, "i"))),
        index_sum("i", "n", mul(entry(_b, "k"), entry(_a, "i"))),
        index_sums.sum_in_front,
        "distributive law, MN ch. 1 §3",
        on=Op.MUL,
        quiet=True,
    ),
    _entry_rule(
        "coefficient of a sum over an index",
        index_sum("i", "n", mul(_s, entry(_a, "i"))),
        mul(_s, index_sum("i", "n", entry(_a, "i"))),
        index_sums.coefficient_in_front,
        "distributive law, MN ch. 1 §3",
        on=Op.INDEX_SUM,
        quiet=True,
    ),
    _entry_rule(
        "sum of a constant",
        index_sum("i", "n", _s),
        mul(dimension("n"), _s),
        index_sums.sum_of_constant,
        "MN ch. 1 §3",
        on=Op.INDEX_SUM,
        quiet=True,
    ),
)

BY_AN_ENTRY: tuple[Rule, ...] = (*SPECIAL_BY_ENTRY, *BY_ENTRY)
INDEX: tuple[Rule, ...] = (*EXPANSIONS, *ENTRIES, *BY_AN_ENTRY, *DELTAS, *SUM_RULES)
