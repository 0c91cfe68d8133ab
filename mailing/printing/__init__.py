"""Files for the printer, lists ahead of them, blank paper, tables of what was posted."""
