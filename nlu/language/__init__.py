"""Chinese as sales reps speak and write it: amounts, times, names and what is done with them."""
