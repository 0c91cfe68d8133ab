"""How people stand today: the board, and the one reader of the answer."""
