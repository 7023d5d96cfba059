"""Training, apart from scanning: the only package that imports TensorFlow."""
