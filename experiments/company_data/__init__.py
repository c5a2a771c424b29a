"""A company's own table: what its columns are, what is doubted, and the history that is in it."""
