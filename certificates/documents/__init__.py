"""What stands on a certificate: faces, serials, optional items, layouts."""
