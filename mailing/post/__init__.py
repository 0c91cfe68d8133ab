"""After sealing: numbers of the post, what comes back, accounts, pages as printed."""
