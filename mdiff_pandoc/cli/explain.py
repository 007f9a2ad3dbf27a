"""What each error code means and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill


@dataclass(frozen=True, slots=True)
class Explanation:
    """A page about one error code."""

    summary: str
    meaning: str
    remedy: str
    example: str
    mended: str = ""

    def page(self, code: str) -> str:
        """The page as plain text."""
        example = "Example:\n  " + self.example.replace("\n", "\n  ")
        parts = [f"{code}: {self.summary}", fill(self.meaning, 80)]
        parts += [fill(f"What to do: {self.remedy}", 80, break_on_hyphens=False), example]
        if self.mended:
            parts.append("Write instead:\n  " + self.mended.replace("\n", "\n  "))
        return "\n\n".join(parts)


EXPLANATIONS: dict[str, Explanation] = {
    "parse": Explanation(
        "the LaTeX is no formula that can be read",
        "A bracket is not closed, an operator has no operand, or the formula holds text that has "
        "no meaning as mathematics. The carets stand under the first place that does not fit.",
        "close the bracket, complete the term, or move prose out of the formula.",
        r"\nabla_x (x^T A",
        r"\nabla_x (x^T A x)",
    ),
    "unknown-command": Explanation(
        "a LaTeX command that is not known",
        "The formula uses a command that has no known meaning, often a macro of your own that "
        "pandoc could not expand: it expands \\newcommand and \\DeclareMathOperator in Markdown "
        "and LaTeX, but not in GitHub Markdown.",
        "define the macro in the document, or write the operator out with \\operatorname.",
        r"\nabla_X \Spur(AX)",
        r"\nabla_X \operatorname{tr}(AX)",
    ),
    "too-large": Explanation(
        "the formula is larger or nested deeper than is read",
        "Formulas have limits on their length and on the depth of brackets, so that a build ends "
        "in time whatever it is given.",
        "split the formula: define parts of it first and ask for the derivative in their names.",
        r"\nabla_x ((((…))))",
        "r = Xw - y\n" r"\nabla_w \|r\|^2",
    ),
    "shape-mismatch": Explanation(
        "shapes that cannot meet",
        "The columns of one factor are not the rows of the next, or two terms of a sum have "
        "different shapes. The message names both with their shapes. Shapes come from declarations "
        "in the text, from `symbols` in the metadata, and from the formula itself.",
        "look for a lost transpose, a wrong order of factors, or a wrong declaration; a later "
        "declaration replaces an earlier one.",
        "A \\in \\mathbb{R}^{3 \\times 4}, X \\in \\mathbb{R}^{5 \\times 2}\n"
        r"\nabla_X \operatorname{tr}(A X B)",
        "A \\in \\mathbb{R}^{3 \\times 5}, X \\in \\mathbb{R}^{5 \\times 2}\n"
        r"\nabla_X \operatorname{tr}(A X B)",
    ),
    "not-square": Explanation(
        "an inverse, determinant, trace or power of a matrix that is not square",
        "These exist for square matrices only, and what is declared makes the matrix rectangular.",
        "declare the matrix square, or use A^T A (or a pseudo-inverse written out) instead.",
        "X \\in \\mathbb{R}^{3 \\times 2}\n" r"\nabla_X \operatorname{tr}(X^{-1})",
        "X \\in \\mathbb{R}^{n \\times n}\n" r"\nabla_X \operatorname{tr}(X^{-1})",
    ),
    "declaration": Explanation(
        "a declaration that cannot be read, or that contradicts another one",
        "A fact about a symbol is not one of the known forms, or two facts about the same symbol "
        "in one request cannot both hold.",
        "write X \\in \\mathbb{R}^{m \\times n}, x \\in \\mathbb{R}^n, t \\in \\mathbb{R}, "
        "S symmetric, S positive definite, D diagonal, Q orthogonal or X positive.",
        "symbols: {A: big}",
        "symbols: {A: m×n}",
    ),
    "unknown-symbol": Explanation(
        "a derivative by a symbol that neither occurs nor is declared",
        "The variable does not stand in the function, and nothing in the document says what it "
        "is, so it is probably a slip of the pen. For a declared symbol the answer is zero.",
        "correct the name, or declare the symbol if the answer 0 is meant.",
        r"\nabla_Z \operatorname{tr}(A X)",
        r"\nabla_X \operatorname{tr}(A X)",
    ),
    "unsupported": Explanation(
        "a well-formed request for which no rule exists",
        "The formula was understood, but the tables hold no rule for one of its functions, or the "
        "kind of derivative is not built.",
        "write the function by means of others, or keep the derivation in your own words.",
        r"\nabla_X \operatorname{rank}(X)",
    ),
    "not-equal": Explanation(
        "two sides that are asked to be shown equal, and are not",
        "Both sides of the = ? = were evaluated, and differ. The message gives the sizes and the "
        "entry where they do.",
        "look for a lost transpose or a wrong order of factors, or declare what makes the sides "
        "equal, such as a symmetric matrix.",
        r"\operatorname{tr}(AB) = ? = \operatorname{tr}(AB^T)",
        r"\operatorname{tr}(AB) = ? = \operatorname{tr}(BA)",
    ),
    "option": Explanation(
        "an option with an unknown name or a wrong value",
        "The metadata block mdiff:, an attribute of a .mdiff block or an option of the command has "
        "a name or value that is not known. The hint gives the nearest known one; everything else "
        "is done as if the option were not there.",
        "correct the name or the value.",
        "mdiff:\n  detial: brief",
        "mdiff:\n  detail: brief",
    ),
    "source": Explanation(
        "a file that cannot be read as a document",
        "The file is missing, is no text in UTF-8, or pandoc cannot read it in the format that its "
        "ending says. The other files are checked all the same; the exit code is 2.",
        "convert the file to UTF-8, or name its format with --from.",
        "mdiff check notes-in-latin1.md",
        "iconv -f latin1 -t utf-8 notes-in-latin1.md > notes.md\nmdiff check notes.md",
    ),
    "weave-marker": Explanation(
        "a comment of a woven derivation lost its partner",
        "mdiff weave puts a derivation between two comments, of which the first keeps what you "
        "wrote. One of the two is missing or was changed, so that it is not certain what to take "
        "out. The file is left as it is; the exit code is 1.",
        "put the missing comment back, or remove the other one and what was woven by hand.",
        "<!-- mdiff: $\\nabla_x x^T x = ?$ -->$\\nabla_x x^T x = 2 x$",
        "$\\nabla_x x^T x = ?$",
    ),
    "weave-place": Explanation(
        "a request at a place where no derivation can stand in the source",
        "mdiff weave writes the derivation where the request stands. It did not find the request "
        "in the source, as in an included file, or it stands in a table that is drawn with spaces, "
        "which longer text would break. A build answers it all the same.",
        "write it as a formula between dollars, or make the table one with pipes.",
        "  size   gradient\n------- ---------------------\n  n      $\\nabla_x x^T x = ?$",
        "| size | gradient |\n|---|---|\n| n | $\\nabla_x x^T x = ?$ |",
    ),
    "internal-check": Explanation(
        "a derivation whose own check failed: a fault of mdiff",
        "Every line of a derivation is checked against the line before, by arithmetic that knows "
        "no rule. One line did not pass, so nothing was printed; the message names the rule.",
        "please report the formula and the message. The document keeps your text.",
        "internal-check: the rule … does not hold here",
    ),
    "internal": Explanation(
        "a fault of mdiff itself",
        "Something happened that nobody thought of. The document keeps your text, and everything "
        "else in it is still done.",
        "please report the formula and the message.",
        "internal: mdiff failed with …",
    ),
    "json": Explanation(
        "a line on stdin that is no JSON object",
        "mdiff derive --jsonl reads one JSON object a line. The answer to a line that cannot be "
        "read has the id null; the lines after it are answered as usual.",
        "write one object a line and double every backslash inside strings.",
        r'{"latex": "\nabla_x x^T x"}',
        r'{"latex": "\\nabla_x x^T x"}',
    ),
}
