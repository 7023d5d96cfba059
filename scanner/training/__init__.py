"""Training, apart from scanning: the only place that imports TensorFlow."""
