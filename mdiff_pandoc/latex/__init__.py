"""The reader (LaTeX to expressions) and the printer (expressions to LaTeX)."""
