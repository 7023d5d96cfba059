"""What the ink on a page is: ink classes, ruled lines, tables, comb fields, and the cell each component stands in."""
