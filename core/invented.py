"""What tells a folder of invented people from a real one. Pure."""

MARK = "INVENTED.txt"
"""A file of this name stands in a load folder whose people are invented; production takes nothing from it."""
