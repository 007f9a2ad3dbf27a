"""Every word that a document shows, in its language."""

from mdiff_pandoc.document.words.below import lines_below
from mdiff_pandoc.document.words.language import Words, unknown_phrases
from mdiff_pandoc.document.words.prose import prose
from mdiff_pandoc.document.words.rule_list import RuleList
from mdiff_pandoc.service.qualities import quality

__all__ = ["RuleList", "Words", "lines_below", "prose", "quality", "unknown_phrases"]
