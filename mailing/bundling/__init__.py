"""Between print and post: pulled, reprinted, imposed, exported, sealed and sent."""
