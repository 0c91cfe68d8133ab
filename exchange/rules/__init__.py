"""What decides about rows and months of the fund, pure: matching, gates, the words of its files."""
