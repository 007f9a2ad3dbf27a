"""An example for each rule: declarations and options, where it needs any, then a request."""

EXAMPLES: dict[str, str] = {
    "trace of a power": r"\nabla_X \operatorname{tr}(X^3) = ?",
    "log-determinant": r"\nabla_X \log \det X = ?",
    "power of a norm": r"\nabla_X \|X\|_F^4 = ?",
    "p-norm to the power p": r"\nabla_x \|x\|_3^3 = ?",
    "p-norm": r"\nabla_x \|x\|_1 = ?",
    "differential of a sum": r"\nabla_x (a^\top x + \|x\|^2) = ?",
    "product rule": r"\nabla_X \operatorname{tr}(A X B X) = ?",
    "quotient rule": r"\nabla_x \frac{a^\top x}{b^\top x} = ?",
    "product of scalars": r"\nabla_X \operatorname{tr}(A X) \det(X) = ?",
    "scalar multiple": r"\nabla_x \|(a^\top x) x\|^2 = ?",
    "Hadamard product": r"\nabla_x \|x \odot y\|^2 = ?",
    "Kronecker product": r"X \in \mathbb{R}^{n \times n}; A \in \mathbb{R}^{m \times m}; "
    r"\nabla_X \operatorname{tr}(X \otimes A) = ?",
    "elementwise quotient": r"\nabla_x \mathbf{1}^\top (a \oslash x) = ?",
    "inverse": r"\nabla_X \operatorname{tr}(A X^{-1}) = ?",
    "determinant": r"\nabla_X \det X = ?",
    "power": r"\nabla_x (a^\top x)^3 = ?",
    "exponential": r"\nabla_x 2^{a^\top x} = ?",
    "power of a matrix": r"\nabla_X a^\top X^3 b = ?",
    "elementwise power": r"\nabla_x \mathbf{1}^\top x^{\odot 3} = ?",
    "differential of a trace": r"\nabla_X \operatorname{tr}(A X) = ?",
    "elementwise function": r"\nabla_x \mathbf{1}^\top f(A x) = ?",
    "cyclic property": r"\nabla_X \operatorname{tr}(A X B) = ?",
    "trace of a transpose": r"\nabla_X \operatorname{tr}(A X^\top) = ?",
    "Hadamard product under a trace": r"\nabla_X \operatorname{tr}(A^\top (X \odot X)) = ?",
    "elementwise quotient under a trace": r"\nabla_X \operatorname{tr}(A^\top (X \oslash B)) = ?",
    "Diag under a trace": r"\nabla_x \operatorname{tr}(A \operatorname{diag}(x) B) = ?",
    "triangular part under a trace": r"\nabla_X \operatorname{tr}(A \operatorname{tril}(X)) = ?",
    "Kronecker product under a trace": r"\nabla_X \operatorname{tr}(A (B \otimes X)) = ?",
    "Hadamard product in an inner product": r"\nabla_x a^\top (b \odot x) = ?",
    "elementwise quotient in an inner product": r"\nabla_x a^\top (x \oslash b) = ?",
    "Diag in an inner product": r"\nabla_x a^\top \operatorname{diag}(x) B c = ?",
    "diagonal in an inner product": r"\nabla_X a^\top \operatorname{diag}(X) = ?",
    "vec in an inner product": r"\nabla_X \operatorname{vec}(X)^\top a = ?",
    "a scalar is its own trace": r"\nabla_X a^\top X b = ?",
    "differential of a constant": r"X \in \mathbb{R}^{n \times n}; \nabla_X a^\top b = ?",
    "differential of a transpose": r"\nabla_A \operatorname{tr}(A^\top) = ?",
    "differential of Diag": r"\nabla_x a^\top \operatorname{diag}(x) b = ?",
    "differential of a diagonal": r"\nabla_X a^\top \operatorname{diag}(X) = ?",
    "differential of a triangular part": (
        r"\nabla_X \operatorname{tr}(A \operatorname{tril}(X)) = ?"
    ),
    "differential of vec": r"\nabla_X a^\top \operatorname{vec}(X) = ?",
    "differential of unvec": r"\nabla_x \operatorname{tr}(A \operatorname{vec}^{-1}_{m,n}(x)) = ?",
    "differential of an entry": r"X \in \mathbb{R}^{m \times n}; \nabla_X X_{1,2} = ?",
    "differential of a row": r"\nabla_X X_{1:} a = ?",
    "differential of a column": r"\nabla_X a^\top X_{:1} = ?",
    "differential of a sum over an index": r"x_i \in \mathbb{R}^d; "
    r"\nabla_w \sum_{i=1}^n (y_i - w^\top x_i)^2 = ?",
    "piecewise constant": r"\nabla_x a^\top \operatorname{sign}(x) = ?",
    "derivative of sqrt": r"\nabla_x \mathbf{1}^\top \sqrt{x} = ?",
    "derivative of abs": r"\nabla_x \mathbf{1}^\top |x| = ?",
    "unvec under a trace": r"\nabla_x \operatorname{tr}(A \operatorname{vec}^{-1}_{m,n}(x)) = ?",
    "sum over an index": r"x_i \in \mathbb{R}^d; "
    r"\nabla_W \operatorname{tr}(A \sum_{i=1}^n W x_i x_i^\top) = ?",
    "trace of a scalar": r"\nabla_x \operatorname{tr}(a^\top x) = ?",
    "transpose of a scalar": r"\nabla_x x^\top a = ?",
    "sum over an index, in front": r"x_i \in \mathbb{R}^d; "
    r"\nabla_w \sum_{i=1}^n (y_i - w^\top x_i)^2 = ?",
    "entry as a product": r"X \in \mathbb{R}^{m \times n}; \nabla_X X_{1,2} = ?",
    "row as a product": r"\nabla_X X_{1:} a = ?",
    "column as a product": r"\nabla_X a^\top X_{:1} = ?",
    "symmetric variable": r"S symmetric; \nabla_S a^\top S b = ?",
    "skew variable": r"K = -K^\top; \nabla_K a^\top K b = ?",
    "diagonal variable": r"D diagonal; \nabla_D \operatorname{tr}(A D) = ?",
    "lower triangular variable": (r"L lower triangular; \nabla_L \operatorname{tr}(A L) = ?"),
    "upper triangular variable": (r"R upper triangular; \nabla_R \operatorname{tr}(A R) = ?"),
    "orthogonal variable": (
        r"Q \in \mathbb{R}^{n \times n} orthogonal; \nabla_Q \operatorname{tr}(A Q) = ?"
    ),
    "variable with orthonormal columns": (
        r"Q \in \mathbb{R}^{m \times n} orthogonal; \nabla_Q \operatorname{tr}(A Q) = ?"
    ),
    "unit vector as variable": r"x unit; \nabla_x a^\top x = ?",
    "symmetric variable, by entries": (
        r"symmetric: entries; S symmetric; \nabla_S \operatorname{tr}(A S) = ?"
    ),
    "unit length": r"u unit; \nabla_x u^\top u\, a^\top x = ?",
    "symmetry": r"A symmetric; \nabla_x x^\top A x = ?",
    "skew-symmetry": r"K = -K^\top; \nabla_x a^\top K^\top x = ?",
    "orthogonality": r"Q^\top Q = I; \nabla_X \operatorname{tr}(Q^{-1} X) = ?",
    "transpose of a product": r"\nabla_X \operatorname{tr}(A X B) = ?",
    "transpose": r"\nabla_X \operatorname{tr}((X B)^\top C) = ?",
    "inverse of an inverse": r"\nabla_X \det(X^{-1}) = ?",
    "a matrix times its inverse": r"\nabla_X \det(X^{-1}) = ?",
    "identity and zero": r"\nabla_X \operatorname{tr}(A I X) = ?",
    "powers of one matrix": r"\nabla_X \operatorname{tr}(A^2 X A^3) = ?",
    "Diag times a vector": r"\nabla_x x^\top \operatorname{diag}(y) x = ?",
    "diagonal of an outer product": (
        r"\nabla_x \operatorname{tr}(a b^\top \operatorname{diag}(x)) = ?"
    ),
    "operations that undo one another": r"A, X \in \mathbb{R}^{m \times n}; "
    r"\nabla_X \operatorname{vec}(X)^\top \operatorname{vec}(A) = ?",
    "trace of an outer product": r"\nabla_t a^\top (A + t I)^{-1} b = ?",
    "scalar factors of a chain": r"\nabla_x \operatorname{tr}(x y^\top z w^\top) = ?",
    "sum of ones": r"\nabla_x \mathbf{1}^\top \mathbf{1} a^\top x = ?",
    "zero factor": r"\nabla_x (x \odot (A \mathbf{0}))^\top x = ?",
    "elementwise coefficient": r"\nabla_x a^\top (2 b \odot x) = ?",
    "numbers in front": r"\nabla_x 2 \|3 x\|^2 = ?",
    "coefficient in front": r"\nabla_X \operatorname{tr}(2 X) = ?",
    "arithmetic": r"\nabla_x x^\top \log x = ?",
    "like terms": r"\nabla_x x^\top x = ?",
    "common factor": r"\nabla_x x^\top A x = ?",
    "common coefficient": r"\nabla_X \operatorname{tr}(A X) \det(X) = ?",
    "multiplying out": r"\nabla_x b^\top (x \odot (\mathbf{1} - a) + x \odot a) = ?",
    "Frobenius norm": r"\nabla_X \|A \otimes X\|_F^2 = ?",
    "inner product of quotients": (
        r"\nabla_x -y^\top \log\left(\frac{\exp(x)}{\mathbf{1}^\top \exp(x)}\right) = ?"
    ),
    "transpose of a sum": r"\nabla_X \operatorname{tr}(A X^4) = ?",
    "diagonal of a product": (
        r"\nabla_x \operatorname{tr}(\operatorname{diag}(x) A \operatorname{diag}(x) B) = ?"
    ),
    "distributive law": r"\nabla_X \operatorname{tr}(X^\top ((A + B) (C + D) - A C - B D)) = ?",
    "constant factor of a sum": r"x_i \in \mathbb{R}^d; "
    r"\nabla_w \sum_{i=1}^n (a^\top w) x_i^\top w = ?",
    "multiples of one matrix": r"\nabla_x (a^\top b \, c^\top x + b^\top d \, c^\top x) = ?",
    "sums over one index": r"x_i \in \mathbb{R}^d; a_i \in \mathbb{R}^d; "
    r"\nabla_w \sum_{i=1}^n (a_i^\top w) (x_i^\top w) = ?",
    "transpose of a whole product": (
        r"\nabla_X (\operatorname{tr}(A X^{-1} B C) + \operatorname{tr}(X X^\top)) = ?"
    ),
    "identity as a product": r"\nabla_X \operatorname{tr}(X (X + A)^{-1}) = ?",
    "powers joined": r"\nabla_X \operatorname{tr}((X + A)^{-1}) = ?",
    "diagonal part": r"\nabla_X \|\operatorname{diag}(X)\|^2 = ?",
    "order of terms": r"\nabla_w (\frac{1}{2} \|y - X w\|^2 + \frac{t}{2} \|w\|^2) = ?",
    "derivative of log": r"\nabla_x \mathbf{1}^\top \log(x) = ?",
    "derivative of exp": r"\nabla_x \mathbf{1}^\top \exp(x) = ?",
    "derivative of sin": r"\nabla_x \mathbf{1}^\top \sin(x) = ?",
    "derivative of cos": r"\nabla_x \mathbf{1}^\top \cos(x) = ?",
    "derivative of tan": r"\nabla_x \mathbf{1}^\top \tan(x) = ?",
    "derivative of arcsin": r"\nabla_x \mathbf{1}^\top \arcsin(x) = ?",
    "derivative of arccos": r"\nabla_x \mathbf{1}^\top \arccos(x) = ?",
    "derivative of arctan": r"\nabla_x \mathbf{1}^\top \arctan(x) = ?",
    "derivative of sinh": r"\nabla_x \mathbf{1}^\top \sinh(x) = ?",
    "derivative of cosh": r"\nabla_x \mathbf{1}^\top \cosh(x) = ?",
    "derivative of tanh": r"\nabla_x \mathbf{1}^\top \tanh(x) = ?",
    "derivative of arsinh": r"\nabla_x \mathbf{1}^\top \operatorname{arsinh}(x) = ?",
    "derivative of artanh": r"\nabla_x \mathbf{1}^\top \operatorname{artanh}(x) = ?",
    "derivative of sigma": r"\nabla_x \mathbf{1}^\top \sigma(x) = ?",
    "derivative of softplus": r"\nabla_x \mathbf{1}^\top \operatorname{softplus}(x) = ?",
    "derivative of relu": r"\nabla_x \mathbf{1}^\top \operatorname{relu}(x) = ?",
    "trace as an inner product of vecs": r"b \in \mathbb{R}^k; "
    r"\frac{\partial}{\partial \operatorname{vec}(X)^\top} \operatorname{tr}(A X) b = ?",
    "elementwise product as Diag": r"\frac{\partial}{\partial x^\top} \exp(A x) = ?",
    "Diag of either factor": (
        r"b \in \mathbb{R}^n; \frac{\partial}{\partial x^\top} A \operatorname{diag}(x) b = ?"
    ),
    "inner product in a product": r"\frac{\partial}{\partial x^\top} x x^\top b = ?",
    "Kronecker product of vectors": r"a \in \mathbb{R}^m; x \in \mathbb{R}^n; "
    r"\frac{\partial}{\partial x^\top} (a \otimes x) = ?",
    "vec of a Hadamard product": r"\frac{\partial \operatorname{vec}(A \odot X)}"
    r"{\partial \operatorname{vec}(X)^\top} = ?",
    "vec of a transpose": r"\frac{\partial \operatorname{vec}(A X^\top B)}"
    r"{\partial \operatorname{vec}(X)^\top} = ?",
    "vec of a Kronecker product": r"A \in \mathbb{R}^{m \times n}; X \in \mathbb{R}^{p \times q}; "
    r"\frac{\partial \operatorname{vec}(A \otimes X)}{\partial \operatorname{vec}(X)^\top} = ?",
    "vec of Diag": r"x \in \mathbb{R}^n; "
    r"\frac{\partial \operatorname{vec}(\operatorname{diag}(x))}{\partial x^\top} = ?",
    "diagonal by vec": r"X \in \mathbb{R}^{n \times n}; "
    r"\frac{\partial \operatorname{diag}(A X)}{\partial \operatorname{vec}(X)^\top} = ?",
    "chain rule": r"A \in \mathbb{R}^{m \times n}; B \in \mathbb{R}^{n \times p}; C = A B; "
    r"y = f(C); \frac{\partial y}{\partial A} = ?",
    "chain rule for Jacobians": r"W \in \mathbb{R}^{m \times n}; g(u) \in \mathbb{R}^{k}; "
    r"u = W x; z = g(u); \frac{\partial z}{\partial x^\top} = ?",
    "cross product as a matrix": r"A \in \mathbb{R}^{3 \times 3}; a \in \mathbb{R}^3; "
    r"\frac{\partial}{\partial x^\top} (a \times A x) = ?",
    "cross product as a matrix, turned": r"A \in \mathbb{R}^{3 \times 3}; a \in \mathbb{R}^3; "
    r"\frac{\partial}{\partial x^\top} (A x \times a) = ?",
    "vec of a product": (
        r"\frac{\partial \operatorname{vec}(A X B)}{\partial \operatorname{vec}(X)^\top} = ?"
    ),
    "mixed product": r"A, B, C, D \in \mathbb{R}^{n \times n}; "
    r"\frac{\partial}{\partial x^\top} (A \otimes B) (C \otimes D) x = ?",
    "inverse of a Kronecker product": r"A, B \in \mathbb{R}^{n \times n}; "
    r"\frac{\partial}{\partial x^\top} (A \otimes B)^{-1} x = ?",
    "commutation of a Kronecker product": (
        r"a \in \mathbb{R}^m; \frac{\partial X^\top a}{\partial \operatorname{vec}(X)^\top} = ?"
    ),
    "Kronecker product times a vec": r"A, B, C \in \mathbb{R}^{n \times n}; "
    r"\frac{\partial}{\partial x^\top} (A \otimes B) \operatorname{vec}(C) a^\top x = ?",
    "product of Diags": (
        r"x \in \mathbb{R}^n; \frac{\partial}{\partial x^\top} (a \odot \exp(b \odot x)) = ?"
    ),
    "sum of Diags": r"x \in \mathbb{R}^n; \frac{\partial}{\partial x^\top} x \odot \exp(x) = ?",
    "common Kronecker factor": r"\frac{\partial \operatorname{vec}(A X B + C X B)}"
    r"{\partial \operatorname{vec}(X)^\top} = ?",
    "commutation matrix taken out": (
        r"\frac{\partial \operatorname{vec}(X^\top X)}{\partial \operatorname{vec}(X)^\top} = ?"
    ),
    "softmax": r"\nabla_x y^\top \operatorname{softmax}(A x) = ?",
    "logarithm of softmax": r"\nabla_x y^\top \log(\operatorname{softmax}(x)) = ?",
    "logsumexp": r"\nabla_x \operatorname{logsumexp}(A x) = ?",
    "nuclear norm": r"\nabla_X \|X\|_* = ?",
    "maximum norm": r"\nabla_x \|A x\|_\infty = ?",
    "spectral norm": r"X \in \mathbb{R}^{m \times n}; \nabla_X \|X\|_2 = ?",
    "trace of expm": r"\nabla_X \operatorname{tr}(\operatorname{expm}(X)) = ?",
    "trace of logm": r"\nabla_X \operatorname{tr}(\operatorname{logm}(X)) = ?",
    "trace of sqrtm": r"\nabla_X \operatorname{tr}(\operatorname{sqrtm}(X)) = ?",
    "trace of sinm": r"functions: matrix; \nabla_X \operatorname{tr}(\sin(X)) = ?",
    "trace of cosm": r"functions: matrix; \nabla_X \operatorname{tr}(\cos(X)) = ?",
    "trace of sinhm": r"functions: matrix; \nabla_X \operatorname{tr}(\sinh(X)) = ?",
    "trace of coshm": r"functions: matrix; \nabla_X \operatorname{tr}(\cosh(X)) = ?",
    "matrix function along a line": r"\frac{d}{dt} x^\top \operatorname{expm}(t A) y = ?",
    "square root of a matrix": r"X positive definite; "
    r"\nabla_X \operatorname{tr}(A \operatorname{sqrtm}(X)) = ?",
    "pseudo-inverse": r"\nabla_X \operatorname{tr}(A X^+) = ?",
    "adjugate": r"\nabla_X \operatorname{tr}(A \operatorname{adj}(X)) = ?",
    "eigenvalue": r"S symmetric; \nabla_S \lambda_{\max}(S) = ?",
    "eigenvector": r"S symmetric; \nabla_S a^\top v_{\max}(S) = ?",
    "cross product": r"A \in \mathbb{R}^{3 \times 3}; \nabla_x a^\top (x \times A x) = ?",
    "triple product": r"a, b, x \in \mathbb{R}^3; \nabla_x a^\top (b \times x) = ?",
    "triple product, from the right": r"a, b, x \in \mathbb{R}^3; \nabla_x a^\top (x \times b) = ?",
    "block under a trace": r"A \in \mathbb{R}^{m \times n}; "
    r"\nabla_A \left\|\begin{bmatrix} A & B \end{bmatrix}\right\|_F^2 = ?",
    "differential of a block matrix": r"A \in \mathbb{R}^{m \times n}; "
    r"\nabla_A \left\|\begin{bmatrix} A & B \end{bmatrix}\right\|_F^2 = ?",
    "differential of an expectation": r"\nabla_A \mathbb{E}[x^\top A x] = ?",
    "linearity of the expectation": r"\nabla_A b^\top \mathbb{E}_{x}[A x] = ?",
    "expectation in front": r"\nabla_A \mathbb{E}[x^\top A x] = ?",
    "symmetric projector": r"\nabla_X y^\top X X^+ y = ?",
    "Moore-Penrose equations": r"\nabla_X y^\top X X^+ y = ?",
    "orthogonal complement": r"\nabla_X \operatorname{tr}(X X^+ A) = ?",
    "length of an eigenvector": r"A symmetric; \nabla_t \lambda_{\max}(A + t I) = ?",
    "sum of softmax": r"\nabla_x a^\top x \, \mathbf{1}^\top \operatorname{softmax}(x) = ?",
    "row times Diag": r"x \in \mathbb{R}^n; "
    r"\frac{\partial}{\partial x^\top} \frac{x}{\mathbf{1}^\top \exp(x)} = ?",
    "vec of an outer product": r"c \in \mathbb{R}^k; "
    r"\frac{\partial}{\partial x^\top} \operatorname{vec}(c a^\top) b^\top x = ?",
    "vec of a diagonal part": r"X \in \mathbb{R}^{n \times n}; "
    r"\frac{\partial}{\partial \operatorname{vec}(X)^\top} "
    r"\operatorname{vec}(\operatorname{diag}(\operatorname{diag}(X))) = ?",
    "trace of a Kronecker product": r"style: index; X \in \mathbb{R}^{n \times n}; "
    r"A \in \mathbb{R}^{m \times m}; \nabla_X \operatorname{tr}(A \otimes X) = ?",
    "second derivative of an unspecified function": r"x \in \mathbb{R}; "
    r"Y(x) \in \mathbb{R}^{n \times n}; \frac{\partial^2 \det(Y(x))}{\partial x^2} = ?",
    "norm of a cross product": r"style: index; b, x \in \mathbb{R}^3; "
    r"\nabla_x \|x \times b\|_2^2 = ?",
    "norm of a block matrix": r"style: index; A \in \mathbb{R}^{m \times n}; "
    r"\nabla_A \left\|\begin{bmatrix} A & B \end{bmatrix}\right\|_F^2 = ?",
    "product of block matrices": r"style: index; A \in \mathbb{R}^{m \times n}; "
    r"B \in \mathbb{R}^{m \times k}; x \in \mathbb{R}^n; y \in \mathbb{R}^k; "
    r"\nabla_B z^\top \begin{bmatrix} A & B \end{bmatrix} \begin{bmatrix} x \\ y \end{bmatrix}"
    " = ?",
    "trace of a function of a matrix by an entry": r"style: index; "
    r"\nabla_X \operatorname{tr}(\operatorname{expm}(A X)) = ?",
    "trace of a power by an entry": r"style: index; k \in \mathbb{R}; "
    r"\nabla_X \operatorname{tr}(X^k) = ?",
    "nuclear norm by an entry": r"style: index; \nabla_X \|A X\|_* = ?",
    "spectral norm by an entry": r"style: index; X \in \mathbb{R}^{m \times n}; "
    r"\nabla_X \|X\|_2 = ?",
    "eigenvalue by an entry": r"style: index; X \in \mathbb{R}^{m \times n}; t positive; "
    r"\nabla_t \lambda_{\max}(X X^\top + t I) = ?",
    "eigenvector by an entry": r"style: index; A symmetric; B symmetric; t \in \mathbb{R}; "
    r"\nabla_t a^\top v_{\max}(A + t B) = ?",
    "pseudo-inverse by an entry": r"style: index; X \in \mathbb{R}^{m \times n}; "
    r"\nabla_X \operatorname{tr}(A X^+) = ?",
    "adjugate by an entry": r"style: index; \nabla_X a^\top \operatorname{adj}(X) b = ?",
    "function of a matrix along a line, in entries": r"style: index; t \in \mathbb{R}; "
    r"\nabla_t x^\top \operatorname{expm}(t A) y = ?",
    "triple product by an entry": r"style: index; a, x \in \mathbb{R}^3; "
    r"A \in \mathbb{R}^{3 \times 3}; \nabla_x a^\top (x \times A x) = ?",
    "inner product with a vec by an entry": r"style: index; "
    r"\nabla_X \operatorname{vec}(X)^\top A \operatorname{vec}(X) = ?",
    "expectation by an entry": r"style: index; A \in \mathbb{R}^{n \times n}; "
    r"\nabla_A \mathbb{E}_{x}[x^\top A x] = ?",
    "Frobenius product in entries": r"style: index; \nabla_X \operatorname{tr}(A^\top X B) = ?",
    "trace in entries": r"style: index; \nabla_X \operatorname{tr}(A X B) = ?",
    "inner product in entries": r"style: index; \nabla_x x^\top A x = ?",
    "square of a norm in entries": r"style: index; \nabla_W \|X - W H\|_F^2 = ?",
    "norm in entries": r"style: index; \nabla_x \|A x - b\| = ?",
    "logsumexp in entries": r"style: index; x \in \mathbb{R}^n; "
    r"\nabla_x \operatorname{logsumexp}(x) = ?",
    "product in entries": r"style: index; \nabla_X \operatorname{tr}(A X B) = ?",
    "softmax in entries": r"style: index; \nabla_x a^\top \operatorname{softmax}(x) = ?",
    "power of a matrix as a product": r"style: index; \nabla_X \operatorname{tr}(X^3) = ?",
    "derivative of an entry": r"A, B \in \mathbb{R}^{n \times n}; "
    r"\frac{\partial (A B)_{ij}}{\partial A_{pq}} = ?",
    "product rule by an entry": r"style: index; \nabla_X \operatorname{tr}(A X B X) = ?",
    "power rule by an entry": r"style: index; \nabla_W \|X - W H\|_F^2 = ?",
    "log-determinant by an entry": r"style: index; \nabla_X \log \det X = ?",
    "chain rule by an entry": r"style: index; \nabla_x \mathbf{1}^\top \exp(A x) = ?",
    "chain rule through entries": r"style: index; A, B \in \mathbb{R}^{n \times n}; "
    r"f: \mathbb{R}^{n \times n} \to \mathbb{R}; \nabla_A f(A B) = ?",
    "logsumexp by an entry": r"style: index; x \in \mathbb{R}^n; "
    r"\nabla_x \operatorname{logsumexp}(x) = ?",
    "softmax by an entry": r"style: index; \nabla_x a^\top \operatorname{softmax}(x) = ?",
    "inverse by an entry": r"X \in \mathbb{R}^{n \times n}; "
    r"\frac{\partial (X^{-1})_{ij}}{\partial X_{pq}} = ?",
    "inverse of a function by an entry": r"style: index; "
    r"\nabla_X \operatorname{tr}((A X)^{-1}) = ?",
    "determinant by an entry": r"style: index; \nabla_X \det X = ?",
    "determinant of a function by an entry": r"style: index; \nabla_X \det(A X) = ?",
    "Kronecker delta": r"A, B \in \mathbb{R}^{n \times n}; "
    r"\frac{\partial (A B)_{ij}}{\partial A_{pq}} = ?",
    "block as a product": r"A \in \mathbb{R}^{m \times n}; y \in \mathbb{R}^p; "
    r"\frac{\partial}{\partial x^\top} \begin{bmatrix} A x \\ y \end{bmatrix} = ?",
    "part of a block matrix": r"style: backprop; X \in \mathbb{R}^{m \times n}; "
    r"\nabla_X \left\|\begin{bmatrix} X & C \end{bmatrix}\right\|_F^2 = ?",
    "sum of block matrices": r"\frac{d}{dt} \begin{bmatrix} t & t^2 \\ 1 & t \end{bmatrix} = ?",
}
