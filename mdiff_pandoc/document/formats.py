"""Families of pandoc's writers, by their names without extensions."""

from __future__ import annotations

import re

LATEX_WRITERS = ("latex", "beamer")
WEB = re.compile(r"html|epub|chunkedhtml|revealjs|s5|slidy|slideous|dzslides")
