"""The words of the domain and the rules that always hold. Imports nothing of ours."""
