"""WRONG, to show what an attacker does: an API that reflects every origin."""
