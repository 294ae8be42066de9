"""What makes the generated parts of the documentation, each from one source."""
