"""How the bundled model was made: ``python -m index.training`` repeats it.

Not part of the product: ``index``, ``rag`` and ``ui`` import nothing of it; ``evals`` reads the
same data.
"""
