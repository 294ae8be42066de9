"""What a policy costs, measured side by side with its peers and with the floor.

``make bench`` runs it all; docs/performance.md says what is measured and what came out.
"""
