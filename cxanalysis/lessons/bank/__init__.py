"""The exercises of each lesson, in a module by its number."""
