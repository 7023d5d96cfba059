"""Labelled samples, and material for synthetic numbers and pages, shared by training and evaluation."""
