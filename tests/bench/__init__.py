"""How fast the platform is, each figure beside a floor measured in the same run."""
