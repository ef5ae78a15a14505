"""Mail: queued with what it is about, composed when its turn comes, handed over by the worker."""
