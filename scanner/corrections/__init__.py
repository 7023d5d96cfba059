"""What people say of the numbers that were read: kept beside the results, and put into them when they are written."""
