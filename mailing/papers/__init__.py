"""What lies in an envelope and how each sheet reads, from the database alone."""
