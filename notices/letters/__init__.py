"""Letters and prefilled forms: what they say (pure), how they stand on paper, and printing them.

Source: print.md "Letters".
"""
