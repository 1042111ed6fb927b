"""What acts around a site: each command is one module with one function, which `cli` calls."""
