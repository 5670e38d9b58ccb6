"""What goods cost: the quote by the rules, and what may be given on top of it. Whole fen, and never under the floor."""
