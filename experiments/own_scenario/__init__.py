"""A scenario of a company's own: its channels, years, seasons and size, from its table."""
