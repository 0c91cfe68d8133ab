"""What decides, pure: facts, codes, the law's values, the month's rule, validity, shares, explanations and the answer."""
