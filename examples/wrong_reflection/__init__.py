"""WRONG, and here to show why: an API that reflects every origin, with credentials."""
