"""What the ink on a page is: classes of ink, ruled lines, tables, comb fields, and the cell each component stands in."""
