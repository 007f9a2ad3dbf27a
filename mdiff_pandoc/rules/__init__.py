"""The tables of the calculus, as data."""

from mdiff_pandoc.rules.algebra import ALGEBRA
from mdiff_pandoc.rules.chain import CHAIN
from mdiff_pandoc.rules.differentials import DIFFERENTIALS, FUNCTION_RULES
from mdiff_pandoc.rules.finishing import FINISHING
from mdiff_pandoc.rules.index import INDEX
from mdiff_pandoc.rules.inner_products import INNER_PRODUCTS
from mdiff_pandoc.rules.kronecker import KRONECKER
from mdiff_pandoc.rules.patterns import PATTERNS
from mdiff_pandoc.rules.rule import Rule, Table
from mdiff_pandoc.rules.shortening import SHORTENING
from mdiff_pandoc.rules.special_algebra import SPECIAL_ALGEBRA
from mdiff_pandoc.rules.structures import STRUCTURES
from mdiff_pandoc.rules.sums import SUMS
from mdiff_pandoc.rules.vec import VEC
from mdiff_pandoc.rules.vec_special import SPECIAL_VEC

TABLES: dict[Table, tuple[Rule, ...]] = {
    Table.DIFFERENTIAL: DIFFERENTIALS,
    Table.FUNCTION: FUNCTION_RULES,
    Table.CHAIN: CHAIN,
    Table.INNER_PRODUCT: INNER_PRODUCTS,
    Table.VEC: (*VEC, *SPECIAL_VEC),
    Table.INDEX: INDEX,
    Table.STRUCTURE: STRUCTURES,
    Table.ALGEBRA: (*ALGEBRA, *SPECIAL_ALGEBRA),
    Table.KRONECKER: KRONECKER,
    Table.SHORTENING: (*SHORTENING, *SUMS, *PATTERNS),
    Table.FINISHING: FINISHING,
}

__all__ = ["TABLES", "Rule", "Table"]
