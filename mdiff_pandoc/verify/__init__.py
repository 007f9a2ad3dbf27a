"""The judge: evaluators that know no rule of matrix calculus."""
