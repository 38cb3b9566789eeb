"""How the bundled model was made: ``python -m index.training`` repeats it.

Not part of the product: nothing outside this folder imports it.
"""
