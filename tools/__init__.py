"""Programs that the Makefile runs: environments, releases, checks of both."""
