"""Ways in: each channel proves who is asking, or says nobody did."""
