"""The engine that applies the tables and records derivations."""

from mdiff_pandoc.calculus.derivation import Derivation, Line, Step
from mdiff_pandoc.calculus.detail import brief
from mdiff_pandoc.calculus.gradient import gradient, pairing
from mdiff_pandoc.calculus.hessian import hessian
from mdiff_pandoc.calculus.jacobian import jacobian
from mdiff_pandoc.calculus.problem import Kind, Problem, derivation_of
from mdiff_pandoc.calculus.rewriting import replay
from mdiff_pandoc.calculus.stacking import with_stacked_rows
from mdiff_pandoc.calculus.tables import Tables, default_tables
from mdiff_pandoc.calculus.turned import transposed_gradient

__all__ = [
    "Derivation",
    "Kind",
    "Line",
    "Problem",
    "Step",
    "Tables",
    "brief",
    "default_tables",
    "derivation_of",
    "gradient",
    "hessian",
    "jacobian",
    "pairing",
    "replay",
    "transposed_gradient",
    "with_stacked_rows",
]
