"""The only modules that import a heavy engine. Each is imported by name, when a worker needs it."""
