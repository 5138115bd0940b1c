"""What is told about a request, and what never is."""
