"""What the preamble of a LaTeX document loads."""

from __future__ import annotations

import re

from mdiff_pandoc.patterns import regex

_PREAMBLE = regex(r"\\documentclass\s*(?:\[[^\]]*\])?\s*\{(\w+)\}.*?\\begin\s*\{document\}", re.S)
_CLASS = regex(r"(?m)^[^%\n]*\\documentclass\s*(?:\[([^\]]*)\])?\s*\{([\w-]+)\}")
_COLUMN, _SLIDE = 242.0, 280.0  # points
_TWO_COLUMNS = ("IEEEtran", "acmart", "revtex4-1", "revtex4-2")
_PACKAGES = regex(r"\\(?:usepackage|RequirePackage)\s*(?:\[[^\]]*\])?\s*\{([^{}]*)\}")
# these classes load no package for formulas, and these packages no amsmath
_CLASSES = frozenset("article report book letter scrartcl scrreprt scrbook".split())
_OTHERS = frozenset(
    "inputenc fontenc babel polyglossia fontspec geometry graphicx graphics color xcolor hyperref "
    "url amssymb amsfonts amsthm latexsym bm lmodern times palatino microtype enumerate enumitem "
    "booktabs array caption subcaption float natbib cite setspace parskip fancyhdr titlesec "
    "verbatim listings csquotes multicol multirow longtable tabularx lipsum".split()
)


def lacks_amsmath(latex: str) -> bool:
    """Is it certain that a whole LaTeX document does not load amsmath?"""
    preamble = _PREAMBLE.match(latex, max(latex.find("\\documentclass"), 0))
    if preamble is None or preamble[1] not in _CLASSES or re.search(r"\\input\b", preamble[0]):
        return False
    loaded = {name.strip() for match in _PACKAGES.findall(preamble[0]) for name in match.split(",")}
    return loaded <= _OTHERS


def room_in(latex: str) -> float:
    """The width of a line in points, where the class of a document tells another than usual."""
    found = _CLASS.search(latex)
    if found is None:
        return 0.0
    if found[2] == "beamer":
        return _SLIDE
    options = re.split(r"[\s,]+", found[1] or "")
    columns = "twocolumn" in options or (found[2] in _TWO_COLUMNS and "onecolumn" not in options)
    return _COLUMN if columns else 0.0
