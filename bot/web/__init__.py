"""The pages under /manage: rendered here, complete without a script, and shown only to people who are signed in."""
