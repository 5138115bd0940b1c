"""What an operator can set: values and their defaults. Reading files is the app's."""
