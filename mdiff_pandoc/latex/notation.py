"""How an author writes: what the printer needs to give a result back in the same hand."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct, field

MEMBER = "[]"  # in a name, the members of a family; in its LaTeX, the place of the index


class Notation(Struct, frozen=True):
    """The author's own notation, as the reader saw it.

    ``symbols`` maps a symbol's name to its LaTeX (``X`` to ``\\mathbf{X}``), that of a family with
    `MEMBER` behind it to the LaTeX of a member (``x[]`` to ``x^{([])}``). ``transpose`` is the
    superscript without the caret (``T``, ``\\top``, ``{\\mathsf T}`` or ``'``). ``heads`` maps a
    head (``trace``, ``det``, ``hadamard``, ``diag``, ``Diag``, ``vec``, ``log``, ``sigma``,
    ``ones``, ``identity``, ``norm``…) to the LaTeX that the author used for it; ``det`` and
    ``norm`` may be ``bars``. Further heads: ``ones_matrix`` (``J``), ``kron``, ``basis``,
    ``delta``, ``zero``, ``differential``; ``exp`` may be ``e``, for :math:`e^x`, and ``entry``
    ``a``, for the entries :math:`a_{ij}` of A.

    Matrix functions have the heads ``expm``, ``logm``, ``sqrtm``, ``sinm``…; where the author
    means them by ``\\exp(X)``, that is the head. ``expm`` may be ``e``, ``sqrtm`` ``\\sqrt``
    or the superscript ``^{1/2}``. Others: ``softmax``, ``logsumexp``, ``adj``, ``eigenvalue``,
    ``eigenvector``, ``left_singular_vector``, ``right_singular_vector``, ``expectation``
    (ending in ``_`` where what is random stands below), ``commutation``; ``pseudo_inverse`` is the
    superscript, ``+``.

    ``plain_norms``: Euclidean and Frobenius norms are written without a subscript. ``sized``:
    identities and vectors of ones carry their size (``I_{n}``).
    """

    symbols: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    transpose: str = r"\top"
    heads: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    plain_norms: bool = False
    sized: bool = False
