"""What people type: its shape, its length, and what to do when it is wrong."""
