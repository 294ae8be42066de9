"""Real browser engines, and what they show: the oracle of everything else."""
