"""Reading requests and putting plans into words."""
