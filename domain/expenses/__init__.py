"""Expenses: which budget subject they belong to, what the company pays for, and what is left to pay from. Pure."""
