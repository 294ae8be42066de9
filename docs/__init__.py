"""The documentation: pages in Markdown, and the tables and drawings made for them."""
