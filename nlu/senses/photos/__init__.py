"""Pictures that are no receipts: what kind they are, what stands on them, and whether they were seen before."""
