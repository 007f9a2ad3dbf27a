"""Tables of spellings: which LaTeX command, word or character stands for what."""

from __future__ import annotations

_SPELLINGS = {
    "trace": "tr Tr TR trace Trace Sp",
    "det": "det Det determinant",
    "logdet": "logdet logDet lndet",
    "log": "log ln Log Ln",
    "exp": "exp Exp",
    "sqrt": "sqrt",
    "abs": "abs",
    "sign": "sign sgn",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "cot": "cot",
    "sec": "sec",
    "csc": "csc",
    "arcsin": "arcsin asin",
    "arccos": "arccos acos",
    "arctan": "arctan atan",
    "sinh": "sinh",
    "cosh": "cosh",
    "tanh": "tanh Tanh",
    "arsinh": "arsinh arcsinh asinh",
    "arcosh": "arcosh arccosh acosh",
    "artanh": "artanh arctanh atanh",
    "sigma": "sigmoid Sigmoid sigm logistic expit",
    "softplus": "softplus Softplus SoftPlus",
    "relu": "relu ReLU Relu RELU",
    "step": "step heaviside Heaviside",
    "softmax": "softmax Softmax SoftMax",
    "logsumexp": "logsumexp LogSumExp lse LSE",
    "expm": "expm",
    "logm": "logm",
    "diag": "diag",
    "Diag": "Diag",
    "tril": "tril",
    "triu": "triu",
    "vec": "vec Vec",
    "unvec": "unvec mat Mat reshape",
    "rank": "rank rk",
    "max": "max",
    "min": "min",
    "sqrtm": "sqrtm",
    "sinm": "sinm",
    "cosm": "cosm",
    "sinhm": "sinhm",
    "coshm": "coshm",
    "pinv": "pinv",
    "adj": "adj Adj adjugate",
    "cof": "cof Cof cofactor",
    "blkdiag": "blkdiag blockdiag BlkDiag bdiag",
}
HEADS: dict[str, str] = {  # as written -> canonical name
    word: name for name, words in _SPELLINGS.items() for word in words.split()
}
HEAD_COMMANDS = {
    "\\" + word
    for word in (
        "tr Tr trace Trace det logdet log ln exp sin cos tan cot sec csc arcsin arccos arctan "
        "sinh cosh tanh diag Diag sgn sign abs softmax logsumexp sigmoid relu ReLU softplus "
        "arsinh artanh arcosh rank max min expm logm sqrtm unvec adj Adj cof pinv LSE blkdiag"
    ).split()
}
ENDS_OPERAND = {"trace", "det", "logdet"}  # a trace without brackets does not run into these
INVERSES = {
    "sin": "arcsin",
    "cos": "arccos",
    "tan": "arctan",
    "sinh": "arsinh",
    "cosh": "arcosh",
    "tanh": "artanh",
    "vec": "unvec",
}
BARE_HEADS = (  # letters that are a head when a bracket follows
    "trace Trace logdet logsumexp softmax sigmoid softplus relu ReLU tr Tr diag Diag vec exp log "
    "ln det sinh cosh tanh sin cos tan sign"
).split()
SPACED_HEADS = {word for word in BARE_HEADS if len(word) > 3}  # di\,ag, as text recognition has it

