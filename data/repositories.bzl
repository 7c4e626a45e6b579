"""Official data files (being written)."""

def data_repositories():
    pass
