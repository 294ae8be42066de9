"""A public API behind nginx, which caches and compresses its responses."""
