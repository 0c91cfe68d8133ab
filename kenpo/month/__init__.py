"""The steps of a month and of a day in order, and the work they are asked for as."""
