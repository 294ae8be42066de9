"""The classic CORS exchanges, played between two real servers."""
