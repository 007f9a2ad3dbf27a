"""What the preamble of a LaTeX document loads."""

from __future__ import annotations

import re

_PREAMBLE = re.compile(
    r"\\documentclass\s*(?:\[[^\]]*\])?\s*\{(\w+)\}.*?\\begin\s*\{document\}", re.S
)
_PACKAGES = re.compile(r"\\(?:usepackage|RequirePackage)\s*(?:\[[^\]]*\])?\s*\{([^{}]*)\}")
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
