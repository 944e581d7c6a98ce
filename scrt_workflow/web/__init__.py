"""What people see: a module a blueprint, over the operations. Templates are in the top-level folder `templates/`."""
