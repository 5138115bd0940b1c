"""The neutral form: values, and folds over them. Knows no dialect."""