GREEK = frozenset(
    "\\" + name
    for name in (
        "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa "
        "lambda mu nu xi omicron pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi "
        "omega Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron "
        "Pi Rho Sigma Tau Upsilon Phi Chi Psi Omega "
        "varGamma varDelta varTheta varLambda varXi varPi varSigma varPhi varPsi varOmega"
    ).split()
)
LETTER_COMMANDS = frozenset(
    ["\\ell", "\\hbar", "\\infty", "\\imath", "\\jmath", "\\Re", "\\Im", "\\emptyset"]
)
BLACKBOARD_MACROS = frozenset(
    ["\\R", "\\N", "\\Z", "\\Q", "\\C", "\\E", "\\RR", "\\NN", "\\ZZ", "\\CC", "\\EE", "\\reals"]
)
DOTS = frozenset(
    ["\\dots", "\\ldots", "\\cdots", "\\vdots", "\\ddots", "\\dotsc", "\\dotsb", "\\iddots"]
)
BOLD_FONTS = frozenset(["\\mathbf", "\\boldsymbol", "\\bm", "\\pmb", "\\mathbfit", "\\symbf"])
PLAIN_FONTS = frozenset(
    ["\\mathrm", "\\mathsf", "\\mathit", "\\mathnormal", "\\mathtt", "\\mathup", "\\symup"]
)
PREFIX_FONTS = {
    "\\mathcal": "cal_",
    "\\mathscr": "scr_",
    "\\mathfrak": "frak_",
    "\\mathbb": "bb_",
    "\\mathds": "bb_",
    "\\mathbbm": "bb_",
}
FONTS = BOLD_FONTS | PLAIN_FONTS | PREFIX_FONTS.keys()
ARROWS = frozenset(["\\vec", "\\overrightarrow", "\\underline"])  # marks of a vector, no new name
ACCENTS = {
    "\\hat": "hat_",
    "\\widehat": "hat_",
    "\\tilde": "tilde_",
    "\\widetilde": "tilde_",
    "\\bar": "bar_",
    "\\overline": "bar_",
    "\\dot": "dot_",
    "\\ddot": "ddot_",
    "\\check": "check_",
    "\\breve": "breve_",
    "\\acute": "acute_",
    "\\grave": "grave_",
    "\\mathring": "ring_",
}

OPERATORS = {  # what is written -> canonical operator
    "+": "+",
    "-": "-",
    "/": "/",
    "\\div": "/",
    "*": "*",
    "\\ast": "*",
    "\\cdot": "\\cdot",
    "\\bullet": "\\cdot",
    "\\times": "\\times",
    "\\odot": "\\odot",
    "\\circ": "\\odot",
    "\\oslash": "\\oslash",
    "\\oldiv": "\\oslash",
    "\\otimes": "\\otimes",
    ":": ":",
    "\\colon": ":",
}
RELATIONS = frozenset(
    "= < > := =: \\coloneqq \\eqqcolon \\triangleq \\doteq \\defeq \\in \\notin \\ni \\le \\leq "
    "\\leqslant \\ge \\geq \\geqslant \\ne \\neq \\lt \\gt \\ll \\gg \\approx \\simeq \\sim \\cong "
    "\\equiv \\propto \\to \\rightarrow \\longrightarrow \\mapsto \\longmapsto \\Rightarrow "
    "\\implies \\Longrightarrow \\Leftrightarrow \\iff \\leftarrow \\gets \\prec \\preceq \\succ "
    "\\succeq \\preccurlyeq \\succcurlyeq \\subset \\subseteq \\supset \\supseteq \\perp".split()
)
FRACTIONS = frozenset(["\\frac", "\\dfrac", "\\tfrac", "\\cfrac", "\\sfrac", "\\nicefrac"])
DERIVATIVE_MACROS = {"\\pdv": "partial", "\\dv": "d", "\\diffp": "partial", "\\diff": "d"}
NORM_MACROS = frozenset(["\\norm", "\\Norm"])
TRANSPARENT = frozenset(  # commands whose argument stands for itself
    "\\boxed \\fbox \\ensuremath \\mathop \\mathbin \\mathrel \\mathord \\mathopen \\mathclose "
    "\\mathinner \\underbrace \\overbrace \\eqalign \\displaylines \\smash \\mathstrut "
    "\\cancel \\textcolor \\mathcolor \\colorbox \\hl".split()
)
COLOURED = frozenset(["\\textcolor", "\\mathcolor", "\\colorbox"])  # their first argument is a name
BRACED = frozenset(["\\underbrace", "\\overbrace"])  # their script is a remark
MATRICES = frozenset(
    "matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix array psmallmatrix bsmallmatrix "
    "matrix* pmatrix* bmatrix*".split()
)
LAYOUTS = frozenset(
    "aligned align align* alignat alignat* alignedat split gather gather* gathered equation "
    "equation* eqnarray eqnarray* multline multline* multlined flalign flalign* displaymath "
    "math subequations".split()
)
INDEX_LETTERS = frozenset("ijklmnpqrst")
UNREAD = frozenset(  # well-formed LaTeX outside of what mdiff computes with
    "\\int \\iint \\iiint \\oint \\coprod \\lim \\limsup \\liminf \\sup \\inf \\binom "
    "\\dbinom \\tbinom \\pm \\mp \\bigoplus \\oplus \\ominus \\cup \\cap \\wedge \\vee "
    "\\forall \\exists \\neg \\land \\lor \\mid \\setminus \\argmin \\argmax \\star "
    "\\bigotimes \\bigodot \\underset \\overset \\substack \\over \\atop".split()
)
REFUSED = frozenset(
    "\\input \\include \\includegraphics \\write \\openout \\openin \\read \\def \\edef \\gdef "
    "\\xdef \\let \\newcommand \\renewcommand \\providecommand \\DeclareMathOperator "
    "\\NewDocumentCommand \\newenvironment \\href \\url \\csname \\catcode \\usepackage "
    "\\immediate "
    "\\special \\directlua \\loop \\expandafter \\documentclass \\ref \\eqref \\cite".split()
)

