"""Hearing and reading: bytes in, frozen results out. Heavy engines are imported in `engines` alone."""
