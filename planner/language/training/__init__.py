"""Training the reader: corpus, augmentation, network, fitting, export, and what its scores are."""
