"""Random lecture notes in Markdown, in the notations of real ones, with what is wrong in them.

The notes define, derive, conclude, and also write what no checker can read: dots, cases, sets,
expectations, minimisers, undefined macros, broken LaTeX.
"""

from __future__ import annotations

from random import Random

# ruff: noqa: E501 (a formula stands on one line)
_CLAIMS = r"""
\nabla_{X} <tr>(A X B) = A<T> B<T>
\nabla_{X} <tr>(X<T> A X) = (A + A<T>) X
\nabla_{X} <tr>(X<T> A X) = 2 A X
\frac{\partial}{\partial X} \log\det X = X^{-<t>}
\frac{\partial \log |X|}{\partial X} = (X^{-1})<T>
\frac{\partial a<T> x}{\partial x} = a
\frac{\partial x<T> A x}{\partial x} = (A + A<T>) x
\nabla_x \left( x<T> A x + b<T> x \right) = 2 A x + b
\nabla_w \|X w - y\|^2 = 2 X<T> (X w - y)
\nabla_w \frac{1}{2n} \lVert X w - y \rVert_2^2 = \frac{1}{n} X<T> (X w - y)
\nabla_w \sum_{i=1}^n (y_i - w<T> x_i)^2 = -2 \sum_{i=1}^n (y_i - w<T> x_i) x_i
\frac{\partial C_{ij}}{\partial A_{pq}} = B_{qj} \delta_{ip}
\frac{\partial L}{\partial W} = \frac{\partial L}{\partial z} x<T>
\frac{\partial L}{\partial x} = W<T> \frac{\partial L}{\partial z}
\frac{\partial y}{\partial x} = \frac{\partial y}{\partial u} \frac{\partial u}{\partial x}
\frac{d}{dz} \sigma(z) = \sigma(z) (1 - \sigma(z))
\sigma'(z) = \sigma(z)(1-\sigma(z))
\tanh'(x) = 1 - \tanh^2(x)
\nabla^2 f(x) = 2 A
\nabla f(x) = A x - b
\nabla f(x^{(k)}) = 0
H = \nabla^2 f(x) = X<T> X
d(X^{-1}) = -X^{-1} \, dX \, X^{-1}
\mathrm{d} \log\det X = <tr>(X^{-1} \, \mathrm{d}X)
d f = <tr>(A\, dX\, B) = <tr>(B A \, dX)
(A B)<T> = B<T> A<T>
(A B)^{-1} = B^{-1} A^{-1}
<tr>(A B C) = <tr>(C A B) = <tr>(B C A)
<tr>(A B) = <tr>(B A)
\det(A B) = \det(A) \det(B)
\|x\|_2^2 = x<T> x
\|A\|_F^2 = <tr>(A<T> A)
\operatorname{vec}(A X B) = (B<T> \otimes A) \operatorname{vec}(X)
(A \otimes B)(C \otimes D) = A C \otimes B D
x<T> A x = <tr>(A x x<T>)
(A + B)(A - B) = A^2 - B^2
(A + U C V)^{-1} = A^{-1} - A^{-1} U (C^{-1} + V A^{-1} U)^{-1} V A^{-1}
\operatorname{diag}(x) y = x \odot y
x \circ y = y \circ x
\sum_{i=1}^n x_i y_i = x<T> y
\sum_i \sum_j A_{ij} B_{ij} = <tr>(A<T> B)
\sum_{i=1}^{n} (x_i - \bar{x})^2 = \sum_{i=1}^n x_i^2 - n \bar{x}^2
(A x)_i = \sum_{j} A_{ij} x_j
\begin{aligned} \nabla_w J(w) &= \nabla_w \frac{1}{2} (X w - y)<T> (X w - y) \\ &= \frac12 \nabla_w \left( w<T> X<T> X w - 2 y<T> X w + y<T> y \right) \\ &= X<T> X w - X<T> y \end{aligned}
\begin{aligned} \|x - y\|^2 &= (x - y)<T>(x - y) \\ &= x<T> x - 2 x<T> y + y<T> y \end{aligned}
\begin{align*} f(x + h) &= (x+h)<T> A (x+h) \\ &= x<T> A x + h<T>(A + A<T>) x + h<T> A h \end{align*}
\begin{eqnarray} \frac{\partial J}{\partial \theta_j} &=& \frac{1}{m} \sum_{i=1}^m (h(x^{(i)}) - y^{(i)}) x_j^{(i)} \end{eqnarray}
\frac{\partial}{\partial \mu} \log p(x) = \Sigma^{-1} (x - \mu)
\frac{\partial}{\partial \Sigma} \log|\Sigma| = \Sigma^{-1}
\begin{bmatrix} a & b \\ c & d \end{bmatrix}^{-1} = \frac{1}{ad - bc} \begin{bmatrix} d & -b \\ -c & a \end{bmatrix}
\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix} \begin{bmatrix} 1 \\ 1 \end{bmatrix} = \begin{bmatrix} 3 \\ 7 \end{bmatrix}
\frac{\partial f}{\partial x} = \begin{bmatrix} \frac{\partial f}{\partial x_1} & \cdots & \frac{\partial f}{\partial x_n} \end{bmatrix}
\nabla_\theta J(\theta) = \begin{bmatrix} \frac{\partial J}{\partial \theta_1} \\ \vdots \\ \frac{\partial J}{\partial \theta_n} \end{bmatrix}
\boxed{\nabla_{A} <tr>(A B) = B<T>}
\underbrace{A x}_{u} + b = b + A x
e^{A + B} = e^A e^B
\log(ab) = \log a + \log b
\frac{\partial \operatorname{softmax}(z)_i}{\partial z_j} = s_i (\delta_{ij} - s_j)
\frac{\partial \|x\|}{\partial x} = \frac{x}{\|x\|}
\frac{\partial}{\partial W} \frac{1}{2} \|W x - y\|^2 = (W x - y) x<T>
X<T> X w = X<T> y
w = (X<T> X)^{-1} X<T> y
\hat{w} = (X<T> X + \lambda I)^{-1} X<T> y
A x = \lambda x
A v = \lambda v \implies A^2 v = \lambda^2 v
Q<T> Q = I
P^2 = P = P<T>
U<T> U = I_r, \quad V<T> V = I_r
\frac{\partial (A B)}{\partial A} = B<T>
\delta^{l} = ((W^{l+1})<T> \delta^{l+1}) \odot \sigma'(z^l)
"""
_DEFINITIONS = r"""
f(x) = x<T> A x + b<T> x + c
f(X) = <tr>(A X B)
J(w) = \frac{1}{2n} \sum_{i=1}^n (w<T> x_i - y_i)^2
L(w, b) = -\sum_{i=1}^n y_i \log \hat{y}_i + (1 - y_i) \log (1 - \hat y_i)
C = A B
z = W x + b
h = \sigma(W x + b)
a^{l} = \sigma(W^l a^{l-1} + b^l)
y = X w + \epsilon
S = X<T> X
\Sigma = \frac{1}{n} \sum_{i=1}^n (x_i - \mu)(x_i - \mu)<T>
\mu := \frac{1}{n} \sum_{i=1}^{n} x_i
g(z) = \frac{1}{1 + e^{-z}}
\sigma(z) \triangleq \frac{1}{1 + \exp(-z)}
p(x \mid \mu, \Sigma) = \frac{1}{(2\pi)^{n/2} |\Sigma|^{1/2}} \exp\left( -\frac12 (x - \mu)<T> \Sigma^{-1} (x - \mu) \right)
\ell(\theta) = \sum_{i=1}^{n} \log p(x_i; \theta)
K_{ij} = k(x_i, x_j)
\phi(x) = (1, x, x^2)<T>
D = \operatorname{diag}(d_1, \dots, d_n)
x = \begin{bmatrix} x_1 \\ \vdots \\ x_n \end{bmatrix}
A = \begin{pmatrix} a_{11} & \cdots & a_{1n} \\ \vdots & \ddots & \vdots \\ a_{m1} & \cdots & a_{mn} \end{pmatrix}
\mathcal{L}(x, \lambda) = f(x) + \lambda<T> (A x - b)
A = U \Sigma V<T>
x_{k+1} = x_k - \alpha \nabla f(x_k)
w \leftarrow w - \eta \nabla_w L
\theta_{t+1} = \theta_t - \eta_t \, \hat{g}_t
\operatorname{relu}(x) = \max(0, x)
f(x) = \begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}
|x| = \begin{cases} x, & \text{if } x \ge 0 \\ -x, & \text{if } x < 0 \end{cases}
N = D = M = 2
"""
_OTHERS = r"""
X \in \mathbb{R}^{m \times n}
A \in \R^{n\times n}
x, y \in \mathbb{R}^n
n
x_i
W^{[l]}
\alpha > 0
\|x\|_2 \le \|x\|_1 \le \sqrt{n} \|x\|_2
f(y) \ge f(x) + \nabla f(x)<T> (y - x)
A \succeq 0
\min_{w} \|X w - y\|^2 + \lambda \|w\|_1
w^* = \arg\min_{w} \frac{1}{2} \|X w - y\|^2
\hat\theta = \operatorname*{argmax}_{\theta} \ell(\theta)
\theta^\star = \underset{\theta}{\arg\max} \; p(\theta \mid D)
\mathbb{E}[x x<T>] = \Sigma + \mu \mu<T>
\mathbb{E}[A x + b] = A \mathbb{E}[x] + b
\operatorname{Var}(a X) = a^2 \operatorname{Var}(X)
\operatorname{Cov}(A x) = A \operatorname{Cov}(x) A<T>
E[(X - E[X])^2] = E[X^2] - E[X]^2
x \sim \mathcal{N}(\mu, \Sigma)
P(A \cap B) = P(A) P(B \mid A)
p(x, y) = p(x) p(y \mid x)
\int_{-\infty}^{\infty} e^{-x^2} \, dx = \sqrt{\pi}
\lim_{h \to 0} \frac{f(x + h) - f(x)}{h} = f'(x)
\prod_{i=1}^n a_i = a_1 a_2 \cdots a_n
\sum_{k=0}^\infty \frac{x^k}{k!} = e^x
1 + 2 + \dots + n = \frac{n(n+1)}{2}
\{x : A x = b\}
\forall x \in \mathbb{R}^n : x<T> A x > 0
f : \mathbb{R}^n \to \mathbb{R}
x \mapsto A x
O(n^3)
\Rightarrow \quad x = A^{-1} b
\nabla_w L = 0 \implies w = (X<T> X)^{-1} X<T> y
\therefore \; \text{rank}(A) = n
\Tr(A B) = \Tr(B A)
\norm{x}^2 = \inner{x}{x}
\pdv{f}{x} = 2 x
\bm{A}\bm{x} = \bm{b}
\R^n
\ip{x, y} = x<T> y
\frac{\partial^2 f}{\partial x_i \partial x_j} = \frac{\partial^2 f}{\partial x_j \partial x_i}
D_{KL}(p \| q) = \sum_x p(x) \log \frac{p(x)}{q(x)}
\hat{y} = \operatorname{softmax}(W x + b)
\text{loss} = \text{mean}((y - \hat y)^2)
\text{Let } f(x) = x^2. \text{ Then } f'(x) = 2x
x_1 = 1, \quad x_2 = 2, \quad x_3 = 3
f(x) \approx f(a) + f'(a)(x - a) + \frac12 f''(a) (x-a)^2
y \propto x
\nabla \cdot F = \frac{\partial F_x}{\partial x} + \frac{\partial F_y}{\partial y}
\rho = \frac{x<T> A x}{x<T> x}
= A<T> (A x - b)
= 2 X<T> X w - 2 X<T> y
f(x) =
\frac{\partial L}{\partial b} = \sum_i \frac{\partial L}{\partial z_i} = ?
\nabla_x f = ?
A_{:,j}
B_{k:} X
\textcolor{red}{A x} = b
\xrightarrow{n \to \infty} 0
\overset{(a)}{=} A x
a \stackrel{\text{def}}{=} b + c
\left. \frac{\partial f}{\partial x} \right|_{x = x_0} = 0
\substack{i=1 \\ j=2}
50\%
\$100
\# \text{samples} = n
\begin{array}{cc} 1 & 2 \\ 3 & 4 \end{array}
\sum_{i \in S} x_i = \sum_{i \notin S} y_i
\sum_{i \ne j} A_{ij} = 0
\mathbf{1}<T> \mathbf{1} = n
\mathbf{1}_{\{x > 0\}}
\binom{n}{k} = \frac{n!}{k!(n-k)!}
\lceil x \rceil = \lfloor x \rfloor + 1
i^2 = -1
a \equiv b \pmod n
\frac{1}{1 - x} = 1 + x + x^2 + \dots
\nabla_{\vec{w}} (\vec{w} \cdot \vec{x}) = \vec{x}
\cfrac{\partial z}{\partial \vec w} = \vec x
\text{softmax}(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}
"""
_WORDS = (
    "We have",
    "Let",
    "It follows that",
    "Hence",
    "where",
    "Recall that",
    "Then",
    "Similarly,",
    "Consider the loss",
    "The gradient is",
    "By the chain rule,",
    "Substituting gives",
    "Define",
    "Assume that $A$ is symmetric, then",
    "Suppose $X \\in \\mathbb{R}^{m \\times n}$ and",
    "Note that for all $x$",
    "Setting the derivative to zero yields",
    "For example,",
)
_TRANSPOSES = ("^T", r"^\top", r"^{\mathrm T}", "'", r"^{\mathsf T}", r"^\intercal", "^{T}")
_TRACES = (r"\operatorname{tr}", r"\tr", "tr", r"\text{tr}", r"\operatorname{Tr}", r"\mathrm{tr}")
_STYLES = ("", "", "", r"\mathbf", r"\boldsymbol", r"\bm", r"\vec")
_LETTERS = {
    "A": "ABCGHKMPQRSW",
    "B": "BCDEFGN",
    "X": "XYZUVWA",
    "x": "xuvzqr",
    "y": "ytzbd",
    "w": "wvc",
    "a": "abc",
}
_ENVIRONMENTS = (r"\begin{", r"\operatorname", r"\mathrm", r"\text", r"\mathbb", r"\mathcal")


