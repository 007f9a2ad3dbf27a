"""Families of pandoc's writers, by their names without extensions."""

from __future__ import annotations

from mdiff_pandoc.patterns import regex

LATEX_WRITERS = ("latex", "beamer")
WEB = regex(r"html|epub|chunkedhtml|revealjs|s5|slidy|slideous|dzslides")
