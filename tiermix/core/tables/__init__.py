"""Any table that a company keeps: files to cells, and cells to dates and figures."""
