"""Paper: sheets measured in millimetres, text that fits or refuses, deterministic PDF, and reading it back.

Knows no app and no Django: what is drawn is handed in as plain values.
"""
