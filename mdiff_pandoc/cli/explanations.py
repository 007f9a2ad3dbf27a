"""What each code in a message means and how to mend it."""

from __future__ import annotations

from mdiff_pandoc.cli.explain import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    "parse": Explanation(
        "the LaTeX is no formula that can be read",
        "A bracket is not closed, an operator has no operand, or the formula holds text that has "
        "no meaning as mathematics. The carets stand under the first place that does not fit.",
        "close the bracket, complete the term, or move prose out of the formula.",
        r"$$\nabla_x (x^T A = ?$$",
        r"$$\nabla_x (x^T A x) = ?$$",
    ),
    "unknown-command": Explanation(
        "a LaTeX command that is not known",
        "The formula uses a command that has no known meaning, often a macro of your own that "
        r"pandoc could not expand: it expands `\newcommand` and `\DeclareMathOperator` in Markdown "
        "and LaTeX, but not in GitHub Markdown.",
        r"define the macro in the document, or write the operator out with `\operatorname`.",
        r"$$\nabla_X \Spur(AX) = ?$$",
        r"$$\nabla_X \operatorname{tr}(AX) = ?$$",
    ),
    "too-large": Explanation(
        "the formula is larger or nested deeper than is read",
        "Formulas have limits on their length, on the depth of brackets, and on their size once "
        "the definitions of the document are put in, so that a build ends in time whatever it is "
        "given.",
        "split the formula, and ask for the derivative in names that are declared, not defined.",
        r"With $a = (x^\top x)(x^\top x)$, $b = aaaaaaaa$, $c = bbbbbbbb$,"
        "\n"
        r"$p = cccccccc$ and $q = pppppppp$:"
        "\n\n"
        r"$$\nabla_x \, q q = ?$$",
        r"With $q \in \mathbb{R}$:" "\n\n" r"$$\frac{d}{dq} q^2 = ?$$",
    ),
    "shape-mismatch": Explanation(
        "shapes that cannot meet",
        "The columns of one factor are not the rows of the next, or two terms of a sum have "
        "different shapes. The message names both with their shapes. Shapes come from declarations "
        "in the text, from `symbols` in the metadata, and from the formula itself.",
        "look for a lost transpose, a wrong order of factors, or a wrong declaration; a later "
        "declaration replaces an earlier one.",
        r"With $A \in \mathbb{R}^{3 \times 4}$ and $X \in \mathbb{R}^{5 \times 2}$:"
        "\n\n"
        r"$$\nabla_X \operatorname{tr}(A X B) = ?$$",
        r"With $A \in \mathbb{R}^{3 \times 5}$ and $X \in \mathbb{R}^{5 \times 2}$:"
        "\n\n"
        r"$$\nabla_X \operatorname{tr}(A X B) = ?$$",
    ),
    "not-square": Explanation(
        "an inverse, determinant, trace or power of a matrix that is not square",
        "These exist for square matrices only, and what is declared makes the matrix rectangular.",
        r"declare the matrix square, or use `A^T A`, or the pseudo-inverse `A^+`, instead.",
        r"With $X \in \mathbb{R}^{3 \times 2}$:"
        "\n\n"
        r"$$\nabla_X \det(X) = ?$$",
        r"With $X \in \mathbb{R}^{n \times n}$:"
        "\n\n"
        r"$$\nabla_X \det(X) = ?$$",
    ),
    "declaration": Explanation(
        "a declaration that cannot be read, or that contradicts another one",
        "A fact about a symbol is not one of the known forms, or two facts about the same symbol "
        "in one request cannot both hold.",
        r"write `X \in \mathbb{R}^{m \times n}`, `x \in \mathbb{R}^n`, `t \in \mathbb{R}`, "
        "`S symmetric`, `S positive definite`, `D diagonal`, `Q orthogonal` or `X positive`.",
        "``` mdiff\nX big\n\\nabla_X \\operatorname{tr}(A X)\n```",
        "``` mdiff\nX \\in \\mathbb{R}^{m \\times n}\n\\nabla_X \\operatorname{tr}(A X)\n```",
    ),
    "unknown-symbol": Explanation(
        "a derivative by a symbol that neither occurs nor is declared",
        "The variable does not stand in the function, and nothing in the document says what it "
        "is, so it is probably a slip of the pen. For a declared symbol the answer is zero.",
        "correct the name, or declare the symbol if the answer 0 is meant.",
        r"$$\nabla_Z \operatorname{tr}(A X) = ?$$",
        r"$$\nabla_X \operatorname{tr}(A X) = ?$$",
    ),
    "unsupported": Explanation(
        "a well-formed request for which no rule exists",
        "The formula was understood, but the tables hold no rule for one of its functions, or the "
        "kind of derivative is not built.",
        "write the function by means of others, or keep the derivation in your own words.",
        r"$$\nabla_X \operatorname{rank}(X) = ?$$",
    ),
    "not-equal": Explanation(
        "two sides that are asked to be shown equal, and are not",
        "Both sides of the `= ? =` were evaluated, and differ. The message gives the sizes and the "
        "entry where they do.",
        "look for a lost transpose or a wrong order of factors, or declare what makes the sides "
        "equal, such as a symmetric matrix.",
        r"$$\operatorname{tr}(AB) = ? = \operatorname{tr}(AB^T)$$",
        r"$$\operatorname{tr}(AB) = ? = \operatorname{tr}(BA)$$",
    ),
    "refuted": Explanation(
        "an equality of yours that does not hold",
        "Both sides were evaluated, a derivative by its definition, and they differ for the values "
        "that the message gives. Where one change of the right side makes it hold, the message "
        "says which.",
        "correct the line, or declare what it stands on, such as a symmetric matrix; for a line "
        "that is meant to be wrong, put it into a block of class `mdiff-skip`.",
        "::: mdiff-check\n" r"$\nabla_x x^\top A x = 2 A x$" "\n:::",
        "::: mdiff-check\n" r"With a symmetric matrix $A$: $\nabla_x x^\top A x = 2 A x$" "\n:::",
    ),
    "zero": Explanation(
        "a warning: the derivative is zero",
        "The variable does not stand in the function, or its terms cancel. The derivation is "
        "right, but a question with the answer 0 is often a slip of the pen.",
        "look whether the variable is the one that you mean.",
        r"With $Z \in \mathbb{R}^{m \times n}$:"
        "\n\n"
        r"$$\nabla_Z \operatorname{tr}(A X) = ?$$",
        r"$$\nabla_X \operatorname{tr}(A X) = ?$$",
    ),
    "not-verified": Explanation(
        "a warning: a derivation that could not be checked",
        "Every line is evaluated at random points. Here there was no point where both sides can be "
        "evaluated, for the reason in the message: often the function is defined nowhere, or its "
        "values are beyond all measure. The page says that the result is not verified.",
        "look whether the function is the one that you mean, and declare what its arguments need, "
        "such as positive entries.",
        r"$$\frac{d}{dt} \log(-t^2) = ?$$",
        r"$$\frac{d}{dt} \log(1 + t^2) = ?$$",
    ),
    "option": Explanation(
        "an option with an unknown name or a wrong value",
        "The metadata block `mdiff:`, an attribute of a block of class `mdiff` or an option of the "
        "command has a name or value that is not known. The help gives the nearest known one; "
        "everything else is done as if the option were not there.",
        "correct the name or the value.",
        "---\nmdiff:\n  detial: brief\n---",
        "---\nmdiff:\n  detail: brief\n---",
    ),
    "unread": Explanation(
        "a warning: a request that pandoc read as text",
        "There is a derivative with `= ?` behind it, but not in a formula: a formula ends at a "
        "blank line, no space may stand behind its opening dollar, GitHub Markdown and CommonMark "
        "take no LaTeX outside of dollars, and `\\(…\\)` has to be asked for.",
        "write the derivative between dollars, without a blank line.",
        "$$\n\\nabla_x x^T x\n\n= ?\n$$",
        "$$\n\\nabla_x x^T x\n= ?\n$$",
    ),
    "document": Explanation(
        "a document that the filter cannot read",
        "The filter reads what pandoc hands to it. That is of a pandoc that is too old, it is "
        "nested deeper than can be read, or it is no document at all, when the filter was not run "
        "by pandoc. A document of pandoc is passed on as it is.",
        "run the filter by pandoc 2.17 or newer; take what is nested apart.",
        "mdiff-pandoc notes.md",
        "pandoc notes.md --filter mdiff-pandoc -o notes.html",
        "sh",
    ),
    "source": Explanation(
        "a file that cannot be read as a document",
        "The file is missing, is no text in UTF-8, or pandoc cannot read it in the format that its "
        "ending says. The other files are checked all the same; the exit code is 2.",
        "convert the file to UTF-8, or name its format with `--from`.",
        "mdiff check notes-in-latin1.md",
        "iconv -f latin1 -t utf-8 notes-in-latin1.md > notes.md\nmdiff check notes.md",
        "sh",
    ),
    "empty": Explanation(
        "a warning: a file without text",
        "There is nothing in the file that could be checked, which is seldom meant.",
        "look whether the file is the one that you mean, and whether it was saved.",
        ": > notes.md\nmdiff check notes.md",
        "mdiff check chapters/notes.md",
        "sh",
    ),
    "cache": Explanation(
        "a warning: the file of the cache was damaged",
        "What is kept between builds could not be read, as after a full disk. The file was given "
        "another name, which the message tells, and a new one was begun; nothing else is lost.",
        "remove the damaged file, and look at the disk if it comes again.",
    ),
    "pandoc": Explanation(
        "pandoc could not build the document",
        "`mdiff build` runs pandoc, which is not installed, does not take one of the options "
        "that mdiff passes on, or needs a program that is not there, such as `pdflatex` for a PDF. "
        "Pandoc's own message stands above. The exit code is 2.",
        "do what the message says; a PDF can also be made by another engine, such as `typst`.",
        "mdiff build notes.md -o notes.html --no-such-option",
        "mdiff build notes.md -o notes.html --toc",
        "sh",
    ),
    "json": Explanation(
        "a line on stdin that is no JSON object",
        "`mdiff derive --jsonl` reads one JSON object a line. The answer to a line that cannot be "
        "read has the id null; the lines after it are answered as usual.",
        "write one object a line and double every backslash inside strings.",
        r'{"latex": "\partial_x x^T x"}',
        r'{"latex": "\\partial_x x^T x"}',
        "json",
    ),
    "weave-marker": Explanation(
        "a comment of a woven derivation lost its partner",
        "`mdiff weave` puts a derivation between two comments, of which the first keeps what you "
        "wrote. One of the two is missing or was changed, so that it is not certain what to take "
        "out. The file is left as it is; the exit code is 1.",
        "put the missing comment back, or remove the other one and what was woven by hand.",
        "<!-- mdiff: $\\nabla_x x^T x = ?$ -->$\\nabla_x x^T x = 2 x$",
        "$\\nabla_x x^T x = ?$",
    ),
    "weave-place": Explanation(
        "a request at a place where no derivation can stand in the source",
        "`mdiff weave` writes the derivation where the request stands. It did not find the request "
        "in the source, as in an included file, or it stands in a table that is drawn with spaces "
        "or lines, which longer text would break; or what stands around it would make the woven "
        "comments none. It alone is left out, and a build answers it all the same.",
        "write it as a formula between dollars, or make the table one with pipes.",
        "  size   gradient\n------- ---------------------\n  n      $\\nabla_x x^T x = ?$",
        "| size | gradient |\n|---|---|\n| n | $\\nabla_x x^T x = ?$ |",
    ),
    "weave-amsmath": Explanation(
        "a warning: LaTeX needs a package for what was woven",
        "Derivations are set with `aligned`, `\\text` and `\\operatorname`, which the package "
        "amsmath has. The preamble of this document loads neither it nor one that brings it along.",
        "load the package in the preamble.",
        "\\documentclass{article}\n\\begin{document}\n$$\\nabla_x x^T x = ?$$\n\\end{document}",
        "\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\n"
        "$$\\nabla_x x^T x = ?$$\n\\end{document}",
        "latex",
    ),
    "weave-edited": Explanation(
        "a warning: a woven derivation was changed by hand",
        "`mdiff weave` and `--strip` make a derivation anew, or take it out, whatever stands "
        "between its two comments. The change that was made there is lost. `mdiff build` shows it "
        "as it stands: no evaluator has seen it.",
        "write the change into the request, in the first comment, or below the derivation.",
    ),
    "weave-write": Explanation(
        "a source that could not be replaced",
        "The file is read-only, its folder cannot be written to, or it was changed while the "
        "derivations were made. It is left as it is; the exit code is 1.",
        "make the file writable, or run the command again when nobody else writes the file.",
    ),
    "internal-check": Explanation(
        "a derivation whose own check failed: a fault of mdiff",
        "Every line of a derivation is checked against the line before, by arithmetic that knows "
        "no rule. One line did not pass, so nothing was printed; the message names the rule.",
        "please report the formula and the message. The document keeps your text.",
    ),
    "internal": Explanation(
        "a fault of mdiff itself",
        "Something happened that nobody thought of. The document keeps your text, and everything "
        "else in it is still done.",
        "please report the formula and the message.",
    ),
}
