"""What comes in from outside: the folders of `load`, the clerks' tables."""
