"""Style sheets for derivations on web pages."""

from __future__ import annotations

from mdiff_pandoc.document.writers.kinds import FOLDING

# in MathML the cells of a table are set as small as running text, with the limits of sums beside
# them, and no TeX that pandoc takes changes that
SUMS = "<style>.mdiff mtd { math-style: normal; }</style>"
SHEET = """<style>
.mdiff > p, .mdiff-steps > p { overflow-x: auto; overflow-y: hidden; }
.mdiff-steps { margin: 1em 0; }
.mdiff-steps > summary { cursor: pointer; padding: 0.2em 0; }
.mdiff-steps > summary:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
.mdiff-assumed, .mdiff-note, .mdiff-used, .mdiff-badge { font-size: 0.9em; opacity: 0.8; }
.mdiff-assumed p, .mdiff-note p, .mdiff-used p, .mdiff-badge p { margin: 0.3em 0; }
.mdiff-error { outline: 2px solid #c1121f; outline-offset: 2px; }
@media print {
  .mdiff > p, .mdiff-steps > p { overflow: visible; }
  .mdiff-steps::details-content { content-visibility: visible; block-size: auto; }
  .mdiff-steps > summary { list-style: none; }
  .mdiff-steps > summary::-webkit-details-marker { display: none; }
}
</style>"""


def sheets(writer: str, *, sums: bool, css: bool) -> list[str]:
    """What the head of a page needs: something for ``sums`` in derivations, and the sheet asked
    for."""
    wanted = ((SUMS, sums), (SHEET, css and writer in FOLDING))
    return [sheet for sheet, used in wanted if used]
