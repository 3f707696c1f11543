"""What becomes of personal data: masked, shown, kept for a while, erased and proven gone."""
