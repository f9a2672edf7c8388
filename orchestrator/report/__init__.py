"""Reports for people: HTML pages made from records."""