UNICODE = {  # characters that stand for commands
    "−": "-",
    "–": "-",
    "‐": "-",
    "·": "\\cdot",
    "⋅": "\\cdot",
    "×": "\\times",
    "⊙": "\\odot",
    "∘": "\\circ",
    "⊘": "\\oslash",
    "⊗": "\\otimes",
    "∇": "\\nabla",
    "∂": "\\partial",
    "∑": "\\sum",
    "Σ": "\\Sigma",
    "∈": "\\in",
    "≤": "\\le",
    "≥": "\\ge",
    "≠": "\\ne",
    "≈": "\\approx",
    "≔": ":=",
    "≡": "\\equiv",
    "→": "\\to",
    "⇒": "\\Rightarrow",
    "′": "'",
    "’": "'",
    "‖": "\\|",
    "∥": "\\|",
    "⟨": "\\langle",
    "〈": "\\langle",
    "⟩": "\\rangle",
    "〉": "\\rangle",
    "∞": "\\infty",
    "ℓ": "\\ell",
    "ℝ": "\\R",
    "⊤": "\\top",
    "√": "\\sqrt",
    "…": "\\dots",
    "⋯": "\\dots",
    "⋮": "\\vdots",
    "⋱": "\\ddots",
    "∗": "*",
    "∶": ":",
    "ϵ": "\\epsilon",
    "ε": "\\varepsilon",
    "φ": "\\varphi",
    "ϕ": "\\phi",
    "µ": "\\mu",
    **{
        letter: "\\" + name
        for letter, name in zip(
            "αβγδζηθικλμνξπρςστυχψωΓΔΘΛΞΠΦΨΩ",
            "alpha beta gamma delta zeta eta theta iota kappa lambda mu nu xi pi rho varsigma "
            "sigma tau upsilon chi psi omega Gamma Delta Theta Lambda Xi Pi Phi Psi Omega".split(),
            strict=True,
        )
    },
}
SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵀⁿⁱ", "0123456789-+Tni", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₙₘₓ", "0123456789ijknmx", strict=True))

KNOWN_COMMANDS = (
    HEAD_COMMANDS
    | GREEK
    | LETTER_COMMANDS
    | BLACKBOARD_MACROS
    | DOTS
    | FONTS
    | ARROWS
    | ACCENTS.keys()
    | {word for word in OPERATORS if word[0] == "\\"}
    | {word for word in RELATIONS if word[0] == "\\"}
    | FRACTIONS
    | DERIVATIVE_MACROS.keys()
    | NORM_MACROS
    | TRANSPARENT
    | {"\\nabla", "\\partial", "\\sum", "\\sqrt", "\\operatorname", "\\text", "\\left", "\\right"}
    | {"\\top", "\\intercal", "\\begin", "\\end", "\\lvert", "\\rvert", "\\lVert", "\\rVert"}
    | {"\\langle", "\\rangle", "\\vert", "\\Vert", "\\prime", "\\star", "\\dagger"}
)