def formulas(seed: int) -> list[str]:
    """About a hundred templates filled in one hand: every note has its own notation."""
    rng = Random(seed)
    mark, trace = rng.choice(_TRANSPOSES), rng.choice(_TRACES)
    found = []
    for text in (_CLAIMS, _DEFINITIONS, _OTHERS):
        for line in text.strip().split("\n"):
            filled = line.replace("<T>", mark).replace("<tr>", trace).replace("<t>", "T")
            found.append(_varied(rng, filled))
    rng.shuffle(found)
    return found


def _varied(rng: Random, latex: str) -> str:
    """With other letters, another style, other numbers, and at times a fault of typing."""
    if rng.random() < 0.5:
        old = rng.choice(list(_LETTERS))
        new = rng.choice(_LETTERS[old])
        if not any(mark in latex for mark in _ENVIRONMENTS) and f"\\{old}" not in latex:
            latex = _letters(latex, old, new)
    style = rng.choice(_STYLES)
    if style:
        for letter in "AXBxyw":
            if rng.random() < 0.7 and not any(mark in latex for mark in _ENVIRONMENTS):
                latex = _letters(latex, letter, f"{style}{{{letter}}}")
    if rng.random() < 0.3:
        latex = latex.replace("2", str(rng.randint(2, 9)), 1)
    if rng.random() < 0.1:
        latex += rng.choice(
            (".", ",", r" \tag{1}", r" \qquad (4)", r" \label{eq:a}", r"\quad .", ";")
        )
    if rng.random() < 0.06:
        latex = _broken(rng, latex)
    return latex


