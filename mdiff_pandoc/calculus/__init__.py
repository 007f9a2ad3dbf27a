"""The engine that applies the tables and records derivations."""

from mdiff_pandoc.calculus.derivation import Derivation, Line, Side, Step
from mdiff_pandoc.calculus.detail import brief
from mdiff_pandoc.calculus.gradient import Tables, gradient, pairing
from mdiff_pandoc.calculus.rewriting import replay

__all__ = ["Derivation", "Line", "Side", "Step", "Tables", "brief", "gradient", "pairing", "replay"]
