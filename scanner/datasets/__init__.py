"""Labelled data and page material that training and evaluation share."""