def _letters(latex: str, old: str, new: str) -> str:
    """The letter replaced where it is no part of a command or a word."""
    parts = []
    for place, char in enumerate(latex):
        before, after = latex[place - 1 : place], latex[place + 1 : place + 2]
        inside = before.isalpha() or before == "\\" or (after.isalpha() and after.islower())
        parts.append(new if char == old and not inside else char)
    return "".join(parts)


def _broken(rng: Random, latex: str) -> str:
    place = rng.randrange(len(latex))
    match rng.randrange(5):
        case 0:
            return latex[:place] + latex[place + 1 :]
        case 1:
            return latex[:place]
        case 2:
            return latex[:place] + rng.choice("{}()[]^_&\\=") + latex[place:]
        case 3:
            return latex.replace("}", "", 1)
        case _:
            return latex.replace("{", "", 1)


def notes(count: int, seed: int = 0) -> str:
    """A Markdown document with ``count`` formulas; a fourth of them stand in a line of text."""
    rng = Random(seed)
    parts = ["# Notes"]
    pool: list[str] = []
    for number in range(count):
        if not pool:
            pool = formulas(rng.randrange(10**9))
            if number:
                parts.append(
                    f"# Chapter {number}" if rng.random() < 0.5 else f"## Section {number}"
                )
        latex = " ".join(pool.pop().split())
        words = rng.choice(_WORDS)
        if rng.random() < 0.25 and "\\begin" not in latex:
            parts.append(f"{words} ${latex}$ and so on.")
        else:
            parts.append(f"{words}\n\n$$ {latex} $$")
    return "\n\n".join(parts) + "\n"
