"""Every word that a document shows, in its language."""

from mdiff_pandoc.document.words.below import lines_below, prose
from mdiff_pandoc.document.words.language import Words, unknown_phrases

__all__ = ["Words", "lines_below", "prose", "unknown_phrases"]
